/** The fine strokes of the skin's painting: pores, stubble, lines, lids and lashes, brows, lips, nostrils. */
import { redRows } from './face.ts';
import type { Features } from './face.ts';
import { eyeColumns, eyeRow, middle, mouthCorner, mouthRow, rows } from './grid.ts';
import { scalpCover } from './hairline.ts';
import type { Hairline } from './hairline.ts';
import type { Noise } from './noise.ts';
import { clamp01, mix, smoothstep } from './part.ts';
import type { Rgb } from './part.ts';
import { eyeballOf } from './sculpt.ts';
import type { Shape } from './shape.ts';
import type { SkinLook } from './skin.ts';

/** A bell of height 1 over two dimensions. */
export const gauss2 = (dx: number, dy: number): number => Math.exp(-dx * dx - dy * dy);

/** Where a beard grows, 0 to 1. */
export function beardZone(ax: number, y: number, f: number, features: Features): number {
  const { mouthY, noseY } = features;
  if (f < -5) return 0;
  const cheekLine = mouthY - 6 + (ax > 30 ? -0.9 * (ax - 30) : 0.35 * (30 - ax));
  const jaw =
    smoothstep(cheekLine - 4, cheekLine + 7, y) * smoothstep(features.chinY + 12, features.chinY - 3, y);
  const moustache =
    smoothstep(noseY + 9 + 0.2 * ax, noseY + 17 + 0.2 * ax, y) *
    smoothstep(36, 24, ax) *
    smoothstep(mouthY + 4, mouthY, y);
  const soulPatch = gauss2((ax - 13) / 6, (y - mouthY - 14) / 7);
  // Under the chin it ends before the throat.
  const throat = y > features.chinY - 8 ? smoothstep(36, 58, f) : 1;
  return Math.max(jaw * throat * (1 - 0.55 * soulPatch), moustache);
}

/** Changes a texel in place. */
type Brush = (texel: Float32Array, row: number, column: number) => void;

/** Changes a texel in place: x, y, f, –, r, g, b, gloss. `row` and `column` are places on the grid, with fractions. */
export function fineBrush(
  shape: Shape,
  look: SkinLook,
  features: Features,
  noise: Noise,
  hairline: Hairline,
  hairColour: Rgb,
): Brush {
  const eye = eyeballOf(shape);
  const blend = (texel: Float32Array, colour: Rgb, share: number) => {
    for (let c = 0; c < 3; c++) texel[4 + c] = mix(texel[4 + c]!, colour[c]!, share);
  };
  const scale = (texel: Float32Array, r: number, g = r, b = r) => {
    texel[4] = texel[4]! * r;
    texel[5] = texel[5]! * g;
    texel[6] = texel[6]! * b;
  };
  return (texel, row, column) => {
    const [x, y, f] = [texel[0]!, texel[1]!, texel[2]!];
    const ax = Math.abs(x);
    const front = f > 0;
    // Pores and fine blotches.
    const pore = noise(x * 0.9, y * 0.9 + f * 0.3);
    const grain = noise(x * 0.28 + 7, y * 0.28 + f * 0.2);
    const shade = 1 + 0.036 * pore + 0.034 * grain * (0.6 + look.blotches);
    const flush = 1 - 0.03 * noise(x * 0.16 + 19, y * 0.16 + f * 0.1) * (0.4 + look.blotches);
    scale(texel, shade, shade * flush, shade * flush);
    texel[7] = texel[7]! * (1 + 0.35 * pore + 0.25 * grain);
    const cover = scalpCover(hairline, x, y, f, noise);
    if (cover > 0) {
      blend(texel, hairColour.map((value) => value * 0.7) as [number, number, number], cover);
      texel[7] = texel[7]! * (1 - cover);
    }
    if (!front) return;
    if (look.stubble > 0) paintStubble(texel, look, features, noise, ax, x, y, f);
    if (look.lines > 0.05) paintLines(texel, look, features, eye, noise, ax, x, y, scale);
    paintLids(texel, look, row, column, shape, blend, scale, noise);
    paintBrows(texel, look, shape, features, noise, x, ax, y, blend);
    paintLips(texel, look, row, column, noise, x, y, blend, scale);
    // Philtrum: a groove between two ridges.
    const groove =
      smoothstep(features.noseY + 9, features.noseY + 13, y) *
      smoothstep(features.mouthY - 4, features.mouthY - 8, y);
    if (groove > 0)
      scale(texel, 1 + groove * (0.05 * gauss2((ax - 4.5) / 1.8, 0) - 0.07 * gauss2(ax / 2.2, 0)));
    // Nostrils: a dark hollow.
    const nostril = gauss2((ax - 6.4 - 0.3 * shape.noseWidth) / 3.3, (y - features.noseY - 8.3) / 2.1);
    if (nostril > 0.02) blend(texel, [0.03, 0.012, 0.01], clamp01(nostril * 1.15));
    const wing = gauss2((ax - 16.5 - 0.5 * shape.noseWidth) / 1.6, (y - features.noseY - 2) / 6);
    if (wing > 0.02) scale(texel, 1 - 0.3 * wing, 1 - 0.38 * wing, 1 - 0.38 * wing);
  };
}

