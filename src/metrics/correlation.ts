import { mean } from '../mean.ts';
import type { Measured } from '../types.ts';

/** Pearson's correlation in [-1, 1] of two equally long series; null with a reason below two pairs or for a constant series. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): Measured {
  if (a.length !== b.length) throw new Error(`pairs are needed, got ${a.length} and ${b.length} values`);
  if (a.length < 2) return { value: null, reason: `a correlation needs at least 2 pairs, got ${a.length}` };
  const meanA = mean(a);
  const meanB = mean(b);
  let products = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    products += (a[i]! - meanA) * (b[i]! - meanB);
    squaresA += (a[i]! - meanA) ** 2;
    squaresB += (b[i]! - meanB) ** 2;
  }
  if (!Number.isFinite(products)) throw new Error('a correlation needs finite values');
  if (squaresA === 0 || squaresB === 0) return { value: null, reason: 'one of the series is constant' };
  return { value: Math.max(-1, Math.min(1, products / Math.sqrt(squaresA * squaresB))) };
}
