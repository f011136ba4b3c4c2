/**
 * Expressions as the audio net sees them: without brows, lids and squint, which cannot be heard. They are 0 in its targets, as
 * the paper zeroes the brows, and stay the target's own in the picture.
 */
import { expressionCount, expressionNames } from '../../src/head/expressions.ts';
import type { ExpressionName } from '../../src/head/expressions.ts';
import type { Mesh } from '../../src/head/mesh.ts';

const unheard: readonly ExpressionName[] = ['browsUp', 'browsDown', 'blinkLeft', 'blinkRight', 'squint'];
const speechIndices = expressionNames.flatMap((name, k) => (unheard.includes(name) ? [] : [k]));

/** The speech part of `expression`, the rest 0. */
export function speechPart(expression: Float32Array): Float32Array {
  const part = new Float32Array(expressionCount);
  for (const k of speechIndices) part[k] = expression[k]!;
  return part;
}

/** `own` with its speech part replaced by that of `speech`. */
export function withSpeech(own: Float32Array, speech: ArrayLike<number>): Float32Array {
  const result = own.slice();
  for (const k of speechIndices) result[k] = speech[k]!;
  return result;
}

/** Weight of a vertex in the paper's loss: the mouth mask + 0.1. */
const besideMouth = 0.1;

/**
 * The mesh in the loss: G = BᵀWB / 3V for the basis B (mm) and W = mouth mask + 0.1 per coordinate, row-major K×K, so that
 * eᵀGe is the weighted mean square displacement in mm² of the expression difference e, without touching the mesh.
 */
export function expressionGram(mesh: Mesh): Float32Array {
  return gramOf(mesh, (v) => mesh.mouth[v]! + besideMouth, mesh.vertexCount * 3);
}

/** In place of the mesh: the mean square over K coefficients, each alike. */
export const evenGram = (k: number): Float32Array =>
  Float32Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 / k : 0));

/** As `expressionGram`, over the mouth's vertices alone and per vertex: √(eᵀGe) is their RMS displacement in mm. */
export function mouthGram(mesh: Mesh): Float32Array {
  return gramOf(
    mesh,
    (v) => mesh.mouth[v]!,
    mesh.mouth.reduce((sum, inside) => sum + inside, 0),
  );
}

function gramOf(mesh: Mesh, weight: (vertex: number) => number, divisor: number): Float32Array {
  const size = mesh.vertexCount * 3;
  const gram = new Float32Array(expressionCount * expressionCount);
  for (let a = 0; a < expressionCount; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < size; i++) {
        const product = mesh.basis[a * size + i]! * mesh.basis[b * size + i]!;
        if (product !== 0) sum += weight(Math.floor(i / 3)) * product;
      }
      gram[a * expressionCount + b] = gram[b * expressionCount + a] = sum / divisor;
    }
  }
  return gram;
}

/** eᵀGe for the difference e of two expressions that start at `atA` and `atB` and have as many values as G (K×K) has rows. */
export function gramDistance(
  gram: Float32Array,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  atA = 0,
  atB = 0,
): number {
  const k = Math.sqrt(gram.length);
  let sum = 0;
  for (let i = 0; i < k; i++) {
    const di = a[atA + i]! - b[atB + i]!;
    if (di === 0) continue;
    for (let j = 0; j < k; j++) {
      sum += di * gram[i * k + j]! * (a[atA + j]! - b[atB + j]!);
    }
  }
  return sum;
}
