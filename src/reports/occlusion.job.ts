/**
 * Where a detector looks in one fake: how much its score falls when a grey patch hides a part of the picture (Zeiler & Fergus: Visualizing and
 * Understanding Convolutional Networks, ECCV 2014, §4.2). The detector is asked as ever, so it works for each that judges frames.
 */
import { join } from 'node:path';
import { withFrames } from '../media/with-frames.ts';
import { defineJob } from '../pipeline/job.ts';
import type { ScoreInput } from '../pipeline/score.job.ts';
import type { Clip, FileRef, Frame, Measured } from '../types.ts';

export type OcclusionMap = {
  /** A frame of the fake with the border of its mask in white: JPEG, and its size. */
  picture: FileRef;
  width: number;
  height: number;
  /** Score of the whole frames less that with a patch hidden, row by row, `patches` in each of as many rows; > 0 = the patch speaks for a fake. */
  falls: number[];
  /**
   * Share of the falls above 0 that lies in what was repainted, and the share that this is of the patches that change the score at all: a
   * detector that sees the middle of a picture alone cannot look elsewhere.
   */
  onMask: Measured;
  maskShare: Measured;
};

/** Patches along each side. */
export const patches = 8;
/** So many frames of the clip are judged, evenly spaced; the same patch is hidden in all. */
const frameCount = 4;
const grey = 127;

/** Throws ItemError where the detector cannot judge so few frames. */
export const drawOcclusion = defineJob({
  name: 'occlusion',
  module: import.meta.url,
  threads: 1,
  async run({ clip, ...detector }: Omit<ScoreInput, 'others'>, work): Promise<OcclusionMap> {
    const { writeJpeg } = await import('../media/images.ts');
    const { openClip } = await import('../media/open-clip.ts');
    const { sampleFrames } = await import('../media/sample-frames.ts');
    const { loadScorer, withoutTruth } = await import('../pipeline/scorer.ts');
    const open = openClip(withoutTruth(clip));
    const sampled: { index: number; frame: Frame }[] = [];
    for await (const one of sampleFrames(open, frameCount)) sampled.push(one);
    const frames = sampled.map(({ frame }) => frame);
    const scorer = await loadScorer(detector);
    const whole = await scorer.score(withFrames(open, frames));
    const falls: number[] = [];
    for (let patch = 0; patch < patches ** 2; patch++) {
      const hidden = frames.map((frame) => hide(frame, patch));
      falls.push(whole - (await scorer.score(withFrames(open, hidden))));
      work.progress((patch + 1) / patches ** 2);
    }
    const masks = await masksOf(
      clip,
      sampled.map(({ index }) => index),
    );
    const middle = Math.floor(frames.length / 2);
    const { width, height } = frames[middle]!;
    await writeJpeg(join(work.folder, 'frame.jpg'), outlined(frames[middle]!, masks?.[middle]), 80);
    return {
      picture: await work.keep('frame.jpg'),
      width,
      height,
      falls,
      ...overlap(falls, masks, width, height),
    };
  },
});

/** Pixel columns or rows of a patch along a side of `sizePx`. */
const edge = (place: number, sizePx: number): number => Math.floor((place * sizePx) / patches);

function hide({ width, height, data }: Frame, patch: number): Frame {
  const [row, column] = [Math.floor(patch / patches), patch % patches];
  const covered = data.slice();
  for (let y = edge(row, height); y < edge(row + 1, height); y++)
    covered.fill(grey, 3 * (y * width + edge(column, width)), 3 * (y * width + edge(column + 1, width)));
  return { width, height, data: covered };
}

/** What was repainted in these frames, 0 or 1 a pixel; undefined where no mask lies beside the fake. */
async function masksOf({ media }: Clip, indices: readonly number[]): Promise<Uint8Array[] | undefined> {
  const { readMask } = await import('../media/mask.ts');
  const { width, height } = media.video!;
  const all = await readMask(media.path, media.video!).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  return all && indices.map((index) => all.subarray(index * width * height, (index + 1) * width * height));
}

/** Measured of the falls, each counted by how much of its patch was repainted, mean over the frames. */
export function overlap(
  falls: readonly number[],
  masks: readonly Uint8Array[] | undefined,
  width: number,
  height: number,
): Pick<OcclusionMap, 'onMask' | 'maskShare'> {
  if (!masks) {
    const missing = { value: null, reason: 'no mask lies beside the fake' };
    return { onMask: missing, maskShare: missing };
  }
  const shares = falls.map((_, patch) => patchShare(masks, patch, width, height));
  const seen = shares.filter((_, patch) => falls[patch] !== 0);
  if (!falls.some((fall) => fall > 0)) {
    const missing = { value: null, reason: 'no patch makes the score fall when it is hidden' };
    return { onMask: missing, maskShare: missing };
  }
  const maskShare = { value: seen.reduce((sum, share) => sum + share / seen.length, 0) };
  const speaking = falls.reduce((sum, fall) => sum + Math.max(0, fall), 0);
  const inside = falls.reduce((sum, fall, patch) => sum + Math.max(0, fall) * shares[patch]!, 0);
  return { onMask: { value: inside / speaking }, maskShare };
}

function patchShare(masks: readonly Uint8Array[], patch: number, width: number, height: number): number {
  const [row, column] = [Math.floor(patch / patches), patch % patches];
  let [inside, count] = [0, 0];
  for (const mask of masks)
    for (let y = edge(row, height); y < edge(row + 1, height); y++)
      for (let x = edge(column, width); x < edge(column + 1, width); x++) {
        inside += mask[y * width + x]!;
        count++;
      }
  return count === 0 ? 0 : inside / count;
}

/** The frame with white pixels where its mask begins and ends. */
function outlined(frame: Frame, mask: Uint8Array | undefined): Frame {
  if (!mask) return frame;
  const data = frame.data.slice();
  for (let i = 0; i < mask.length; i++) {
    const right = (i + 1) % frame.width === 0 ? i : i + 1;
    const below = Math.min(i + frame.width, mask.length - 1);
    if (mask[i] !== mask[right] || mask[i] !== mask[below]) data.fill(255, 3 * i, 3 * i + 3);
  }
  return { ...frame, data };
}
