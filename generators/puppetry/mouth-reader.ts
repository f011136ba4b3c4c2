/**
 * How far the lips are open and where their landmarks lie, read from pixels alone. One method for real and made frames: the mouth,
 * brought to one pose by an affine map, is sampled on a coarse grid of colours, and a ridge regression fitted on the person's `fit`
 * frames turns that into millimetres. What it errs by on real frames it has not seen is reported beside it.
 */
import { ridge } from '../../src/dsp/ridge.ts';
import { fitAffine, warpFrame } from '../../src/faces/warp.ts';
import type { Affine } from '../../src/faces/warp.ts';
import { lipOpeningMm, lowerLip, mouthLandmarksMm, upperLip } from '../../src/head/lip-opening.ts';
import { deform, project } from '../../src/head/mesh.ts';
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
/** A mouth without its head's pose: millimetres between the inner lips, and its landmarks (`mouthLandmarksMm`). */
export type Mouth = { openingMm: number; landmarksMm: Float64Array };
export type MouthReader = (posed: PosedFrame) => Mouth;

/** The true mouth of an expression. */
export function mouthOf({ mesh }: Stage, expression: Float32Array): Mouth {
  const vertices = deform(mesh, expression);
  return { openingMm: lipOpeningMm(mesh, vertices), landmarksMm: mouthLandmarksMm(mesh, vertices) };
}

/** Mean distance of the landmarks of two mouths, mm. */
export function landmarkDistanceMm({ landmarksMm: a }: Mouth, { landmarksMm: b }: Mouth): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 2) sum += Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!);
  return sum / (a.length / 2);
}

/** Fits the reader on frames whose mouths are known. */
export function fitMouthReader(
  stage: Stage,
  frames: readonly PosedFrame[],
  mouths: readonly Mouth[],
): MouthReader {
  // A frame is read as it was filmed and as made in several ways, all of one pose.
  let last: { pose: Pose; map: Affine } | undefined;
  const mapOf = (pose: Pose): Affine => {
    if (last?.pose !== pose) last = { pose, map: gridToFrame(stage, pose) };
    return last.map;
  };
  const x = new Float64Array(frames.length * inputs);
  frames.forEach(({ frame, pose }, i) => x.set(describe(frame, mapOf(pose)), i * inputs));
  const outputs = 1 + mouths[0]!.landmarksMm.length;
  const y = mouths.flatMap(({ openingMm, landmarksMm }) => [openingMm, ...landmarksMm]);
  const weights = ridge(x, y, { inputs, outputs, strength });
  return ({ frame, pose }) => {
    const read = new Float64Array(outputs);
    describe(frame, mapOf(pose)).forEach((value, i) => {
      for (let k = 0; k < outputs; k++) read[k]! += value * weights[i * outputs + k]!;
    });
    return { openingMm: read[0]!, landmarksMm: read.subarray(1) };
  };
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
