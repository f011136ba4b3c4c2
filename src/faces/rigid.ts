/** Rotation, scale and shift between two sets of points in space. */
import { symmetricEigen } from '../learn/eigen.ts';

/** x ↦ scale · R · x + shift; `rotation` row-major 3×3. */
export type Similarity = { scale: number; rotation: Float64Array; shift: readonly [number, number, number] };

/**
 * The similarity (never a reflection) that takes the points `from` closest to `to`, weighted least squares, in closed form: the rotation is the
 * quaternion of the largest eigenvalue of Horn's 4×4 matrix (Horn: Closed-form solution of absolute orientation using unit quaternions, JOSA A 4, 1987).
 * @param weights Of each point; those of weight 0 are passed over. Points have three values each.
 * @throws RangeError without two different points of some weight.
 */
export function fitSimilarity3d(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weights: ArrayLike<number>,
): Similarity {
  const [a, b] = [centreOf(from, weights), centreOf(to, weights)];
  const m = new Float64Array(9);
  let squares = 0;
  for (let p = 0; p < weights.length; p++) {
    const weight = weights[p]!;
    if (weight === 0) continue;
    for (let i = 0; i < 3; i++) {
      const s = from[p * 3 + i]! - a[i]!;
      squares += weight * s * s;
      for (let j = 0; j < 3; j++) m[i * 3 + j]! += weight * s * (to[p * 3 + j]! - b[j]!);
    }
  }
  if (!(squares > 0)) throw new RangeError('a similarity needs two different points');
  const rotation = rotationOf(m);
  let product = 0;
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) product += rotation[i * 3 + j]! * m[j * 3 + i]!;
  const scale = product / squares;
  const shift = [0, 1, 2].map((i) => b[i]! - scale * turned(rotation, a, i));
  return { scale, rotation, shift: shift as [number, number, number] };
}

function centreOf(points: ArrayLike<number>, weights: ArrayLike<number>): number[] {
  const sum = [0, 0, 0];
  let total = 0;
  for (let p = 0; p < weights.length; p++) {
    total += weights[p]!;
    for (let i = 0; i < 3; i++) sum[i]! += weights[p]! * points[p * 3 + i]!;
  }
  return sum.map((value) => value / total);
}

/** @param m Σ w · s · dᵀ of the centred points s (from) and d (to), row-major. */
function rotationOf(m: Float64Array): Float64Array {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = m as unknown as number[];
  const [a, b, c] = [yz! - zy!, zx! - xz!, xy! - yx!];
  const horn = [
    [xx! + yy! + zz!, a, b, c],
    [a, xx! - yy! - zz!, xy! + yx!, zx! + xz!],
    [b, xy! + yx!, yy! - xx! - zz!, yz! + zy!],
    [c, zx! + xz!, yz! + zy!, zz! - xx! - yy!],
  ].flat();
  const [w, x, y, z] = symmetricEigen(horn, 4).vectors as unknown as [number, number, number, number];
  return Float64Array.of(
    w * w + x * x - y * y - z * z,
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    w * w - x * x + y * y - z * z,
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    w * w - x * x - y * y + z * z,
  );
}

const turned = (r: Float64Array, point: ArrayLike<number>, i: number): number =>
  r[i * 3]! * point[0]! + r[i * 3 + 1]! * point[1]! + r[i * 3 + 2]! * point[2]!;

/** Points through the inverse of a similarity: those that it takes to `points`. */
export function undo({ scale, rotation: r, shift }: Similarity, points: ArrayLike<number>): Float64Array {
  const back = new Float64Array(points.length);
  for (let p = 0; p < points.length; p += 3) {
    const d = [0, 1, 2].map((i) => (points[p + i]! - shift[i]!) / scale);
    for (let i = 0; i < 3; i++) back[p + i] = r[i]! * d[0]! + r[3 + i]! * d[1]! + r[6 + i]! * d[2]!;
  }
  return back;
}
