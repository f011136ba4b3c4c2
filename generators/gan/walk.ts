/** Ways through the space that portraits are drawn from. */
import type { Rng } from '../../src/random.ts';

/** How far a walk leads from its middle, over the distance of that from the origin. */
const radius = 0.3;

/**
 * `count` latents of `length` values on a small circle of the sphere on which normally distributed ones lie (radius √length, nearly): closed, so that the first follows on
 * the last, in equal steps. Of a photo, where `count` is 1, a point of that circle.
 */
export function circleWalk(length: number, count: number, rng: Rng): Float32Array[] {
  const draw = (): Float64Array => Float64Array.from({ length }, () => rng.normal());
  const middle = scaled(draw(), 1);
  const across = scaled(without(draw(), [middle]), radius);
  const along = scaled(without(draw(), [middle, across]), radius);
  return Array.from({ length: count }, (_, t) => {
    const angle = (2 * Math.PI * t) / count;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const point = middle.map((value, i) => value + cos * across[i]! + sin * along[i]!);
    return Float32Array.from(scaled(point, Math.sqrt(length)));
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function scaled(vector: Float64Array, size: number): Float64Array {
  const factor = size / Math.sqrt(dot(vector, vector));
  return vector.map((value) => value * factor);
}

/** What of a vector is orthogonal to others, which are orthogonal to each other. */
function without(vector: Float64Array, others: Float64Array[]): Float64Array {
  let rest = vector;
  for (const other of others) {
    const share = dot(vector, other) / dot(other, other);
    rest = rest.map((value, i) => value - share * other[i]!);
  }
  return rest;
}