type Blend = (texel: Float32Array, colour: Rgb, share: number) => void;
type Scale = (texel: Float32Array, r: number, g?: number, b?: number) => void;

function paintStubble(
  texel: Float32Array,
  look: SkinLook,
  features: Features,
  noise: Noise,
  ax: number,
  x: number,
  y: number,
  f: number,
): void {
  const zone = beardZone(ax, y, f, features);
  if (zone <= 0.01) return;
  // Dots while it is short; a beard hides the skin and shows its hairs, which run down and outwards.
  const dots = smoothstep(0.15, 0.7, noise(x * 1.9 + 31, y * 1.5 + f * 0.8));
  const hairs = noise((x - 0.25 * Math.sign(x) * y) * 1.5 + 7, y * 0.34 + f * 0.2);
  const beard = smoothstep(0.5, 0.95, look.stubble);
  const ragged = smoothstep(0.1, 0.55, zone + 0.22 * hairs);
  const share = mix(zone * look.stubble * 0.6 * dots, ragged * 0.93, beard);
  const shade = 1 + beard * (0.25 + 0.9 * hairs);
  for (let c = 0; c < 3; c++) texel[4 + c] = mix(texel[4 + c]!, look.stubbleColour[c]! * shade, share);
  texel[7] = mix(texel[7]!, 0.1 + 0.15 * hairs, beard * ragged);
}

/** Folds from nose to mouth, under the eyes, at their outer corners, and across the forehead. */
function paintLines(
  texel: Float32Array,
  look: SkinLook,
  features: Features,
  eye: { x: number; y: number },
  noise: Noise,
  ax: number,
  x: number,
  y: number,
  scale: Scale,
): void {
  const { noseY, mouthY, mouthHalfWidth } = features;
  const along = (y - noseY) / (mouthY + 4 - noseY);
  const foldX = mix(19, mouthHalfWidth + 9, Math.max(0, along) ** 0.8);
  let dark =
    0.22 * gauss2((ax - foldX) / 1.7, 0) * smoothstep(-0.1, 0.25, along) * smoothstep(1.2, 0.8, along);
  const forehead = (y + 46 + 2 * noise(x * 0.05, 3)) / 9;
  dark +=
    0.12 *
    gauss2((forehead - Math.round(forehead)) / 0.11, 0) *
    smoothstep(2.4, 1.2, Math.abs(forehead)) *
    smoothstep(50, 25, ax);
  const crow = Math.atan2(y - eye.y, ax - eye.x - 12) * 4.2;
  dark +=
    0.16 * gauss2((crow - Math.round(crow)) / 0.2, 0) * gauss2((ax - eye.x - 23) / 5.5, (y - eye.y - 1) / 9);
  dark += 0.14 * gauss2((ax - eye.x + 2) / 14, (y - eye.y - 11.5 - 0.012 * (ax - eye.x) ** 2) / 1.1);
  const strength = 1 - Math.min(0.35, dark) * look.lines;
  scale(texel, strength, strength * strength ** 0.2, strength * strength ** 0.2);
}

function paintLids(
  texel: Float32Array,
  look: SkinLook,
  row: number,
  column: number,
  shape: Shape,
  blend: Blend,
  scale: Scale,
  noise: Noise,
): void {
  const c = Math.abs(column - middle);
  if (c < eyeColumns.inner - 2 || c > eyeColumns.outer + 3 || Math.abs(row - eyeRow) > 9) return;
  const inside =
    smoothstep(eyeColumns.inner - 0.5, eyeColumns.inner + 1.5, c) *
    smoothstep(eyeColumns.outer + 1.2, eyeColumns.outer - 1.5, c);
  const p = (c - (eyeColumns.inner + eyeColumns.outer) / 2) / ((eyeColumns.outer - eyeColumns.inner) / 2);
  const d = row - eyeRow;
  if (Math.abs(d) < 0.5) {
    // The rim between the doubled rows: lashes above, wet pink below.
    blend(
      texel,
      d < 0 ? [0.02, 0.012, 0.01] : [0.42, 0.2, 0.17],
      inside * (d < 0 ? 0.75 + 0.25 * look.lashes : 0.75),
    );
    texel[7] = 0.6;
    return;
  }
  if (d < 0) {
    const lash = smoothstep(-2.1 - 0.8 * look.lashes, -0.5, d) * inside;
    blend(
      texel,
      [0.014, 0.009, 0.008],
      lash * (0.55 + 0.45 * look.lashes) * (0.8 + 0.2 * noise(column * 2.1, 5)),
    );
    const crease =
      Math.exp(-(((d + 5.3) / 0.85) ** 2)) * (1 - 0.8 * shape.hooded) * smoothstep(1.1, 0.7, Math.abs(p));
    scale(texel, 1 - 0.42 * crease, 1 - 0.5 * crease, 1 - 0.5 * crease);
    const shadow = look.shadow * smoothstep(-8, -3, d) * smoothstep(1.25, 0.9, Math.abs(p));
    scale(texel, 1 - 0.35 * shadow, 1 - 0.45 * shadow, 1 - 0.4 * shadow);
  } else {
    const lash = smoothstep(2, 0.5, d) * inside * (0.3 + 0.7 * smoothstep(-0.4, 0.8, p));
    blend(texel, [0.05, 0.03, 0.025], 0.45 * lash * (0.4 + 0.6 * look.lashes));
  }
  const duct = Math.exp(-(((c - eyeColumns.inner) / 1.1) ** 2) - (d / 1.5) ** 2);
  blend(texel, [0.42, 0.17, 0.15], 0.6 * duct);
}

