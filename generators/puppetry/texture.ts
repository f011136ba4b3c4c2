/**
 * R1: neural textures. A static texture of 16 channels per person covers the part of the UV square that shows around the
 * mouth; a UV picture becomes a table of four texels and their weights per pixel, once for sampling and once for its gradient.
 */
import type { Mesh } from '../../src/head/mesh.ts';
import type { UvImage } from '../../src/head/raster.ts';
import { mouthVertices } from '../../src/faces/mouth-region.ts';
import type { Frame } from '../../src/types.ts';

export const textureChannels = 16;

/** Texels across and down; the mesh's UV square is wider than high around the mouth. */
export type TextureSize = { columns: number; rows: number };
export const textureSize = (columns: number): TextureSize => ({ columns, rows: columns / 2 });

/** The rectangle of the UV square that a texture covers. */
export type TextureSpace = TextureSize & { left: number; top: number; width: number; height: number };

const marginShare = 0.08;

/** The space around everything that speech moves, the inside of the mouth included. */
export function textureSpace(mesh: Mesh, size: TextureSize): TextureSpace {
  const range = (axis: 0 | 1): [number, number] => {
    let [low, high] = [1, 0];
    for (const v of mouthVertices(mesh)) {
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

/** The table of a UV picture; coordinates beyond the space are those at its border. */
export function sampleTable({ uv }: UvImage, space: TextureSpace): SampleTable {
  const count = uv.length / 2;
  const { columns, rows } = space;
  const table = { indices: new Int32Array(count * 4), weights: new Float32Array(count * 4) };
  for (let i = 0; i < count; i++) {
    const u = uv[i * 2]!;
    if (u < 0) continue;
    const x = inTexels((u - space.left) / space.width, columns);
    const y = inTexels((uv[i * 2 + 1]! - space.top) / space.height, rows);
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, bottom] = [Math.min(columns - 1, left + 1), Math.min(rows - 1, top + 1)];
    const [fx, fy] = [x - left, y - top];
    table.indices[i * 4] = top * columns + left;
    table.indices[i * 4 + 1] = top * columns + right;
    table.indices[i * 4 + 2] = bottom * columns + left;
    table.indices[i * 4 + 3] = bottom * columns + right;
    table.weights[i * 4] = (1 - fx) * (1 - fy);
    table.weights[i * 4 + 1] = fx * (1 - fy);
    table.weights[i * 4 + 2] = (1 - fx) * fy;
    table.weights[i * 4 + 3] = fx * fy;
  }
  return table;
}

/** A share of the space as a position between texel centres, held at the border. */
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

export function createColourSum({ columns, rows }: TextureSize): ColourSum {
  const texels = columns * rows;
  return { size: { columns, rows }, colour: new Float64Array(texels * 3), weight: new Float64Array(texels) };
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

function beside(texel: number, { columns, rows }: TextureSize): number[] {
  const [x, y] = [texel % columns, Math.floor(texel / columns)];
  const around: number[] = [];
  if (x > 0) around.push(texel - 1);
  if (x < columns - 1) around.push(texel + 1);
  if (y > 0) around.push(texel - columns);
  if (y < rows - 1) around.push(texel + columns);
  return around;
}
