import { expect, it } from 'vitest';
import { createRng } from '../../src/random.ts';
import type { SyncInput } from '../../src/sync/sync-input.ts';
import { offsetErrors, shiftSound, type SyncNet, syncOf } from '../../src/sync/sync-net.ts';

const [fps, sampleRate, frameCount] = [25, 16000, 40];
const perFrame = sampleRate / fps;
const rng = createRng(1, 'sync-net');
const levels = Float32Array.from({ length: frameCount }, () => rng.uniform());
const input: SyncInput = {
  fps,
  crops: [...levels].map((level) => Float32Array.of(level)),
  sound: {
    sampleRate,
    samples: Float32Array.from(
      { length: frameCount * perFrame },
      (_, i) => levels[Math.floor(i / perFrame)]!,
    ),
  },
};
/** Sees and hears the level of each frame. */
const levelNet: SyncNet = {
  width: 1,
  see: async ({ crops }) => Float32Array.from(crops, (crop) => crop[0]!),
  hear: async ({ crops, sound }) =>
    Float32Array.from({ length: crops.length }, (_, t) => sound.samples[Math.floor((t + 0.5) * perFrame)]!),
  close() {},
};

it('moves sound by whole frames, silence comes in', () => {
  const late = shiftSound(input, 2).sound.samples;
  expect(late).toHaveLength(input.sound.samples.length);
  expect([...late.subarray(0, 2 * perFrame)].every((sample) => sample === 0)).toBe(true);
  expect(late.subarray(2 * perFrame)).toEqual(input.sound.samples.subarray(0, (frameCount - 2) * perFrame));
  const early = shiftSound(input, -3).sound.samples;
  expect(early.subarray(0, (frameCount - 3) * perFrame)).toEqual(input.sound.samples.subarray(3 * perFrame));
});

it('finds moved sound again', async () => {
  expect((await syncOf(levelNet, input)).offset).toBe(0);
  expect(await offsetErrors(levelNet, input, [-5, -1, 0, 1, 5])).toEqual([0, 0, 0, 0, 0]);
  const misled: SyncNet = { ...levelNet, hear: (moved) => levelNet.hear(shiftSound(moved, 1)) };
  expect(await offsetErrors(misled, input, [0, 2])).toEqual([1, 1]);
});

it('refuses a clip of less than a second by name', async () => {
  const short = { ...input, crops: input.crops.slice(0, 10) };
  await expect(syncOf(levelNet, short)).rejects.toMatchObject({ code: 'E_TOO_SHORT' });
});
