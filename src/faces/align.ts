/** Similarities and other affine maps between point sets: fitting, undoing, joining them. */
import type { Affine } from './warp.ts';

/**
 * The similarity (scale, rotation, shift; never a reflection) that takes the points `from` closest to `to`, least squares, in closed form
 * (the solution of Umeyama, PAMI 1991, in the plane): with both sets about their centres, s and d, a = Σ s·d / Σ|s|² and
 * b = Σ (sₓdᵧ − sᵧdₓ) / Σ|s|². Points as x and y alternating. Throws RangeError when all points of `from` are one, or the numbers differ.
 */
export function fitSimilarity(from: ArrayLike<number>, to: ArrayLike<number>): Affine {
  if (from.length !== to.length)
    throw new RangeError(`${from.length / 2} points cannot be laid on ${to.length / 2}`);
  const [fromX, fromY] = centreOf(from);
  const [toX, toY] = centreOf(to);
  let [dot, cross, squares] = [0, 0, 0];
  for (let i = 0; i < from.length; i += 2) {
    const [sx, sy] = [from[i]! - fromX, from[i + 1]! - fromY];
    const [dx, dy] = [to[i]! - toX, to[i + 1]! - toY];
    dot += sx * dx + sy * dy;
    cross += sx * dy - sy * dx;
    squares += sx * sx + sy * sy;
  }
  if (!(squares > 0)) throw new RangeError('a similarity needs two different points');
  const [a, b] = [dot / squares, cross / squares];
  return [a, -b, toX - a * fromX + b * fromY, b, a, toY - b * fromX - a * fromY];
}

function centreOf(points: ArrayLike<number>): [number, number] {
  let [x, y] = [0, 0];
  for (let i = 0; i < points.length; i += 2) {
    x += points[i]!;
    y += points[i + 1]!;
  }
  return [(2 * x) / points.length, (2 * y) / points.length];
}

/** The map that undoes another. */
export function invert([a, b, c, d, e, f]: Affine): Affine {
  const determinant = a * e - b * d;
  const [p, q, r, s] = [e / determinant, -b / determinant, -d / determinant, a / determinant];
  return [p, q, -p * c - q * f, r, s, -r * c - s * f];
}

/** First `inner`, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

/** Points (x and y alternating) through a map. */
export function mapPoints([a, b, c, d, e, f]: Affine, points: ArrayLike<number>): Float32Array {
  const mapped = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    mapped[i] = a * points[i]! + b * points[i + 1]! + c;
    mapped[i + 1] = d * points[i]! + e * points[i + 1]! + f;
  }
  return mapped;
}
