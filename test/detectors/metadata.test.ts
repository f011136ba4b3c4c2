import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { metadataFeatures } from '../../detectors/metadata.job.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { formatNames } from '../../src/media/format-names.ts';
import { writePng } from '../../src/media/images.ts';
import { probe } from '../../src/media/probe.ts';
import { noisy } from '../support/clips.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-metadata-'));
});
afterAll(() => rm(folder, { recursive: true }));

const encode = (name: string, noise: number, frameCount: number) =>
  encodeClip(join(folder, name), {
    frames: Array.from({ length: frameCount }, (_, i) => noisy(`${i}`, 64, 48, noise)),
    fps: 25,
    width: 64,
    height: 48,
    audio: { sampleRate: 16000, samples: new Float32Array((16000 * frameCount) / 25) },
  });

it('sees the packing and neither content nor byte size', async () => {
  const [quiet, loud, longer] = [
    await encode('quiet.mp4', 1, 10),
    await encode('loud.mp4', 60, 10),
    await encode('longer.mp4', 1, 11),
  ];
  const features = await metadataFeatures(quiet);
  expect(features.slice(0, 7)).toEqual([64, 48, 25, 10, 0.4, 16000, 6400]);
  expect(await metadataFeatures(loud)).toEqual(features);
  expect((await metadataFeatures(longer)).slice(3, 7)).toEqual([11, 0.44, 16000, 7040]);
});

it('names container, codecs and formats', async () => {
  const { path } = await encode('names.mp4', 1, 5);
  const names = await formatNames(path);
  expect(names).toContain('container=mov,mp4,m4a,3gp,3g2,mj2');
  expect(names).toContain('video.codec=h264');
  expect(names).toContain('video.pixels=yuv420p');
  expect(names).toContain('audio.codec=aac');
  const photo = join(folder, 'photo.png');
  await writePng(photo, noisy('a', 8, 8, 9));
  expect(await formatNames(photo)).toEqual(['container=png']);
  expect((await metadataFeatures(await probe(photo))).slice(0, 7)).toEqual([8, 8, 1, 1, 1, 0, 0]);
});
