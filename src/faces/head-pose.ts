/** Where the head is in a frame of a film: the rigid part of what its mesh does. */
import type { Camera, Pose } from '../head/mesh.ts';
import { fitSimilarity3d, undo } from './rigid.ts';

/**
 * A camera for films of which nobody knows it: a focal length of one and a half times the longer side (37° across it), as people are filmed.
 * What it errs by goes into how far away and how deep the head is taken to be, not into where its points are seen.
 */
export function guessCamera(width: number, height: number): Camera {
  return { focalPx: 1.5 * Math.max(width, height), centreX: width / 2, centreY: height / 2, width, height };
}

/** `apparent`: where the points of the frame lie on the head, mm of head space (3 values each). */
export type PlacedHead = { pose: Pose; apparent: Float64Array };

const rounds = 4;

/**
 * The pose of a head in one frame. A mesh gives depth only as a difference, in pixels: the head's distance is the one at which it has its own
 * size, found in a few rounds, and every point then lies on the ray through its pixel.
 * @param neutral The head at rest, mm, three values per point.
 * @param points x and y in pixels, z relative in the same unit.
 * @param weights How much each point says of the pose: 0 for what an expression moves.
 */
export function placeHead(
  neutral: ArrayLike<number>,
  points: ArrayLike<number>,
  weights: ArrayLike<number>,
  camera: Camera,
): PlacedHead {
  const first = fitSimilarity3d(neutral, points, weights);
  let distance = camera.focalPx / first.scale;
  for (let round = 1; ; round++) {
    const seen = unproject(points, first.shift[2], distance, camera);
    const { scale, rotation: r, shift } = fitSimilarity3d(neutral, seen, weights);
    if (round === rounds) {
      const pose = Float32Array.from({ length: 12 }, (_, i) => {
        const row = Math.floor(i / 4);
        return i % 4 === 3 ? shift[row]! : r[row * 3 + (i % 4)]!;
      });
      return { pose, apparent: undo({ scale: 1, rotation: r, shift }, seen) };
    }
    distance /= scale;
  }
}

/** Points of a frame in camera space, mm. @param zeroPx The depth that counts as `distance`. */
function unproject(
  points: ArrayLike<number>,
  zeroPx: number,
  distance: number,
  { focalPx, centreX, centreY }: Camera,
): Float64Array {
  const seen = new Float64Array(points.length);
  for (let p = 0; p < points.length; p += 3) {
    const depth = distance * (1 + (points[p + 2]! - zeroPx) / focalPx);
    seen[p] = ((points[p]! - centreX) * depth) / focalPx;
    seen[p + 1] = ((points[p + 1]! - centreY) * depth) / focalPx;
    seen[p + 2] = depth;
  }
  return seen;
}
