/**
 * R1: neural textures. A static texture of 16 channels per person holds two parts: the skin that shows around the mouth, by its
 * UV coordinates, and below it the inside of the mouth, by its place on a plane through the teeth (`mouth-inside.ts`). A picture
 * of the face becomes a table of four texels and their weights per pixel, for sampling and for its gradient.
 */
import type { Mesh } from '../../src/head/mesh.ts';
import type { UvImage } from '../../src/head/raster.ts';
import { mouthVertices } from '../../src/faces/mouth-region.ts';
import type { Frame } from '../../src/types.ts';
import { isInside } from './mouth-inside.ts';
import type { InsideShares } from './mouth-inside.ts';

export const textureChannels = 16;

/** Texels across, and down in each part. */
export type TextureSize = { columns: number; skinRows: number; insideRows: number };
/** Two thirds of the rows show skin. */
export function textureSize({ columns, rows }: { columns: number; rows: number }): TextureSize {
  const skinRows = Math.round((rows * 2) / 3);
  return { columns, skinRows, insideRows: rows - skinRows };
}
export const rowsOf = ({ skinRows, insideRows }: TextureSize): number => skinRows + insideRows;

/** The rectangle of the UV square that the skin's part covers. */
export type TextureSpace = TextureSize & { left: number; top: number; width: number; height: number };

const marginShare = 0.05;

/** The space around the skin that moves with the mouth. */
export function textureSpace(mesh: Mesh, size: TextureSize): TextureSpace {
  const skin = mouthVertices(mesh).filter((v) => !isInside(mesh.uv[v * 2 + 1]!));
  const range = (axis: 0 | 1): [number, number] => {
    let [low, high] = [1, 0];
    for (const v of skin) {
      low = Math.min(low, mesh.uv[v * 2 + axis]!);
      high = Math.max(high, mesh.uv[v * 2 + axis]!);
    }
    const margin = marginShare * (high - low);
    return [Math.max(0, low - margin), Math.min(1, high + margin)];
  };
  const [left, right] = range(0);
  const [top, bottom] = range(1);
  return { left, top, width: right - left, height: bottom - top, ...size };
}

/** Four texels (row-major) and their bilinear weights per pixel. Where there is no face all weights are 0. */
export type SampleTable = { indices: Int32Array; weights: Float32Array };

/** The table of a UV picture. Coordinates beyond a part are those at its border. */
export function sampleTable({ uv }: UvImage, space: TextureSpace, insideShares: InsideShares): SampleTable {
  const count = uv.length / 2;
  const { columns, skinRows, insideRows } = space;
  const table = { indices: new Int32Array(count * 4), weights: new Float32Array(count * 4) };
  for (let i = 0; i < count; i++) {
    const [u, v] = [uv[i * 2]!, uv[i * 2 + 1]!];
    if (u < 0) continue;
    if (isInside(v)) {
      const [across, down] = insideShares(i);
      fillRow(table, i, inTexels(across, columns), inTexels(down, insideRows), columns, skinRows, insideRows);
    } else {
      const x = inTexels((u - space.left) / space.width, columns);
      fillRow(table, i, x, inTexels((v - space.top) / space.height, skinRows), columns, 0, skinRows);
    }
  }
  return table;
}

/** The four texels around (x, y) in the part of `rows` rows from `firstRow`. */
function fillRow(
  { indices, weights }: SampleTable,
  pixel: number,
  x: number,
  y: number,
  columns: number,
  firstRow: number,
  rows: number,
): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(columns - 1, left + 1), Math.min(rows - 1, top + 1)];
  const [fx, fy] = [x - left, y - top];
  const at = pixel * 4;
  indices[at] = (firstRow + top) * columns + left;
  indices[at + 1] = (firstRow + top) * columns + right;
  indices[at + 2] = (firstRow + bottom) * columns + left;
  indices[at + 3] = (firstRow + bottom) * columns + right;
  weights[at] = (1 - fx) * (1 - fy);
  weights[at + 1] = fx * (1 - fy);
  weights[at + 2] = (1 - fx) * fy;
  weights[at + 3] = fx * fy;
}

/** A share of a part as a position between texel centres, held at the border. */
function inTexels(share: number, count: number): number {
  return Math.max(0, Math.min(count - 1, share * count - 0.5));
}

/** The texture's channels at every pixel, 0 where there is no face. */
export function sampleTexels(texture: Float32Array, { indices, weights }: SampleTable): Float32Array {
  const count = indices.length / 4;
  const features = new Float32Array(count * textureChannels);
  for (let i = 0; i < count * 4; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    const from = indices[i]! * textureChannels;
    const to = (i >> 2) * textureChannels;
    for (let c = 0; c < textureChannels; c++) features[to + c]! += weight * texture[from + c]!;
  }
  return features;
}

/** Sums of what was seen at each texel, from which the first three channels start. */
export type ColourSum = { size: TextureSize; colour: Float64Array; weight: Float64Array };

export function createColourSum(size: TextureSize): ColourSum {
  const texels = size.columns * rowsOf(size);
  return { size, colour: new Float64Array(texels * 3), weight: new Float64Array(texels) };
}

/** Adds a picture (of the table's pixels) to the texels that it shows. */
export function addColours(sum: ColourSum, { indices, weights }: SampleTable, picture: Frame): void {
  for (let i = 0; i < indices.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    const texel = indices[i]!;
    sum.weight[texel]! += weight;
    for (let c = 0; c < 3; c++) sum.colour[texel * 3 + c]! += weight * picture.data[(i >> 2) * 3 + c]!;
  }
}

/** Mean colour per texel in [-1, 1]; texels never seen take the mean of their neighbours, ring by ring. */
export function meanColours({ size, colour, weight }: ColourSum): Float32Array {
  const result = new Float32Array(weight.length * 3);
  let known = Array.from(weight, (w) => w > 0);
  known.forEach((seen, texel) => {
    if (!seen) return;
    for (let c = 0; c < 3; c++) result[texel * 3 + c] = colour[texel * 3 + c]! / weight[texel]! / 127.5 - 1;
  });
  while (known.includes(true) && known.includes(false)) {
    const next = known.slice();
    known.forEach((seen, texel) => {
      if (seen) return;
      const neighbours = beside(texel, size).filter((other) => known[other]);
      if (neighbours.length === 0) return;
      for (let c = 0; c < 3; c++) {
        const sum = neighbours.reduce((total, other) => total + result[other * 3 + c]!, 0);
        result[texel * 3 + c] = sum / neighbours.length;
      }
      next[texel] = true;
    });
    known = next;
  }
  return result;
}

function beside(texel: number, size: TextureSize): number[] {
  const { columns } = size;
  const [x, y] = [texel % columns, Math.floor(texel / columns)];
  const around: number[] = [];
  if (x > 0) around.push(texel - 1);
  if (x < columns - 1) around.push(texel + 1);
  if (y > 0) around.push(texel - columns);
  if (y < rowsOf(size) - 1) around.push(texel + columns);
  return around;
}
