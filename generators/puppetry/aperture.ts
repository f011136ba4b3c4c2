/**
 * How far the lips are open, read from pixels alone. One method for real and made frames: the mouth, brought to one pose by
 * an affine map, is sampled on a coarse grid of colours, and a ridge regression fitted on the person's `fit` frames turns
 * that into the millimetres between the inner lips. What it errs by on real frames it has not seen is reported beside it.
 */
import { ridge } from '../../src/dsp/ridge.ts';
import { fitAffine, warpFrame } from '../../src/faces/warp.ts';
import type { Affine } from '../../src/faces/warp.ts';
import { lowerLip, upperLip } from '../../src/head/lip-opening.ts';
import { project } from '../../src/head/mesh.ts';
import type { Pose } from '../../src/head/mesh.ts';
import type { Frame } from '../../src/types.ts';
import type { Stage } from './window.ts';

const gridColumns = 14;
const gridRows = 12;
const cellMm = 4;
/** Rows of the grid above the middle of the lips. */
const rowsAbove = 4;
const inputs = gridColumns * gridRows * 3 + 1;
const strength = 0.01;

/** One frame with the pose of the head in it. */
export type PosedFrame = { frame: Frame; pose: Pose };
export type ApertureReader = (posed: PosedFrame) => number;

/** Fits the reader on frames whose opening is known. */
export function fitApertureReader(
  stage: Stage,
  frames: readonly PosedFrame[],
  openingsMm: readonly number[],
): ApertureReader {
  // A frame is read as it was filmed and as made in several ways, all of one pose.
  let last: { pose: Pose; map: Affine } | undefined;
  const mapOf = (pose: Pose): Affine => {
    if (last?.pose !== pose) last = { pose, map: gridToFrame(stage, pose) };
    return last.map;
  };
  const x = new Float64Array(frames.length * inputs);
  frames.forEach(({ frame, pose }, i) => x.set(describe(frame, mapOf(pose)), i * inputs));
  const weights = ridge(x, openingsMm, { inputs, outputs: 1, strength });
  return ({ frame, pose }) =>
    describe(frame, mapOf(pose)).reduce((sum, value, i) => sum + value * weights[i]!, 0);
}

/** Colours of the grid's cells in [-1, 1], and a 1 for the constant. */
function describe(frame: Frame, map: Affine): Float64Array {
  const window = { x: 0, y: 0, width: gridColumns, height: gridRows };
  const cells = warpFrame(frame, map, window);
  const values = new Float64Array(inputs).fill(1);
  cells.data.forEach((value, i) => {
    values[i] = value / 127.5 - 1;
  });
  return values;
}

/** From cells of the grid, which lies on the face around the lips, to pixels. */
function gridToFrame({ mesh, camera, region }: Stage, pose: Pose): Affine {
  const middle = [0, 1].map(
    (c) =>
      (mesh.neutral[mesh.landmarks[upperLip]! * 3 + c]! + mesh.neutral[mesh.landmarks[lowerLip]! * 3 + c]!) /
      2,
  );
  const pixels = project(region.points, pose, camera);
  const cells = new Float64Array((region.points.length / 3) * 2);
  for (let i = 0; i < cells.length / 2; i++) {
    cells[i * 2] = (region.points[i * 3]! - middle[0]!) / cellMm + gridColumns / 2;
    cells[i * 2 + 1] = (region.points[i * 3 + 1]! - middle[1]!) / cellMm + rowsAbove;
  }
  const flat = Float64Array.from({ length: cells.length }, (_, i) => pixels[(i >> 1) * 3 + (i & 1)]!);
  return fitAffine(cells, flat, 2);
}
