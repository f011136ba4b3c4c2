/**
 * The skin's colour as a texture: broad tones (blood in cheeks and nose, shade around the eyes, beard shadow) at the
 * vertices, fine ones (pores, freckles, lips, brows, lashes, stubble, wrinkles) per texel.
 */
import { createRng } from '../random.ts';
import type { Texture } from './draw.ts';
import { featuresOf, redRows } from './face.ts';
import type { Features } from './face.ts';
import { eyeColumns, eyeRow, grid, middle, mouthCorner, mouthRow, rows, skinTexel } from './grid.ts';
import { scalpCover } from './hairline.ts';
import type { Hairline } from './hairline.ts';
import { createNoise, fractal } from './noise.ts';
import type { Noise } from './noise.ts';
import { clamp01, mix, mixRgb, smoothstep } from './part.ts';
import type { Rgb } from './part.ts';
import { eyeballOf } from './sculpt.ts';
import type { Shape } from './shape.ts';

export type SkinLook = {
  /** 0 very light to 6 very dark. */
  tone: number;
  /** Blood and sun: −1 pale or yellow to 1 ruddy. */
  redness: number;
  /** How blotchy, freckled and lined, each 0 to 1. */
  blotches: number;
  freckles: number;
  lines: number;
  /** Dark rings below the eyes. */
  rings: number;
  gloss: number;
  lips: Rgb;
  /** How much the lips' own colour covers the skin's. */
  lipCover: number;
  brow: { colour: Rgb; thickness: number; density: number; arch: number };
  /** Darkness of lashes and liner, and coloured shade on the lids. */
  lashes: number;
  shadow: number;
  /** Beard: 0 none; stubble dots up to 1 dense. */
  stubble: number;
  stubbleColour: Rgb;
  moles: number;
  seed: string;
};

const toneAnchors: Rgb[] = [
  [236, 198, 180],
  [224, 178, 153],
  [207, 156, 126],
  [181, 130, 99],
  [143, 98, 71],
  [105, 71, 53],
  [72, 48, 38],
];

/** Linear colour of a skin tone from 0 (very light) to 6 (very dark). */
export function toneOf(tone: number, redness: number): Rgb {
  const t = Math.max(0, Math.min(5.999, tone));
  const colour = mixRgb(toneAnchors[Math.floor(t)]!, toneAnchors[Math.floor(t) + 1]!, t % 1);
  const linear = colour.map((value) => (value / 255) ** 2.2) as [number, number, number];
  return [
    linear[0] * (1 + 0.03 * redness),
    linear[1] * (1 - 0.035 * redness),
    linear[2] * (1 - 0.05 * redness),
  ];
}

const size = 512;
const gauss2 = (dx: number, dy: number): number => Math.exp(-dx * dx - dy * dy);

/** @param points Neutral vertices in authoring axes. */
export function skinTexture(
  shape: Shape,
  look: SkinLook,
  hairline: Hairline,
  hairColour: Rgb,
  points: Float32Array,
): Texture {
  const rng = createRng(look.seed, 'skin');
  const noise = createNoise(rng);
  const features = featuresOf(shape);
  const broad = broadTones(shape, look, features, noise, points);
  const spots = spotsOf(rng, look, points);
  const brush = fineBrush(shape, look, features, noise, hairline, hairColour);
  const rgba = new Uint8Array(size * size * 4);
  const texel = new Float32Array(8);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const place = skinTexel((x + 0.5) / size, (y + 0.5) / size);
      const out = (y * size + x) * 4;
      if (!place) {
        rgba.set([132, 70, 66, 200], out);
        continue;
      }
      const { corners, fx, fy } = place;
      const weights = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      texel.fill(0);
      for (let k = 0; k < 4; k++) {
        const vertex = corners[k]!;
        const weight = weights[k]!;
        for (let c = 0; c < 3; c++) texel[c] = texel[c]! + weight * points[vertex * 3 + c]!;
        for (let c = 0; c < 4; c++) texel[4 + c] = texel[4 + c]! + weight * broad[vertex * 4 + c]!;
      }
      brush(texel, place.row, place.column);
      for (let c = 0; c < 3; c++)
        rgba[out + c] = Math.max(0, Math.min(255, Math.sqrt(Math.max(0, texel[4 + c]!)) * 255 + 0.5));
      rgba[out + 3] = Math.max(0, Math.min(255, texel[7]! * 255));
    }
  }
  for (const spot of spots) stain(rgba, spot);
  return { width: size, height: size, rgba };
}

