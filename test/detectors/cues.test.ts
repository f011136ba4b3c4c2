/** The constructed cues on inputs whose answer is known. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blink, countBlinks, eyeAspectRatio, poissonSurprise } from '../../detectors/blink.ts';
import { noisePattern } from '../../detectors/noise-pattern.ts';
import { pulse } from '../../detectors/pulse.ts';
import { type FaceTrack, writeTrack } from '../../src/head/track.ts';
import { createRng } from '../../src/random.ts';
import type { Detector, Frame, OpenClip } from '../../src/types.ts';
import { openFrames, paint, stillTrack } from '../support/clips.ts';

const [width, height, fps] = [96, 96, 25];
const face = { x: 16, y: 12, width: 64, height: 76 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-cues-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function shown(
  id: string,
  frames: Frame[],
  track: FaceTrack = stillTrack(width, height, face, frames.length),
): Promise<OpenClip> {
  const path = join(folder, id);
  await writeTrack(path, track);
  const open = openFrames(id, frames);
  return { ...open, clip: { ...open.clip, track: { path, sha256: id } } };
}

const scoreOf = async (detector: Detector, clip: OpenClip): Promise<number> =>
  (await detector.load(undefined, {}, 1)).score(clip);

/** A picture that drifts, with the sensor's noise; `change` gives what is added to a pixel. */
function film(id: string, count: number, change: (t: number, x: number, y: number) => number): Frame[] {
  const rng = createRng(1, id);
  return Array.from({ length: count }, (_, t) =>
    paint(width, height, (x, y) => {
      const value = 130 + 20 * Math.sin((x + 3 * t) / 13) * Math.cos(y / 17) + rng.normal(0, 2);
      const more = change(t, x, y);
      return [value + 30, value + more, value - 20 + 0.6 * more];
    }),
  );
}

test('skin with a heartbeat scores below skin without', async () => {
  const beat = (t: number): number => Math.sin((2 * Math.PI * 1.2 * t) / fps);
  const alive = await shown('alive', film('alive', 250, beat));
  const dead = await shown(
    'dead',
    film('dead', 250, () => 0),
  );
  expect(await scoreOf(pulse, alive)).toBeLessThan((await scoreOf(pulse, dead)) - 3);
});

test('a voice with a track shows neither eyes nor pattern', async () => {
  const heard = await shown('heard', [], stillTrack(width, height, face, 50));
  for (const detector of [blink, noisePattern])
    await expect(scoreOf(detector, heard)).rejects.toMatchObject({
      code: 'E_NOT_APPLICABLE',
      message: 'heard: has no picture',
    });
});

test('what the question does not fit is not applicable, and why', async () => {
  const short = await shown(
    'short',
    film('short', 20, () => 0),
  );
  await expect(scoreOf(pulse, short)).rejects.toMatchObject({
    code: 'E_NOT_APPLICABLE',
    message: 'short: lasts 0.80 s; a pulse needs 2 s',
  });
  const grey = paint(width, height, () => [90, 90, 90]);
  const still = await shown(
    'still',
    Array.from({ length: 60 }, () => grey),
  );
  await expect(scoreOf(pulse, still)).rejects.toThrow('the colour of its skin never changes');
  const bare = openFrames('bare', [grey, grey]);
  for (const detector of [pulse, blink, noisePattern])
    await expect(scoreOf(detector, bare)).rejects.toMatchObject({ code: 'E_NOT_APPLICABLE' });
  const one = await shown('one', [grey]);
  await expect(scoreOf(noisePattern, one)).rejects.toThrow('one frame has nothing to be compared with');
});

test('a mouth on the sensor scores below a mouth painted over its pattern', async () => {
  const rng = createRng(1, 'sensor');
  const pattern = Array.from({ length: width * height }, () => rng.normal(0, 2));
  const filmed = film('filmed', 24, (_, x, y) => pattern[y * width + x]!);
  const clean = film('clean', 24, () => 0);
  const genuine = await scoreOf(noisePattern, await shown('filmed', filmed));
  const painted = await scoreOf(noisePattern, await shown('clean', clean));
  expect(genuine).toBeLessThan(-50);
  expect(Math.abs(painted)).toBeLessThan(-genuine / 4);
});

test('the aspect ratio of an eye is its definition', () => {
  // Corners at (0, 0) and (6, 0), lids 1 above and below at one place and 2 at the other.
  const points = [0, 0, 2, -1, 4, -2, 6, 0, 4, 2, 2, 1];
  expect(eyeAspectRatio(points, 0)).toBeCloseTo((2 + 4) / 12, 12);
  expect(eyeAspectRatio([9, 9, ...points], 1)).toBeCloseTo(0.5, 12);
});

test('two frames below 0.2 are a blink, one is not, and a long one is one', () => {
  const [o, c] = [0.3, 0.1];
  expect(countBlinks([o, c, o, c, c, o, c, c, c, c])).toBe(2);
  expect(countBlinks([o, 0.2, 0.2, 0.2])).toBe(0);
});

test('the surprise is that of the Poisson distribution', () => {
  for (const count of [0, 1, 2, 5]) {
    const factorial = [1, 1, 2, 6, 24, 120][count]!;
    expect(poissonSurprise(count, 0.68)).toBeCloseTo(
      -Math.log((Math.exp(-0.68) * 0.68 ** count) / factorial),
      12,
    );
  }
});

test('nobody blinks for a minute: more suspicious than for two seconds', async () => {
  const frame = paint(4, 4, () => [1, 2, 3]);
  const [brief, long] = await Promise.all(
    [50, 1500].map(async (count) =>
      scoreOf(blink, await shown(`stare ${count}`, [frame], stillTrack(width, height, face, count))),
    ),
  );
  expect(brief).toBeCloseTo((17 * 2) / 60, 6);
  expect(long).toBeCloseTo(17, 6);
});
