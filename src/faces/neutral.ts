/** The face of a person at rest: the mean over frames without the head's pose. */
import type { Camera } from '../head/mesh.ts';
import { placeHead } from './head-pose.ts';
import { eyes, innerEyeCorners, nose, outline } from './mesh-topology.ts';
import { meshPointCount } from './mesh-track.ts';

/** A frame of a person's film: 468×3 values of a `MeshTrack`, and the camera. */
export type Seen = { points: Float32Array; camera: Camera };

const [outerLeft, outerRight] = [eyes.left[0], eyes.right[8]];
const [top, chin] = [outline[0], outline[18]];
/** Between the outer corners of the eyes of a grown-up, mm: what a single camera cannot know. */
const eyesApartMm = 88;

/** Points that no expression moves much: the corners of the eyes, the bridge of the nose, forehead and temples. */
export const rigidWeights: Float32Array = (() => {
  const weights = new Float32Array(meshPointCount);
  const corners = [outerLeft, outerRight, ...innerEyeCorners];
  const forehead = [10, 151, 9, 8, 108, 337, 67, 297, 69, 299, 103, 332, 54, 284, 21, 251];
  const temples = [162, 389, 127, 356, 234, 454];
  for (const point of [...corners, ...nose.ridge, ...forehead, ...temples]) weights[point] = 1;
  return weights;
})();

const rounds = 4;

/** The mean face, mm of head space: origin between the outer corners of the eyes, x along them, the forehead straight above the chin. */
export function neutralOf(frames: readonly Seen[]): Float64Array {
  let neutral = upright(Float64Array.from(frames[0]!.points));
  for (let round = 0; round < rounds; round++) {
    const sum = new Float64Array(neutral.length);
    for (const { points, camera } of frames)
      placeHead(neutral, points, rigidWeights, camera).apparent.forEach((value, i) => (sum[i]! += value));
    neutral = upright(sum);
  }
  return neutral;
}

/** A face moved to head space and brought to its size. */
function upright(points: Float64Array): Float64Array {
  const at = (p: number): Vector => [points[p * 3]!, points[p * 3 + 1]!, points[p * 3 + 2]!];
  const across = minus(at(outerRight), at(outerLeft));
  const scale = eyesApartMm / Math.hypot(...across);
  const x = unit(across);
  const z = unit(cross(x, minus(at(chin), at(top))));
  const y = cross(z, x);
  const origin = at(outerLeft).map((value, i) => value + across[i]! / 2) as Vector;
  const moved = new Float64Array(points.length);
  for (let p = 0; p < points.length / 3; p++) {
    const d = minus(at(p), origin);
    [x, y, z].forEach((axis, i) => (moved[p * 3 + i] = scale * dot(axis, d)));
  }
  return moved;
}

type Vector = [number, number, number];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a: Vector): Vector => {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
};