/** Colour (linear RGB) and gloss per vertex. */
function broadTones(
  shape: Shape,
  look: SkinLook,
  features: Features,
  noise: Noise,
  points: Float32Array,
): Float32Array {
  const base = toneOf(look.tone, look.redness);
  const eye = eyeballOf(shape);
  const out = new Float32Array((points.length / 3) * 4);
  // Blood shows less through darker skin.
  const blood = (1 - 0.11 * look.tone) * (1 + 0.4 * look.redness);
  for (let i = 0; i < points.length / 3; i++) {
    const x = points[i * 3]!;
    const ax = Math.abs(x);
    const y = points[i * 3 + 1]!;
    const f = points[i * 3 + 2]!;
    const n = fractal(noise, x * 0.03 + 3, y * 0.03 + f * 0.02, 3);
    const red =
      0.75 * gauss2((ax - 37) / 19, (y - 34) / 15) +
      0.8 * gauss2(ax / 13, (y - features.noseY) / 10) +
      0.3 * gauss2(ax / 16, (y - features.chinY + 12) / 10) +
      0.35 * gauss2((ax - eye.x) / 17, (y - eye.y) / 10) +
      0.45 * gauss2((ax - 18) / 7, (y - features.noseY - 4) / 8) +
      0.5 * look.blotches * n;
    const rings = gauss2((ax - eye.x + 5) / 13, (y - eye.y - 12) / 6) * (0.12 + 0.25 * look.rings);
    const socket =
      0.1 * gauss2((ax - 17) / 6, (y + 2) / 9) +
      0.08 * gauss2((ax - eye.x) / 17, (y + 9) / 6) * (0.6 + look.shadow);
    const mouthSides =
      0.07 * gauss2((ax - features.mouthHalfWidth - 3) / 6, (y - features.mouthY - 2) / 9) +
      0.06 * gauss2(ax / 13, (y - features.mouthY - 16) / 5);
    const temple = 0.05 * smoothstep(45, 70, ax);
    const beard = beardZone(ax, y, f, features) * look.stubble;
    const light =
      0.035 * gauss2(ax / 32, (y + 42) / 22) -
      rings -
      socket -
      mouthSides -
      temple +
      0.05 * n * (0.5 + look.blotches);
    const r = red * blood;
    out[i * 4] = base[0] * (1 + light + 0.02 * r);
    out[i * 4 + 1] = base[1] * (1 + 1.1 * light - 0.15 * r);
    out[i * 4 + 2] = base[2] * (1 + 1.05 * light - 0.17 * r + 0.1 * rings);
    for (let c = 0; c < 3; c++)
      out[i * 4 + c] = mix(out[i * 4 + c]!, look.stubbleColour[c]! * 0.8 + 0.1 * base[c]!, 0.34 * beard);
    const shine =
      0.22 +
      0.4 * gauss2(ax / 26, (y + 42) / 20) +
      0.6 * gauss2(ax / 9, (y - 28) / 24) +
      0.3 * gauss2((ax - 38) / 14, (y - 22) / 12) +
      0.2 * gauss2(ax / 12, (y - features.chinY + 11) / 8);
    out[i * 4 + 3] = clamp01(look.gloss * shine * (1 - 0.6 * beard));
  }
  return out;
}

/** Where a beard grows, 0 to 1. */
export function beardZone(ax: number, y: number, f: number, features: Features): number {
  const { mouthY, noseY } = features;
  if (f < -5) return 0;
  const cheekLine = mouthY - 6 + (ax > 30 ? -0.9 * (ax - 30) : 0.35 * (30 - ax));
  const jaw =
    smoothstep(cheekLine - 4, cheekLine + 7, y) * smoothstep(features.chinY + 26, features.chinY + 6, y);
  const moustache =
    smoothstep(noseY + 11, noseY + 16, y) * smoothstep(36, 24, ax) * smoothstep(mouthY + 4, mouthY, y);
  const soulPatch = gauss2((ax - 13) / 6, (y - mouthY - 14) / 7);
  return Math.max(jaw * (1 - 0.55 * soulPatch), moustache);
}

type Brush = (texel: Float32Array, row: number, column: number) => void;

