import { ItemError } from '../src/errors.ts';
import { type Box, faceBox, type FaceTrack, trackOf } from '../src/head/track.ts';
import { openClip } from '../src/media/open-clip.ts';
import { greyOf, sampleFrames } from '../src/media/sample-frames.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, OpenClip } from '../src/types.ts';

const framesPerClip = 8;
/** The face box grows by this share of its size on every side: hair, throat and the rim of any blend stay inside. */
const dilation = 0.3;
/** Below this share of the frame outside the box there is no background to speak of. */
const leastShare = 0.05;

export const backgroundFeaturesJob = defineJob({
  name: 'background-features',
  module: import.meta.url,
  threads: 1,
  run: ({ clip }: { clip: Clip }) => backgroundFeatures(openClip(clip)),
});

/** The mean over frames of `outsideFeatures`. Throws ItemError `E_NOT_APPLICABLE` for a clip without a face track. */
export async function backgroundFeatures(open: OpenClip): Promise<number[]> {
  const { id } = open.clip;
  const track = await trackOf(open.clip, 'the background is');
  const rows: number[][] = [];
  for await (const { index, frame } of sampleFrames(open, framesPerClip)) {
    if (index >= track.frames.length)
      throw new ItemError('E_TRACK', `${id}: its track has ${track.frames.length} frames, the clip more`);
    rows.push(outsideFeatures(frame, outsideOf(boxInFrame(track, index, frame), frame, id)));
  }
  return rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);
}

/** The dilated face box in pixels of the frame, which may be a scaled picture of what the track's camera saw. */
function boxInFrame(track: FaceTrack, index: number, frame: Frame): Box {
  const { x, y, width, height } = faceBox(track, index);
  const [across, down] = [frame.width / track.camera.width, frame.height / track.camera.height];
  return {
    x: (x - dilation * width) * across,
    y: (y - dilation * height) * down,
    width: width * (1 + 2 * dilation) * across,
    height: height * (1 + 2 * dilation) * down,
  };
}

/** 1 per pixel whose centre lies outside the box. */
function outsideOf(box: Box, frame: Frame, id: string): Uint8Array {
  const outside = new Uint8Array(frame.width * frame.height);
  let count = 0;
  for (let y = 0; y < frame.height; y++) {
    const inRows = y + 0.5 >= box.y && y + 0.5 < box.y + box.height;
    for (let x = 0; x < frame.width; x++) {
      if (inRows && x + 0.5 >= box.x && x + 0.5 < box.x + box.width) continue;
      outside[y * frame.width + x] = 1;
      count++;
    }
  }
  if (count < leastShare * outside.length)
    throw new ItemError('E_NOT_APPLICABLE', `${id}: the face fills the frame and leaves no background`);
  return outside;
}

/**
 * Simple statistics of the pixels where `outside` is 1, in units of 8-bit levels: mean and variance of each channel; of the
 * brightness, along rows and along columns, the mean size of the gradient, the log energy of second differences at
 * distances 1, 2 and 4, and how much stronger gradients are at the edges of 8×8 blocks than elsewhere (log ratio).
 */
export function outsideFeatures(frame: Frame, outside: Uint8Array): number[] {
  const grey = greyOf(frame);
  const features = [0, 1, 2].flatMap((channel) => momentsOf(frame.data, channel, outside));
  for (const axis of ['x', 'y'] as const) {
    const reach = { ...frame, outside, axis };
    const gradient = averageAlong(reach, 1, (at, step) => Math.abs(grey[at]! - grey[at - step]!));
    const edges = averageAlong(
      reach,
      1,
      (at, step) => Math.abs(grey[at]! - grey[at - step]!),
      (position) => position % 8 === 0,
    );
    const inner = averageAlong(
      reach,
      1,
      (at, step) => Math.abs(grey[at]! - grey[at - step]!),
      (position) => position % 8 !== 0,
    );
    const residuals = [1, 2, 4].map((distance) =>
      averageAlong(reach, distance, (at, step) => (grey[at - step]! - 2 * grey[at]! + grey[at + step]!) ** 2),
    );
    features.push(
      gradient,
      Math.log((edges + 0.01) / (inner + 0.01)),
      ...residuals.map((energy) => Math.log(energy + 0.01)),
    );
  }
  return features;
}

function momentsOf(data: Uint8Array, channel: number, outside: Uint8Array): [mean: number, variance: number] {
  let [count, sum, squares] = [0, 0, 0];
  for (let at = 0; at < outside.length; at++) {
    if (outside[at] === 0) continue;
    const value = data[at * 3 + channel]!;
    count++;
    sum += value;
    squares += value * value;
  }
  return [sum / count, squares / count - (sum / count) ** 2];
}

/** Pixels with `distance` neighbours along the axis on both sides, all three outside the box. */
type Reach = { width: number; height: number; outside: Uint8Array; axis: 'x' | 'y' };

/** Mean of `value(pixel, step to the neighbour)` over pixels whose neighbours at `distance` also count; 0 where there are none. */
function averageAlong(
  { width, height, outside, axis }: Reach,
  distance: number,
  value: (at: number, step: number) => number,
  counts: (position: number) => boolean = () => true,
): number {
  const step = axis === 'x' ? distance : distance * width;
  const [marginX, marginY] = axis === 'x' ? [distance, 0] : [0, distance];
  let [count, sum] = [0, 0];
  for (let y = marginY; y < height - marginY; y++) {
    for (let x = marginX; x < width - marginX; x++) {
      const at = y * width + x;
      if (!outside[at] || !outside[at - step] || !outside[at + step] || !counts(axis === 'x' ? x : y))
        continue;
      count++;
      sum += value(at, step);
    }
  }
  return count === 0 ? 0 : sum / count;
}
