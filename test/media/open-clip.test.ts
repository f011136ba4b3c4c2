import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { probe } from '../../src/media/probe.ts';
import type { Clip, Frame, Media } from '../../src/types.ts';
import { goldenPath } from '../golden/make.ts';
import { describeClip } from '../support/clips.ts';
import { all, workFolder } from './tools.ts';

const at = workFolder();
const clipOf = (media: Media): Clip => ({ ...describeClip('the clip', []), media });

test('a small clip is decoded once, whoever reads it how often', async () => {
  await copyFile(goldenPath('clip.mp4'), at('clip.mp4'));
  const open = openClip(clipOf(await probe(at('clip.mp4'))));
  const [first, second] = await Promise.all([all(open.frames()), all(open.frames())]);
  expect(first).toHaveLength(25);
  expect(second[24]).toBe(first[24]);
  const sound = await open.audio();
  expect([sound.sampleRate, sound.samples.length]).toEqual([16000, 16000]);
  await rm(at('clip.mp4'));
  expect(await open.audio()).toBe(sound);
  expect((await all(open.frames()))[0]).toBe(first[0]);
});

test('a large clip is decoded again, and never held as a whole', async () => {
  const wide = { width: 1920, height: 1088, data: new Uint8Array(3 * 1920 * 1088).fill(90) };
  const media = await encodeClip(at('large.mp4'), {
    frames: Array.from({ length: 22 }, () => wide),
    fps: 25,
    width: 1920,
    height: 1088,
  });
  const open = openClip(clipOf(media));
  const first = await firstOf(open.frames());
  const again = await firstOf(open.frames());
  expect(Buffer.compare(again.data, first.data)).toBe(0);
  expect(again === first).toBe(false);
});

async function firstOf(frames: AsyncIterable<Frame>): Promise<Frame> {
  for await (const frame of frames) return frame;
  throw new Error('no frame');
}

test('nothing is read before it is asked for', () => {
  expect(() => openClip(clipOf({ path: at('missing.mp4'), sha256: '' }))).not.toThrow();
});

test('what is not there is named, and why', async () => {
  const silent = openClip(clipOf(await probe(goldenPath('silent.mp4'))));
  await expect(silent.audio()).rejects.toMatchObject({
    code: 'E_NOT_APPLICABLE',
    message: expect.stringContaining('no sound'),
  });
  const recording = openClip(clipOf(await probe(goldenPath('tone.wav'))));
  await expect(all(recording.frames())).rejects.toMatchObject({
    code: 'E_NOT_APPLICABLE',
    message: expect.stringContaining('no picture'),
  });
  const bytes = await readFile(goldenPath('clip.mov'));
  await writeFile(at('cut.mov'), bytes.subarray(0, 4000));
  const damaged = openClip(clipOf({ path: at('cut.mov'), sha256: 'unknown' }));
  await expect(all(damaged.frames())).rejects.toMatchObject({ code: 'E_MEDIA_TRUNCATED' });
  await expect(damaged.audio()).rejects.toMatchObject({ code: 'E_MEDIA_TRUNCATED' });
});

test('a clip that is no longer what was probed is an error', async () => {
  const media = await probe(goldenPath('clip.mp4'));
  const longer = openClip(clipOf({ ...media, video: { ...media.video!, frameCount: 30 } }));
  await expect(all(longer.frames())).rejects.toMatchObject({ code: 'E_MEDIA_TRUNCATED' });
  const louder = openClip(clipOf({ ...media, audio: { sampleRate: 16000, sampleCount: 20000 } }));
  await expect(louder.audio()).rejects.toMatchObject({ code: 'E_MEDIA_TRUNCATED' });
});

test('a photo is a clip of one frame', async () => {
  const frames = await all(openClip(clipOf(await probe(goldenPath('photo.jpg')))).frames());
  expect(frames.map(({ width, height }) => [width, height])).toEqual([[96, 64]]);
});
