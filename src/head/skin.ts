/**
 * The skin's colour as a texture: broad tones (blood in cheeks and nose, shade around the eyes, beard shadow) at the
 * vertices, fine ones (pores, freckles, lips, brows, lashes, stubble, wrinkles) per texel.
 */
import { createRng } from '../random.ts';
import type { Texture } from './draw.ts';
import { featuresOf } from './face.ts';
import type { Features } from './face.ts';
import { columns, grid, middle, mouthRow, textureLine } from './grid.ts';
import type { TextureLine } from './grid.ts';
import type { Hairline } from './hairline.ts';
import { createNoise, fractal } from './noise.ts';
import type { Noise } from './noise.ts';
import { clamp01, mix, mixRgb, smoothstep } from './part.ts';
import type { Rgb } from './part.ts';
import { eyeballOf } from './sculpt.ts';
import type { Shape } from './shape.ts';
import { beardZone, fineBrush, gauss2 } from './skin-details.ts';

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
  [183, 136, 107],
  [146, 105, 80],
  [110, 78, 61],
  [80, 56, 46],
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
  for (let y = 0; y < size; y++) {
    const line = textureLine((y + 0.5) / size);
    if (line) paintLine(rgba.subarray(y * size * 4, (y + 1) * size * 4), line, points, broad, brush);
    else fillBag(rgba.subarray(y * size * 4, (y + 1) * size * 4));
  }
  for (const spot of spots) stain(rgba, spot);
  return { width: size, height: size, rgba };
}

/** One row of texels: position and broad tone between the four vertices around each, then the fine brush. */
function paintLine(
  rgba: Uint8Array,
  line: TextureLine,
  points: Float32Array,
  broad: Float32Array,
  brush: ReturnType<typeof fineBrush>,
): void {
  const { at } = grid();
  const { above, below, share, row } = line;
  const texel = new Float32Array(8);
  for (let x = 0; x < size; x++) {
    const column = ((x + 0.5) / size) * (columns.length - 1);
    const left = Math.min(columns.length - 2, Math.floor(column));
    const across = column - left;
    texel.fill(0);
    for (let k = 0; k < 4; k++) {
      const edge = k < 2 ? above : below;
      const vertex = at(edge.row, left + (k & 1), edge.side);
      const weight = (k < 2 ? 1 - share : share) * (k & 1 ? across : 1 - across);
      for (let c = 0; c < 3; c++) texel[c] = texel[c]! + weight * points[vertex * 3 + c]!;
      for (let c = 0; c < 4; c++) texel[4 + c] = texel[4 + c]! + weight * broad[vertex * 4 + c]!;
    }
    brush(texel, row, column);
    for (let c = 0; c < 3; c++)
      rgba[x * 4 + c] = Math.min(255, Math.sqrt(Math.max(0, texel[4 + c]!)) * 255 + 0.5);
    rgba[x * 4 + 3] = Math.max(0, Math.min(255, texel[7]! * 255));
  }
}

/** The inside of the mouth: dark wet red. */
function fillBag(rgba: Uint8Array): void {
  for (let i = 0; i < rgba.length; i += 4) rgba.set([132, 70, 66, 200], i);
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
