/** What every perturbation keeps, whatever it does: it is fair to real and fake, and repeatable. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { perturbations } from '../../src/perturbations/index.ts';
import { createRng } from '../../src/random.ts';
import type { Audio, Frame, OpenClip, Series } from '../../src/types.ts';
import { noisy, openFrames } from '../support/clips.ts';
import { distortionAt } from '../support/distortions.ts';
import { programFor, useSystemFfmpeg } from '../media/tools.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-perturbations-'));
});

const sampleRate = 16_000;
const [width, height] = [96, 80];
const frames = [0, 1, 2].map((i) => noisy(`frame ${i}`, width, height, 10));
const samples = Float32Array.from(
  { length: 9600 },
  (_, t) =>
    0.3 * Math.sin((2 * Math.PI * 440 * t) / sampleRate) * Math.sin((2 * Math.PI * 3 * t) / sampleRate),
);
const open = (): OpenClip => ({
  ...openFrames('clip', frames),
  audio: async () => ({ sampleRate, samples }),
});

const cases = Object.values(perturbations).flatMap((perturbation) =>
  perturbation
    .series(perturbation.options.parse({}))
    .filter(({ levels }) => levels.every((level) => 'distort' in level))
    .flatMap((series) =>
      [...new Set([1, series.levels.length])].map(
        (level) => [`${series.name} ${level}`, series, level] as const,
      ),
    ),
);

async function seen(clip: OpenClip): Promise<{ frames: Frame[]; audio: Audio }> {
  const list: Frame[] = [];
  for await (const frame of clip.frames()) list.push(frame);
  return { frames: list, audio: await clip.audio() };
}

const distorted = async (series: Series, level: number, who = 'person'): Promise<OpenClip> =>
  distortionAt(series, level)(open(), createRng(1, who), folder);

test('names say whose series they are, and are given once', () => {
  for (const { name, options, series } of Object.values(perturbations)) {
    expect(perturbations[name]?.name).toBe(name);
    for (const one of series(options.parse({})))
      expect([name, `${name}/`]).toContain(
        one.name.split('/').length > 1 ? `${one.name.split('/')[0]}/` : one.name,
      );
  }
  const names = cases.map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(cases)('%s', (_, series, level) => {
  // The ffmpeg that npm installs has no GSM.
  if (series.name === 'sound-codecs/gsm') {
    useSystemFfmpeg();
    beforeEach(({ skip }) => void programFor('ffmpeg', skip));
  }
  test('keeps size, number and length, changes what it says, and nothing else', async () => {
    const after = await seen(await distorted(series, level));
    expect(after.frames.map((frame) => [frame.width, frame.height])).toEqual(
      frames.map(() => [width, height]),
    );
    expect(after.audio.sampleRate).toBe(sampleRate);
    expect(after.audio.samples.length).toBe(samples.length);
    const samePicture = after.frames.every(({ data }, i) => Buffer.compare(data, frames[i]!.data) === 0);
    const sameSound = after.audio.samples.every((value, t) => value === samples[t]);
    expect({ samePicture, sameSound }).toEqual({
      samePicture: series.changes === 'sound',
      sameSound: series.changes === 'picture',
    });
    expect(after.audio.samples.every((value) => Math.abs(value) <= 1)).toBe(true);
    // The clip it was given is not touched.
    expect(frames[0]!.data).toEqual(noisy('frame 0', width, height, 10).data);
  });

  test('gives the same to whoever reads it, and again', async () => {
    const [clip, again] = [await distorted(series, level), await distorted(series, level)];
    for await (const frame of clip.frames()) {
      expect(frame.width).toBe(width);
      break; // a reader that stops early
    }
    const first = await seen(clip);
    expect(await seen(clip)).toEqual(first);
    expect(await seen(again)).toEqual(first);
  });
});

test('a clip without picture or without sound stays without', async () => {
  const { video: _, ...media } = open().clip.media;
  const silent: OpenClip = {
    clip: { ...open().clip, media },
    frames: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no picture')) }),
    }),
    audio: () => Promise.reject(new Error('no sound')),
  };
  for (const [, series, level] of cases) {
    const clip = await distortionAt(series, level)(silent, createRng(1), folder);
    await expect(clip.frames()[Symbol.asyncIterator]().next()).rejects.toThrow('no picture');
    await expect(clip.audio()).rejects.toThrow('no sound');
  }
});
