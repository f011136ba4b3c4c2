/** Band-limited random patterns: value noise on a lattice with smooth interpolation (Perlin 1985's lattice scheme with values in place of gradients). */
import type { Rng } from '../random.ts';

/** Noise over the plane, about −1 to 1, one cycle per unit; repeats after 64 units. */
export type Noise = (x: number, y: number) => number;

export function createNoise(rng: Rng): Noise {
  const lattice = Float32Array.from({ length: 64 * 64 }, () => rng.uniform(-1, 1));
  return (x, y) => {
    const ix = Math.floor(x);
    const iy = Math.floor(y);
    const fx = x - ix;
    const fy = y - iy;
    const sx = fx * fx * (3 - 2 * fx);
    const sy = fy * fy * (3 - 2 * fy);
    const x0 = ix & 63;
    const x1 = (ix + 1) & 63;
    const y0 = (iy & 63) << 6;
    const y1 = ((iy + 1) & 63) << 6;
    const top = lattice[y0 + x0]! + sx * (lattice[y0 + x1]! - lattice[y0 + x0]!);
    const bottom = lattice[y1 + x0]! + sx * (lattice[y1 + x1]! - lattice[y1 + x0]!);
    return top + sy * (bottom - top);
  };
}

/** Several octaves, each twice as fine and half as strong. */
export function fractal(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0;
  for (let i = 0, scale = 1, weight = 0.6; i < octaves; i++, scale *= 2.03, weight *= 0.55) {
    sum += weight * noise(x * scale + i * 17.3, y * scale + i * 9.1);
  }
  return sum;
}
