/** How close repainted films are to the ones they were made of, and how restless, beside the same films encoded once more. */
import { join } from 'node:path';
import { cropFrame } from '../faces/composite.ts';
import { mean } from '../mean.ts';
import { readMask } from '../media/mask.ts';
import { type Box, psnr, ssim, unrest } from '../metrics/image.ts';
import { defineJob } from '../pipeline/job.ts';
import type { Clip, FileRef, Frame, Measured, Media, VideoInfo, Work } from '../types.ts';

/** `fake` with its mask beside it; `copy`: the target through the last encode and nothing else. */
export type Beside = { person: string; target: Clip; fake: Media; copy: Media };
type Input = { generator: string; clips: Beside[]; seed: number };
export type BesideTarget = { figures: Record<string, Measured>; sheet?: FileRef };

const metrics = ['psnrDb', 'ssim', 'flickerRatio'] as const;
type Metric = (typeof metrics)[number];
/** Of one clip, a number for each frame where it is defined: of the fake, and of the copy. */
type Samples = Record<Metric, { fake: number[]; copy: number[] }>;

/** Why there may be no figure. */
const reasons: Record<Metric, string> = {
  psnrDb: 'no frame that was looked at was repainted, or it is identical to the target’s',
  ssim: 'no frame that was looked at was repainted, or what was is smaller than 11×11 pixels',
  flickerRatio: 'nothing moves in the targets where they were repainted',
};

/** Every how many frames one is judged. */
const frameStride = 3;
/** How much differences are enlarged on the sheet. */
const enlarged = 8;

/**
 * `psnrDb/…`, `ssim/…`: against the target inside the box around the pixels that were repainted in the frame; `flickerRatio/…`: `unrest` there of
 * the frame and its neighbours, over the target's. Means over every third frame, then over people with their interval; of the fakes
 * (named by `generator`) and of the copies (`copy-target`). Sheet: a row per clip of target, fake and their difference. @throws ItemError as `decodeFrames`.
 */
export const judgeBesideTarget = defineJob<Input, BesideTarget>({
  name: 'beside-target',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run({ generator, clips, seed }: Input, work: Work): Promise<BesideTarget> {
  const { montage, writeJpeg } = await import('../media/images.ts');
  const judged: { person: string; samples: Samples }[] = [];
  const cells: Frame[] = [];
  for (const [i, clip] of clips.entries()) {
    const { samples, row } = await judge(clip);
    judged.push({ person: clip.person, samples });
    cells.push(...row);
    work.progress((i + 1) / clips.length);
  }
  const { meanWithInterval } = await import('../metrics/resampling.ts');
  const { createRng } = await import('../random.ts');
  const figures: BesideTarget['figures'] = {};
  for (const metric of metrics)
    for (const [way, name] of [
      ['fake', generator],
      ['copy', 'copy-target'],
    ] as const) {
      const known = judged.filter(({ samples }) => samples[metric][way].length > 0);
      const values = known.map(({ samples }) => mean(samples[metric][way]));
      const people = known.map(({ person }) => person);
      const rng = createRng(seed, 'beside-target', 'bootstrap');
      figures[`${metric}/${name}`] =
        known.length > 0
          ? meanWithInterval(values, people, { rng })
          : { value: null, reason: reasons[metric] };
    }
  if (cells.length === 0) return { figures };
  await writeJpeg(join(work.folder, 'sheet.jpg'), montage(cells, 3), 90);
  return { figures, sheet: await work.keep('sheet.jpg') };
}

/** `row`: of the repainted frame nearest to the middle; none where nothing was repainted. */
async function judge({ target, fake, copy }: Beside): Promise<{ samples: Samples; row: Frame[] }> {
  const { framesTogether } = await import('../media/frames-together.ts');
  const { width, height } = fake.video!;
  const { frameCount, ...filmed } = target.media.video!;
  const changed = await readMask(fake.path, { frameCount, ...filmed });
  // An odd last row or column of the target is in no film (`encodeClip`).
  const boxes = Array.from({ length: frameCount }, (_, t) => boxOf(changed, t, filmed, { width, height }));
  const samples: Samples = { psnrDb: empty(), ssim: empty(), flickerRatio: empty() };
  let row: Frame[] = [];
  let farness = Number.POSITIVE_INFINITY;
  let recent: Shown[] = [];
  let t = 0;
  for await (const frames of framesTogether([target.media.path, fake.path, copy.path])) {
    const whole = { x: 0, y: 0, width, height };
    const [before, made, again] = frames.map((frame) => cropFrame(frame, whole)) as [Frame, Frame, Frame];
    recent = [...recent.slice(-2), { target: before, fake: made, copy: again }];
    const box = boxes[t];
    if (t % frameStride === 0 && box) {
      addLikeness(samples, recent.at(-1)!, box);
      const fromMiddle = Math.abs(t - frameCount / 2);
      if (fromMiddle < farness) row = [before, made, differenceOf(before, made)];
      farness = Math.min(farness, fromMiddle);
    }
    const flickering = boxes[t - 1];
    if ((t - 1) % frameStride === 0 && recent.length === 3 && flickering)
      addFlicker(samples, recent, flickering);
    t++;
  }
  return { samples, row };
}

type Shown = Record<'target' | 'fake' | 'copy', Frame>;
const ways = ['fake', 'copy'] as const;
const empty = (): Samples[Metric] => ({ fake: [], copy: [] });

function addLikeness(samples: Samples, shown: Shown, box: Box): void {
  for (const way of ways)
    for (const [metric, measure] of [
      ['psnrDb', psnr],
      ['ssim', ssim],
    ] as const) {
      const { value } = measure(shown.target, shown[way], box);
      if (value !== null) samples[metric][way].push(value);
    }
}

function addFlicker(samples: Samples, recent: readonly Shown[], box: Box): void {
  const of = (way: keyof Shown): number =>
    unrest(
      recent.map((shown) => shown[way]),
      box,
    );
  const film = of('target');
  // Where nothing moves in the film there is nothing to divide by.
  if (film > 0) for (const way of ways) samples.flickerRatio[way].push(of(way) / film);
}

type Size = Pick<VideoInfo, 'width' | 'height'>;

/** The smallest box around what was repainted in frame `t`, cut to the size `within`; undefined where nothing was. */
function boxOf(changed: Uint8Array, t: number, { width, height }: Size, within: Size): Box | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < within.height; y++)
    for (let x = 0; x < within.width; x++) {
      if (changed[(t * height + y) * width + x] !== 1) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** What `b` is lighter than `a`, enlarged, around grey. */
function differenceOf(a: Frame, b: Frame): Frame {
  const data = new Uint8ClampedArray(a.data.length);
  for (let i = 0; i < data.length; i++) data[i] = 128 + enlarged * (b.data[i]! - a.data[i]!);
  return { ...a, data: new Uint8Array(data.buffer) };
}
