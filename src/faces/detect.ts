/** From what the detector says of its anchors to faces (Bazarevsky et al., "BlazeFace", 2019, https://arxiv.org/abs/1907.05047). */
import type { Box } from '../head/track.ts';
import { mapPoints } from './align.ts';
import { type Square, squareMap } from './square.ts';

/**
 * A face in pixels of the frame. `points`: the viewer's left eye, right eye, tip of the nose, middle of the mouth, left and right ear (x and y
 * alternating). `score` in [0, 1].
 */
export type Detection = { box: Box; points: Float32Array; score: number };

/** Of every anchor of a grid: a logit, and 16 numbers in pixels of the network's picture: centre from the anchor's, size, six points. */
export type AnchorOutputs = { scores: Float32Array; boxes: Float32Array };

/** Side of the picture that the network takes, pixels. */
export const detectorSidePx = 256;
/** How sure the detector must be, its authors' usual threshold. */
const leastScore = 0.5;
/** Boxes that overlap more (intersection over union) are taken for one face. */
const sameFaceOverlap = 0.3;
/** Anchors of a cell; all have its centre, and no size of their own. */
const anchorsPerCell = { fine: 2, coarse: 6 } as const;
const cellPx = { fine: 16, coarse: 32 } as const;

/** The faces that the outputs speak of, surest first. `shown`: the part of the frame that the network was given. */
export function facesIn(outputs: Record<'fine' | 'coarse', AnchorOutputs>, shown: Square): Detection[] {
  const toFrame = squareMap(shown, detectorSidePx);
  const found = (['fine', 'coarse'] as const).flatMap((grid) => decode(outputs[grid], grid));
  return blendOverlapping(found).map(({ box, points, score }) => {
    const corners = mapPoints(toFrame, [box.x, box.y, box.x + box.width, box.y + box.height]);
    const [left, top, right, bottom] = corners as unknown as [number, number, number, number];
    return {
      box: { x: left, y: top, width: right - left, height: bottom - top },
      points: mapPoints(toFrame, points),
      score,
    };
  });
}

/** Every anchor that is sure enough, in pixels of the network's picture. */
function decode({ scores, boxes }: AnchorOutputs, grid: 'fine' | 'coarse'): Detection[] {
  const cells = detectorSidePx / cellPx[grid];
  const found: Detection[] = [];
  scores.forEach((logit, anchor) => {
    const score = 1 / (1 + Math.exp(-logit));
    if (!(score >= leastScore)) return;
    const cell = Math.floor(anchor / anchorsPerCell[grid]);
    const centre = [(cell % cells) + 0.5, Math.floor(cell / cells) + 0.5].map((at) => at * cellPx[grid]);
    const [x, y, width, height, ...points] = boxes.subarray(16 * anchor, 16 * anchor + 16);
    found.push({
      box: {
        x: centre[0]! + x! - width! / 2,
        y: centre[1]! + y! - height! / 2,
        width: width!,
        height: height!,
      },
      points: Float32Array.from(points, (value, i) => value + centre[i % 2]!),
      score,
    });
  });
  return found;
}

/**
 * One detection for each face, surest first: those that overlap the surest are blended with it, weighted by score, which follows a
 * moving face with less jitter than keeping the surest alone (the paper's section on post-processing).
 */
export function blendOverlapping(found: readonly Detection[]): Detection[] {
  const faces: Detection[] = [];
  let left = found.toSorted((a, b) => b.score - a.score);
  while (left.length > 0) {
    const { box, score } = left[0]!;
    const isSame = (other: Detection, i: number): boolean =>
      i === 0 || overlap(box, other.box) > sameFaceOverlap;
    const same = left.filter(isSame);
    left = left.filter((other, i) => !isSame(other, i));
    const total = same.reduce((sum, other) => sum + other.score, 0);
    const blend = (pick: (one: Detection) => number): number =>
      same.reduce((sum, one) => sum + one.score * pick(one), 0) / total;
    faces.push({
      box: {
        x: blend((one) => one.box.x),
        y: blend((one) => one.box.y),
        width: blend((one) => one.box.width),
        height: blend((one) => one.box.height),
      },
      points: Float32Array.from({ length: 12 }, (_, i) => blend((one) => one.points[i]!)),
      score,
    });
  }
  return faces;
}

/** Intersection over union of two boxes, 0 to 1; 0 where they only touch or have no area. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (!(width > 0 && height > 0)) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}
