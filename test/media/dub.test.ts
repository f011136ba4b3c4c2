import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { dubClip } from '../../src/media/dub.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { createRng } from '../../src/random.ts';
import type { Frame, Media } from '../../src/types.ts';
import { noisy } from '../support/clips.ts';

let folder: string;
let pair: [Media, Media];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-dub-'));
  pair = [await clip('a'), await clip('b')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function clip(name: string): Promise<Media> {
  const rng = createRng(1, 'dub', name);
  const frames = Array.from({ length: 30 }, (_, i) => noisy(`${name} ${i}`, 64, 48, 9));
  const samples = Float32Array.from({ length: 19200 }, () => rng.normal(0, 0.1));
  return encodeClip(join(folder, `${name}.mp4`), {
    frames,
    fps: 25,
    width: 64,
    height: 48,
    audio: { sampleRate: 16000, samples },
  });
}

async function all(path: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(path)) frames.push(frame);
  return frames;
}

it('decodes to the very frames of the one and the very samples of the other', async () => {
  const [a, b] = pair;
  const dubbed = await dubClip(join(folder, 'dubbed.mp4'), a, b);
  expect({ video: dubbed.video, audio: dubbed.audio }).toEqual({ video: a.video, audio: b.audio });
  expect(await all(dubbed.path)).toEqual(await all(a.path));
  expect(await decodeAudio(dubbed.path, 16000)).toEqual(await decodeAudio(b.path, 16000));
});

it('is the same, byte for byte, when made again, and leaves nothing else behind', async () => {
  const [a, b] = pair;
  const twice = [join(folder, 'one.mp4'), join(folder, 'two.mp4')];
  for (const path of twice) await dubClip(path, a, b);
  const [one, two] = await Promise.all(twice.map((path) => readFile(path)));
  expect(one!.equals(two!)).toBe(true);
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('refuses to put together what is not of one length', async () => {
  const [a, b] = pair;
  const longer = { ...a, video: { ...a.video!, frameCount: a.video!.frameCount + 2 } };
  await expect(dubClip(join(folder, 'x.mp4'), longer, b)).rejects.toMatchObject({ code: 'E_LENGTH_DIFFERS' });
});

it('refuses a file that is not there by name', async () => {
  const gone = { ...pair[0], path: join(folder, 'gone.mp4') };
  await expect(dubClip(join(folder, 'x.mp4'), gone, pair[1])).rejects.toMatchObject({
    code: 'E_MEDIA_MISSING',
  });
});
