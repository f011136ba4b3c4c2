/** A piece of the head that is drawn beside the skin: eyes, teeth, tongue, ears, hair, clothes. */
import type { Texture } from './draw.ts';

export type Part = {
  /** Three per vertex, authoring axes (x right, y down, f forward), mm. */
  points: Float32Array;
  triangles: Uint32Array;
  uv: Float32Array;
  texture: Texture;
  /** Unit normals, authoring axes, where they are not those of the triangles. */
  normals?: Float32Array;
  twoSided?: boolean;
};

/** A shape that still lacks its painting. */
export type Surface = Pick<Part, 'points' | 'triangles' | 'uv'>;

/** A colour in linear light, 0 to 1. */
export type Rgb = readonly [number, number, number];

/**
 * A surface over a grid of `columns` × `rows` points with texture coordinates from 0 to 1.
 * @param at Position in authoring axes for u and v in [0, 1]; seen from outside, u runs to the right and v down.
 */
export function sheet(
  columns: number,
  rows: number,
  at: (u: number, v: number) => readonly [number, number, number],
): Surface {
  const points = new Float32Array(columns * rows * 3);
  const uv = new Float32Array(columns * rows * 2);
  const triangles: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      const u = column / (columns - 1);
      const v = row / (rows - 1);
      points.set(at(u, v), i * 3);
      uv.set([u, v], i * 2);
      if (row + 1 < rows && column + 1 < columns) {
        triangles.push(i, i + 1, i + columns + 1, i, i + columns + 1, i + columns);
      }
    }
  }
  return { points, uv, triangles: Uint32Array.from(triangles) };
}

/** Parts of one anchor and texture as one. */
export function join(parts: readonly Surface[]): Surface {
  const triangles: number[] = [];
  let offset = 0;
  for (const part of parts) {
    for (const index of part.triangles) triangles.push(index + offset);
    offset += part.points.length / 3;
  }
  const flat = (pick: (part: Surface) => Float32Array) => {
    const all = new Float32Array(parts.reduce((sum, part) => sum + pick(part).length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(pick(part), at);
      at += pick(part).length;
    }
    return all;
  };
  return {
    points: flat((part) => part.points),
    uv: flat((part) => part.uv),
    triangles: Uint32Array.from(triangles),
  };
}

/** A texture from a function of u and v in [0, 1] that gives linear colour and gloss, all 0 to 1. */
export function paint(
  width: number,
  height: number,
  at: (u: number, v: number, x: number, y: number) => readonly [number, number, number, number],
): Texture {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      const [r, g, b, gloss] = at((x + 0.5) / width, (y + 0.5) / height, x, y);
      rgba[i] = encode(r);
      rgba[i + 1] = encode(g);
      rgba[i + 2] = encode(b);
      rgba[i + 3] = Math.max(0, Math.min(255, gloss * 255 + 0.5));
    }
  }
  return { width, height, rgba };
}

const encode = (linear: number): number =>
  Math.max(0, Math.min(255, Math.sqrt(Math.max(0, linear)) * 255 + 0.5));

export const clamp01 = (value: number): number => (value < 0 ? 0 : value > 1 ? 1 : value);
export const smoothstep = (from: number, to: number, value: number): number => {
  const t = clamp01((value - from) / (to - from));
  return t * t * (3 - 2 * t);
};
export const mix = (a: number, b: number, t: number): number => a + (b - a) * t;
export const mixRgb = (a: Rgb, b: Rgb, t: number): [number, number, number] => [
  mix(a[0], b[0], t),
  mix(a[1], b[1], t),
  mix(a[2], b[2], t),
];
