import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { selfBlend } from '../../generators/self-blend.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { readImageSize, writePng } from '../../src/media/images.ts';
import { probe } from '../../src/media/probe.ts';
import { makeFakeFilm } from '../../src/pipeline/fake-film.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { publishClip } from '../../src/pipeline/publish.job.ts';
import { besideTarget } from '../../src/quality/beside-target.ts';
import { type Beside, judgeBesideTarget } from '../../src/quality/beside-target.job.ts';
import type { Clip, Frame, Media } from '../../src/types.ts';
import { all, workFolder } from '../media/tools.ts';
import { describeClip, noisy } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { encodeLossless } from '../support/lossless.ts';
import { talker } from '../support/talkers.ts';

const at = workFolder();
const window = { left: 20, right: 43, top: 12, bottom: 33 };

/** Lightens the window in all frames but the first. */
const lighten = defineJob<{ target: Clip }, Media>({
  name: 'lighten',
  module: import.meta.url,
  threads: 1,
  run: ({ target }, work) =>
    makeFakeFilm(work, {
      target,
      label: 'lightened',
      repaint: (frame, index) => (index === 0 ? frame : lightened(frame)),
    }),
});

function lightened(frame: Frame): Frame {
  const data = frame.data.slice();
  for (let y = window.top; y <= window.bottom; y++)
    for (let x = window.left; x <= window.right; x++) {
      const i = 3 * (y * frame.width + x);
      for (let c = 0; c < 3; c++) data[i + c] = Math.min(255, data[i + c]! + 12 + ((x + y) % 5));
    }
  return { ...frame, data };
}

async function pairOf(target: Clip): Promise<Beside> {
  const context = directContext(at(''));
  const [fake, copy] = [
    await context.run(lighten, { target }),
    await context.run(publishClip, { clip: target }),
  ];
  return { person: target.id, target, fake, copy };
}

async function filmed(id: string, frames: Frame[]): Promise<Clip> {
  const [{ width, height }] = frames as [Frame];
  const media = await encodeLossless(at(`${id}.mp4`), { frames, fps: 25, width, height });
  return { ...describeClip(id, []), media };
}

/** `measure` of every value in the window, of the frames named of each film. */
async function meanInWindow(
  films: readonly Media[],
  frames: readonly number[],
  measure: (...values: number[]) => number,
): Promise<number> {
  const decoded = await Promise.all(films.map(({ path }) => all(decodeFrames(path))));
  let [sum, count] = [0, 0];
  for (let y = window.top; y <= window.bottom; y++)
    for (let x = window.left; x <= window.right; x++)
      for (let c = 0; c < 3; c++) {
        sum += measure(
          ...decoded.flatMap((film) => frames.map((t) => film[t]!.data[3 * (y * film[t]!.width + x) + c]!)),
        );
        count++;
      }
  return sum / count;
}

test('PSNR and flicker are those of every third repainted frame, in the box of what was repainted', async () => {
  const pair = await pairOf(
    await filmed(
      'moving',
      Array.from({ length: 8 }, (_, i) => noisy(`m ${i}`, 64, 48, 9)),
    ),
  );
  const input = { generator: 'lighten', clips: [pair], seed: 1 };
  const { figures, sheet } = await directContext(at('')).run(judgeBesideTarget, input);
  for (const [name, film] of [
    ['lighten', pair.fake],
    ['copy-target', pair.copy],
  ] as const) {
    let [decibels, ratios] = [0, 0];
    // Of the frames 0, 3 and 6 the first was not repainted.
    for (const t of [3, 6]) {
      const mse = await meanInWindow([pair.target.media, film], [t], (a, b) => (a! - b!) ** 2);
      decibels += (10 * Math.log10(255 ** 2 / mse)) / 2;
      const unrest = (media: Media): Promise<number> =>
        meanInWindow([media], [t - 1, t, t + 1], (a, b, c) => Math.abs(a! - 2 * b! + c!));
      ratios += (await unrest(film)) / (await unrest(pair.target.media)) / 2;
    }
    expect(figures[`psnrDb/${name}`]!.value).toBeCloseTo(decibels, 9);
    expect(figures[`flickerRatio/${name}`]!.value).toBeCloseTo(ratios, 9);
    expect(figures[`ssim/${name}`]!.value).toBeGreaterThan(0.5);
  }
  expect(figures['psnrDb/copy-target']!.value).toBeGreaterThan(figures['psnrDb/lighten']!.value! + 3);
  expect(await readImageSize(sheet!.path)).toEqual({ width: 3 * 64, height: 48 });
});

test('still films and photos do not flicker, a photo of odd size is judged where the film shows it', async () => {
  const still = noisy('still', 64, 48, 9);
  const photo = at('photo.png');
  await writePng(photo, noisy('photo', 63, 47, 9));
  const clips = [
    await filmed(
      'still',
      Array.from({ length: 5 }, () => still),
    ),
    { ...describeClip('photo', []), media: await probe(photo) },
  ];
  for (const clip of clips) {
    const pair = await pairOf(clip);
    const input = { generator: 'lighten', clips: [pair], seed: 1 };
    const { figures } = await directContext(at('')).run(judgeBesideTarget, input);
    expect(figures['flickerRatio/lighten']).toEqual({
      value: null,
      reason: expect.stringContaining('moves'),
    });
    if (clip.id === 'still') expect(figures['psnrDb/lighten']!.value).toBeGreaterThan(15);
    // The one frame of a photo was not repainted.
    else
      expect(figures['psnrDb/lighten']).toEqual({
        value: null,
        reason: expect.stringContaining('repainted'),
      });
  }
});

test('a generator is judged by one fake of each of eight people, those it can be made of', async () => {
  const clips: Clip[] = [];
  for (let i = 0; i < 9; i++) clips.push(await talker(at(''), `p${i}-0`, 3, 'test'));
  const { track: _, ...bare } = clips[0]!;
  const jobs: string[] = [];
  const context = directContext(at(''));
  const counting: typeof context = {
    ...context,
    run: (job, input) => {
      jobs.push(job.name);
      return context.run(job, input);
    },
  };
  const chosen = selfBlend.options.parse({});
  const quality = await besideTarget(
    selfBlend,
    [bare, ...clips.slice(1), clips[1]!],
    undefined,
    chosen,
    counting,
  );
  expect(jobs.filter((name) => name === 'self-blend')).toHaveLength(7);
  const { value, low, high } = quality.figures['psnrDb/self-blend'] as {
    value: number;
    low: number;
    high: number;
  };
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  expect((await stat(quality.sheets[0]!.picture.path)).size).toBeGreaterThan(0);
  expect(await besideTarget(selfBlend, [bare], undefined, chosen, context)).toEqual({
    figures: {},
    sheets: [],
  });
});