function paintBrows(
  texel: Float32Array,
  look: SkinLook,
  shape: Shape,
  features: Features,
  noise: Noise,
  x: number,
  ax: number,
  y: number,
  blend: Blend,
): void {
  const { brow } = look;
  const inner = 10 + 0.6 * shape.eyeSpacing;
  const outer = 53;
  const t = (ax - inner) / (outer - inner);
  if (t < -0.08 || t > 1.08 || Math.abs(y - features.browY) > 16) return;
  const line =
    features.browY +
    2.2 -
    (4 + brow.arch) * Math.sin(Math.PI * Math.min(1, Math.max(0, t) ** 1.25 * 0.95)) +
    3.2 * Math.max(0, t - 0.6) * 2.5;
  const thickness = brow.thickness * (t < 0.12 ? 0.75 + 2 * t : mix(1, 0.32, smoothstep(0.45, 1, t)));
  const distance = (y - line) / thickness;
  const mask =
    smoothstep(1.25, 0.35, Math.abs(distance)) * smoothstep(-0.06, 0.05, t) * smoothstep(1.05, 0.88, t);
  if (mask <= 0) return;
  // Hairs run up at the inner end and outwards beyond it.
  const slope = mix(1.6, -0.15, smoothstep(0, 0.4, t));
  const strand = noise((y + ax * slope * 0.6) * 1.15 + (x > 0 ? 50 : 0), ax * 0.16 + y * 0.1);
  const hair = clamp01(brow.density * (0.84 + 0.42 * strand));
  blend(texel, brow.colour, clamp01(mask * hair * 1.1));
  texel[7] = texel[7]! * (1 - 0.7 * mask);
}

function paintLips(
  texel: Float32Array,
  look: SkinLook,
  row: number,
  column: number,
  noise: Noise,
  x: number,
  y: number,
  blend: Blend,
  scale: Scale,
): void {
  const s = Math.abs(column - middle) / mouthCorner;
  if (s > 1.3 || Math.abs(row - mouthRow) > 12) return;
  const d = row - mouthRow;
  const redRowCount = d < 0 ? redSpan.upper : redSpan.lower;
  const t = Math.abs(d) / redRowCount;
  const end = smoothstep(1.04, 0.93, s);
  const soft = d < 0 ? 0.1 : 0.18;
  const red = smoothstep(1 + soft, 1 - soft, t) * end;
  if (red > 0) {
    const wrinkle = 0.94 + 0.1 * noise(x * 0.95, y * 0.22 + 11);
    const tint = look.lips.map((value) => value * wrinkle * (d < 0 ? 0.86 : 1)) as [number, number, number];
    blend(texel, tint, red * look.lipCover);
    texel[7] = mix(texel[7]!, (d < 0 ? 0.3 : 0.5) + 0.25 * look.gloss, red);
  }
  const seam = Math.exp(-((d / 0.95) ** 2)) * smoothstep(1.12, 0.9, s);
  scale(texel, 1 - 0.5 * seam, 1 - 0.62 * seam, 1 - 0.6 * seam);
  // A pale edge above the upper lip and shade under the lower one.
  const edge = Math.exp(-(((t - 1.25) / 0.2) ** 2)) * end;
  scale(texel, d < 0 ? 1 + 0.05 * edge : 1 - 0.06 * edge);
}

/** How many rows the red of each lip spans on the grid. */
const redSpan = {
  upper: rows.filter(
    ({ kind, value }) => kind === 'height' && value < 71 && value >= 71 - redRows.upper - 0.01,
  ).length,
  lower: rows.filter(
    ({ kind, value }) => kind === 'height' && value > 71 && value <= 71 + redRows.lower + 0.01,
  ).length,
};
