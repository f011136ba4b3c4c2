/**
 * What faces do, learned from films: the principal components of what is left of a mesh without pose and rest, under the names of the head's
 * shapes, so that whoever knows those (`expressions.ts`) can work with it. Two sets: what moves with the mouth, which is heard and
 * may be repainted, and what moves elsewhere (brows, lids), which a film keeps.
 */
import { expressionCount, expressionIndex, type ExpressionName } from '../head/expressions.ts';
import { leadingEigenvectors } from '../learn/eigen.ts';
import type { Rng } from '../random.ts';
import { lips } from './mesh-topology.ts';
import { meshPointCount } from './mesh-track.ts';

/** Names that the components of a set get, in order (the mouth's largest is its opening), and whose share of a point's movement they explain. */
type Part = { names: readonly ExpressionName[]; shareOf(mouthShare: number): number };
const parts: readonly Part[] = [
  {
    names: [
      ...(['jawOpen', 'jawForward', 'lipsClosed', 'pucker', 'funnel', 'stretch', 'upperLipUp'] as const),
      ...(['lowerLipDown', 'lipsPressed', 'lowerLipTuck', 'cheeksPuffed'] as const),
      ...(['smileLeft', 'smileRight', 'frownLeft', 'frownRight'] as const),
    ],
    shareOf: (mouthShare) => mouthShare,
  },
  {
    names: ['browsUp', 'browsDown', 'blinkLeft', 'blinkRight', 'squint'],
    shareOf: (mouthShare) => 1 - mouthShare,
  },
];

/** How far a component at strength 1 moves the point that it moves most, mm: about as far as a jaw opens in speech. */
const strongestMm = 12;
/** Depth is guessed and not seen: it counts so much beside what is seen. */
const depthWeight = 0.3;
/** The mouth's share of what a point does falls from 1 to 0 between these distances from the lips, mm. */
const [nearMm, farMm] = [12, 42];

/**
 * One basis for all people. `mouthShare` [468]: of each point, how much of what it does is the mouth's, 0 to 1. `components` [K, 468, 3]: how far each of the K
 * expressions (`expressions.ts`) at strength 1 moves every point, mm of head space.
 */
export type ExpressionBasis = { mouthShare: Float32Array; components: Float64Array };

const width = meshPointCount * 3;
const weightOf = (i: number): number => (i % 3 === 2 ? depthWeight : 1);

/**
 * Learns the basis.
 * @param moved Of each frame how far every point is from the person's rest, mm of head space, three values per point.
 * @param neutral A mean face, which says how far points are from the lips.
 */
export function learnBasis(moved: readonly Float64Array[], neutral: Float64Array, rng: Rng): ExpressionBasis {
  const mouthShare = mouthShareOf(neutral);
  const components = new Float64Array(expressionCount * width);
  for (const part of parts) {
    const { names } = part;
    const rows = moved.map((row) => weighted(row, mouthShare, part));
    const { vectors } = leadingEigenvectors(rows, width, names.length, rng.fork(names[0]!));
    names.forEach((name, k) =>
      components.set(
        strengthened(vectors.subarray(k * width, (k + 1) * width)),
        expressionIndex[name] * width,
      ),
    );
  }
  return { mouthShare, components };
}

/** 1 at the lips, falling smoothly with the distance from them as seen from the front: downwards, where the jaw is, half as fast, upwards, where the nose is, twice. */
function mouthShareOf(neutral: Float64Array): Float32Array {
  const apart = (p: number, lip: number): number => {
    const below = neutral[p * 3 + 1]! - neutral[lip * 3 + 1]!;
    return Math.hypot(neutral[p * 3]! - neutral[lip * 3]!, below > 0 ? below / 2 : 2 * below);
  };
  return Float32Array.from({ length: meshPointCount }, (_, p) => {
    const distance = Math.min(...[...lips.outer, ...lips.inner].map((lip) => apart(p, lip)));
    const t = Math.max(0, Math.min(1, (farMm - distance) / (farMm - nearMm)));
    return t * t * (3 - 2 * t);
  });
}

/** Millimetres per unit: a direction of the weighted space, scaled; its sign is the one that opens the mouth, or else lowers the point that it moves most. */
function strengthened(vector: Float64Array): Float64Array {
  const mm = vector.map((value, i) => value / weightOf(i));
  let [most, farthest] = [0, 0];
  for (let p = 0; p < meshPointCount; p++) {
    const length = Math.hypot(mm[p * 3]!, mm[p * 3 + 1]!);
    if (length > farthest) [most, farthest] = [p, length];
  }
  if (farthest === 0) return mm;
  const down = (p: number): number => mm[p * 3 + 1]!;
  const opening = down(lips.inner[15]) - down(lips.inner[5]);
  const direction = Math.abs(opening) > 0.2 * farthest ? opening : down(most);
  const scale = (Math.sign(direction) || 1) * (strongestMm / farthest);
  return mm.map((value) => value * scale);
}

/** What a part explains of a movement, in the space in which errors count. */
function weighted(moved: Float64Array, mouthShare: Float32Array, { shareOf }: Part): Float64Array {
  return moved.map((value, i) => value * weightOf(i) * shareOf(mouthShare[Math.floor(i / 3)]!));
}

/** The coefficients (K) of what a face does: least squares, each set for its own share. */
export function expressionIn({ mouthShare, components }: ExpressionBasis, moved: Float64Array): Float32Array {
  const expression = new Float32Array(expressionCount);
  for (const part of parts) {
    const row = weighted(moved, mouthShare, part);
    for (const name of part.names) {
      const k = expressionIndex[name];
      let [product, squares] = [0, 0];
      for (let i = 0; i < width; i++) {
        const component = components[k * width + i]! * weightOf(i);
        product += component * row[i]!;
        squares += component * component;
      }
      if (squares > 0) expression[k] = product / squares;
    }
  }
  return expression;
}
