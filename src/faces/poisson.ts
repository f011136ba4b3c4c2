/** Seamless cloning (Pérez, Gangnet & Blake: Poisson Image Editing, SIGGRAPH 2003): the steps of one picture between the borders of another. */
import type { Frame } from '../types.ts';

const tolerance = 1e-3;

/**
 * `patch` laid into `base` where the mask is above ½ so that its gradients stay and its border has the colours of `base`: ∇²f = ∇²patch
 * inside, f = base around. Solved for the difference f − patch, which is harmonic inside and base − patch around, by conjugate gradients.
 * Pixels along the picture's edge always stay those of `base`. Both of one size.
 */
export function poissonBlend(base: Frame, patch: Frame, mask: ArrayLike<number>): Frame {
  const { width, height } = base;
  const data = base.data.slice();
  const inside = interior(mask, width, height);
  const numberOf = new Int32Array(width * height).fill(-1);
  inside.forEach((pixel, i) => (numberOf[pixel] = i));
  for (let c = 0; c < 3; c++) {
    const difference = (pixel: number): number => base.data[pixel * 3 + c]! - patch.data[pixel * 3 + c]!;
    const right = new Float64Array(inside.length);
    inside.forEach((pixel, i) => {
      for (const next of neighbours(pixel, width)) if (numberOf[next]! < 0) right[i]! += difference(next);
    });
    const h = solveLaplace(inside, numberOf, width, right);
    inside.forEach((pixel, i) => {
      const value = patch.data[pixel * 3 + c]! + h[i]!;
      data[pixel * 3 + c] = Math.max(0, Math.min(255, Math.round(value)));
    });
  }
  return { width, height, data };
}

function interior(mask: ArrayLike<number>, width: number, height: number): number[] {
  const inside: number[] = [];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) if (mask[y * width + x]! > 0.5) inside.push(y * width + x);
  return inside;
}

const neighbours = (pixel: number, width: number): [number, number, number, number] => [
  pixel - width,
  pixel - 1,
  pixel + 1,
  pixel + width,
];

/** Solves 4·h(p) − Σ h(neighbours inside) = right(p) for all pixels inside (Hestenes & Stiefel 1952), from 0. */
function solveLaplace(
  inside: number[],
  numberOf: Int32Array,
  width: number,
  right: Float64Array,
): Float64Array {
  const n = inside.length;
  const links = Int32Array.from(
    inside.flatMap((pixel) => neighbours(pixel, width).map((next) => numberOf[next]!)),
  );
  const apply = (v: Float64Array, out: Float64Array): void => {
    for (let i = 0; i < n; i++) {
      let value = 4 * v[i]!;
      for (let k = 4 * i; k < 4 * i + 4; k++) if (links[k]! >= 0) value -= v[links[k]!]!;
      out[i] = value;
    }
  };
  const dot = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const h = new Float64Array(n);
  const residual = right.slice();
  const direction = right.slice();
  const applied = new Float64Array(n);
  let squares = dot(residual, residual);
  const enough = tolerance ** 2 * squares;
  for (let step = 0; step < 4 * n && squares > enough; step++) {
    apply(direction, applied);
    const length = squares / dot(direction, applied);
    for (let i = 0; i < n; i++) {
      h[i]! += length * direction[i]!;
      residual[i]! -= length * applied[i]!;
    }
    const next = dot(residual, residual);
    for (let i = 0; i < n; i++) direction[i] = residual[i]! + (next / squares) * direction[i]!;
    squares = next;
  }
  return h;
}