/** Changes a texel in place: x, y, f, –, r, g, b, gloss. `row` and `column` are places on the grid, with fractions. */
function fineBrush(
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
    const shade = 1 + 0.022 * pore + 0.028 * grain * (0.6 + look.blotches);
    scale(texel, shade, shade * (1 - 0.012 * grain), shade * (1 - 0.012 * grain));
    texel[7] = texel[7]! * (1 + 0.35 * pore + 0.25 * grain);
    const cover = scalpCover(hairline, x, y, f, noise);
    if (cover > 0) {
      blend(texel, hairColour.map((value) => value * 0.55) as [number, number, number], cover);
      texel[7] = texel[7]! * (1 - cover);
    }
    if (!front) return;
    if (look.stubble > 0) paintStubble(texel, look, features, noise, ax, x, y, f);
    if (look.lines > 0.05) paintLines(texel, look, features, eye, noise, ax, x, y, scale);
    paintLids(texel, look, row, column, shape, blend, scale, noise);
    paintBrows(texel, look, shape, features, noise, x, ax, y, blend);
    paintLips(texel, look, row, column, noise, x, y, blend, scale);
    // Nostrils: a dark hollow.
    const nostril = gauss2((ax - 6.4 - 0.3 * shape.noseWidth) / 3.3, (y - features.noseY - 8.3) / 2.1);
    if (nostril > 0.02) blend(texel, [0.03, 0.012, 0.01], clamp01(nostril * 1.15));
    const wing = gauss2((ax - 16.5 - 0.5 * shape.noseWidth) / 1.6, (y - features.noseY - 2) / 6);
    if (wing > 0.02) scale(texel, 1 - 0.2 * wing, 1 - 0.28 * wing, 1 - 0.28 * wing);
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
  const dots = smoothstep(0.15, 0.7, noise(x * 1.9 + 31, y * 1.5 + f * 0.8));
  const share = zone * look.stubble * 0.6 * dots;
  for (let c = 0; c < 3; c++) texel[4 + c] = mix(texel[4 + c]!, look.stubbleColour[c]!, share);
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
  scale(texel, strength, strength * strength ** 0.4, strength * strength ** 0.4);
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
  const hair = clamp01(brow.density * (0.72 + 0.55 * strand));
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

type Spot = { u: number; v: number; radiusU: number; radiusV: number; colour: Rgb; share: number };

/** Freckles across nose and cheeks, and a few moles. */
function spotsOf(rng: ReturnType<typeof createRng>, look: SkinLook, points: Float32Array): Spot[] {
  const { uv, at } = grid();
  const spots: Spot[] = [];
  const place = (x: number, y: number) => {
    let best = 0;
    let distance = Infinity;
    for (let row = 6; row < mouthRow + 14; row++) {
      for (let column = middle - 30; column <= middle + 30; column++) {
        const i = at(row, column);
        const d = (points[i * 3]! - x) ** 2 + (points[i * 3 + 1]! - y) ** 2;
        if (d < distance) [best, distance] = [i, d];
      }
    }
    return best;
  };
  const add = (x: number, y: number, radius: number, colour: Rgb, share: number) => {
    const i = place(x, y);
    spots.push({
      u: uv[i * 2]! + rng.uniform(-0.006, 0.006),
      v: uv[i * 2 + 1]! + rng.uniform(-0.006, 0.006),
      radiusU: radius / 190,
      radiusV: radius / 270,
      colour,
      share,
    });
  };
  const freckles = Math.round(160 * look.freckles);
  for (let i = 0; i < freckles; i++)
    add(
      rng.normal(0, 26),
      rng.normal(26, 14),
      rng.uniform(0.5, 1.1),
      [0.3, 0.14, 0.07],
      rng.uniform(0.12, 0.4),
    );
  for (let i = 0; i < look.moles; i++)
    add(
      rng.uniform(-50, 50),
      rng.uniform(-40, 100),
      rng.uniform(0.8, 1.5),
      [0.08, 0.04, 0.03],
      rng.uniform(0.5, 0.85),
    );
  return spots;
}

function stain(rgba: Uint8Array, spot: Spot): void {
  const [cx, cy, rx, ry] = [
    spot.u * size,
    spot.v * size,
    Math.max(0.8, spot.radiusU * size),
    Math.max(0.8, spot.radiusV * size),
  ];
  for (let y = Math.max(0, Math.floor(cy - 2 * ry)); y <= Math.min(size - 1, cy + 2 * ry); y++) {
    for (let x = Math.max(0, Math.floor(cx - 2 * rx)); x <= Math.min(size - 1, cx + 2 * rx); x++) {
      const share = spot.share * gauss2((x + 0.5 - cx) / rx, (y + 0.5 - cy) / ry);
      const i = (y * size + x) * 4;
      for (let c = 0; c < 3; c++) rgba[i + c] = mix(rgba[i + c]!, Math.sqrt(spot.colour[c]!) * 255, share);
    }
  }
}
