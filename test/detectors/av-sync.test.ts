import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contrast, contrastOf, embeddingCount, framesSeen } from '../../detectors/av-sync/network.ts';
import { prepare, putPicture, putSound } from '../../detectors/av-sync/windows.ts';
import { avSync } from '../../detectors/av-sync/index.ts';
import { loadTensorFlow } from '../../src/compute/backends.ts';
import { dubClip } from '../../src/media/dub.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { createRng } from '../../src/random.ts';
import { cropHeight, cropWidth } from '../../src/sync/mouth-crops.ts';
import { readClip } from '../../src/sync/sync-input.ts';
import type { Clip, Model } from '../../src/types.ts';
import { directContext } from '../support/context.ts';
import { talker } from '../support/talkers.ts';

let folder: string;
let model: Model;
let unseen: Clip[];
const options = avSync.options.parse({ preset: 'smoke' }) as never;
const frameCount = 50;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-av-sync-'));
  const genuine = async (...ids: string[]) => {
    const made = [];
    for (const id of ids) made.push({ clip: await talker(folder, id, frameCount), truth: 'real' as const });
    return made;
  };
  const examples = {
    train: await genuine('a-0', 'a-1', 'b-0', 'b-1', 'c-0', 'c-1'),
    validation: await genuine('d-0', 'e-0'),
  };
  model = await avSync.train!(examples, options, directContext(folder));
  unseen = [await talker(folder, 'x-0', frameCount, 'test'), await talker(folder, 'y-0', frameCount, 'test')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('dubbed clips of people it has not met score above genuine ones, of the same pictures and sounds', async () => {
  const scorer = await avSync.load(model, options, 1);
  for (const [i, clip] of unseen.entries()) {
    const media = await dubClip(join(folder, `dub-${i}.mp4`), clip.media, unseen[1 - i]!.media);
    const [genuine, dubbed] = [
      await scorer.score(openClip(clip)),
      await scorer.score(openClip({ ...clip, media })),
    ];
    expect(dubbed).toBeGreaterThan(genuine);
  }
});

test('says how often it finds moved sound again', async () => {
  const { figures } = await avSync.evaluate!(unseen, model, options, directContext(folder));
  const found = figures['offsetFoundWithin1Frame/shifted by 0 to 5']!;
  expect(found.value).toBeGreaterThan(0.8);
  const untracked = unseen.map((clip): Clip => {
    const bare = { ...clip };
    delete bare.track;
    return bare;
  });
  const none = await avSync.evaluate!(untracked, model, options, directContext(folder));
  expect(none.figures['offsetFoundWithin1Frame/shifted by 0 to 5']).toMatchObject({ value: null });
});

test('the two forms of its loss agree', async () => {
  const tf = await loadTensorFlow('cpu');
  const rng = createRng(1, 'contrast');
  const rows = Array.from({ length: 8 }, () =>
    Float32Array.from({ length: embeddingCount }, () => rng.normal(0, 0.12)),
  );
  const [picture, sound] = [rows.slice(0, 4), rows.slice(4)];
  const stack = (part: Float32Array[]) =>
    tf.tensor2d(
      part.flatMap((row) => [...row]),
      [4, embeddingCount],
    );
  const loss = contrast(tf, stack(picture), stack(sound), 4).dataSync()[0]!;
  expect(contrastOf(picture, sound)).toBeCloseTo(loss, 4);
  expect(contrastOf(picture, picture)).toBeLessThan(contrastOf(picture, sound));
});

test('a window is five neighbouring crops, channels last, and the 20 rows of sound around their middle', async () => {
  const clip = prepare(await readClip(unseen[0]!));
  expect(clip.count).toBe(frameCount - framesSeen + 1);
  const picture = new Float32Array(cropHeight * cropWidth * framesSeen);
  putPicture(picture, 0, clip.pictures, 7);
  for (const [k, pixel] of [
    [0, 3],
    [4, 700],
  ] as const)
    expect(picture[pixel * framesSeen + k]).toBe(clip.pictures[7 + k]![pixel]);
  const sound = new Float32Array(20 * 13);
  putSound(sound, 0, clip, 7);
  // Window 7 is centred on frame 9, which lasts from 0.36 to 0.4 s: rows 28 to 47.
  expect([...sound]).toEqual([...clip.cepstra.subarray(28 * 13, 48 * 13)]);
});

test('normalised pictures have mean 0 over the clip in every pixel', async () => {
  const { pictures } = prepare(await readClip(unseen[1]!));
  for (const pixel of [0, 500, 1000]) {
    const mean = pictures.reduce((sum, picture) => sum + picture[pixel]!, 0) / pictures.length;
    expect(Math.abs(mean)).toBeLessThan(1e-4);
  }
});
