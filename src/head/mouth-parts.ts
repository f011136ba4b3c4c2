/** Teeth and tongue. The upper teeth sit on the skull, the lower teeth and the tongue on the jaw. */
import { createRng } from '../random.ts';
import { featuresOf } from './face.ts';
import { createNoise } from './noise.ts';
import { clamp01, mix, mixRgb, paint, sheet, smoothstep } from './part.ts';
import type { Part, Rgb, Surface } from './part.ts';
import type { Shape } from './shape.ts';

export type TeethLook = { colour: Rgb; gap: number; seed: string };

/** Widths from the middle to the molars, mm (Wheeler's averages, rounded). */
const upperWidths = [8.5, 6.6, 7.6, 7, 6.8, 10, 9.5];
const lowerWidths = [5.3, 5.9, 6.8, 7, 7.1, 11, 10.5];

type Arch = { widths: number[]; top: number; bottom: number; front: number; lower: boolean };

/** Place along the arch (mm from the middle) to the tooth there and the position across it (−1 to 1). */
function toothAt(widths: number[], along: number): { index: number; across: number } {
  let start = 0;
  const distance = Math.abs(along);
  for (let index = 0; index < widths.length; index++) {
    const width = widths[index]!;
    if (distance <= start + width || index === widths.length - 1) {
      return { index, across: clamp01((distance - start) / width) * 2 - 1 };
    }
    start += width;
  }
  throw new Error('toothAt: no teeth');
}

function archSurface(arch: Arch): Surface {
  const total = arch.widths.reduce((sum, width) => sum + width, 0);
  return sheet(97, 8, (u, v) => {
    const along = (u * 2 - 1) * total;
    const { index, across } = toothAt(arch.widths, along);
    const angle = (along / total) * 1.45;
    // The edge has rounded corners; side incisors are shorter; the last row turns inwards and gives the edge its thickness.
    const short =
      (arch.lower ? [0.2, 0, 0, 0.7, 1, 1.2, 1.3] : [0, 0.8, 0.2, 0.8, 1.2, 1.5, 1.8])[index]! +
      1 * across ** 4 * (index === 2 ? 1.6 : 1);
    const inward = v > 0.93 ? 2.6 : 0;
    const t = Math.min(1, v / 0.86);
    const bulge = 0.9 * (1 - across * across) * Math.sin(Math.PI * (0.2 + 0.7 * t)) - inward;
    const crown = arch.bottom - arch.top - Math.sign(arch.bottom - arch.top) * short;
    const y = arch.top + crown * t;
    const [rx, rf] = [26.5 - (arch.lower ? 1.5 : 0), 37];
    return [(rx + bulge) * Math.sin(angle), y, arch.front + bulge - rf * (1 - Math.cos(angle))];
  });
}

function teethTexture(widths: number[], look: TeethLook) {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const noise = createNoise(createRng(look.seed, 'teeth'));
  return paint(256, 48, (u, v) => {
    const along = (u * 2 - 1) * total;
    const { index, across } = toothAt(widths, along);
    const gum = smoothstep(0.3 - 0.1 * (1 - across * across), 0.22 - 0.1 * (1 - across * across), v);
    const between = smoothstep(0.78, 1, Math.abs(across)) * (0.35 + look.gap);
    const shade = (1 - between) * (1 - 0.035 * index) * (0.97 + 0.04 * noise(along * 0.6, v * 3));
    const warm: Rgb = [1, 1 - 0.03 * index, 1 - 0.07 * index];
    const edge = smoothstep(0.8, 0.95, v);
    const tooth = look.colour.map((value, c) => value * shade * warm[c]! * mix(1, 0.85, edge)) as [
      number,
      number,
      number,
    ];
    return [...mixRgb(tooth, [0.42, 0.13, 0.12], gum), 0.5] as const;
  });
}

export function upperTeeth(shape: Shape, look: TeethLook): Part {
  const { mouthY } = featuresOf(shape);
  const arch = {
    widths: upperWidths,
    top: mouthY - 11.5,
    bottom: mouthY + 2.4,
    front: teethFront(shape),
    lower: false,
  };
  return { ...archSurface(arch), texture: teethTexture(upperWidths, look) };
}

export function lowerTeeth(shape: Shape, look: TeethLook): Part {
  const { mouthY } = featuresOf(shape);
  const arch = {
    widths: lowerWidths,
    top: mouthY + 12.5,
    bottom: mouthY + 0.4,
    front: teethFront(shape) - 2.8,
    lower: true,
  };
  const surface = archSurface(arch);
  // The rows run upwards here, so the triangles turn over.
  const triangles = surface.triangles.map((_, i, all) => all[i - (i % 3) + [0, 2, 1][i % 3]!]!);
  return { ...surface, triangles, texture: teethTexture(lowerWidths, look) };
}

/** How far forward the upper incisors stand: just behind the closed lips. */
const teethFront = (shape: Shape): number => 87.5 + 0.5 * shape.lipForward;

/** The tongue at rest on the floor of the mouth; `tongueRaise` gives the motion of its tip. */
export function tongue(shape: Shape, seed: string): Part {
  const { mouthY } = featuresOf(shape);
  const front = teethFront(shape) - 8;
  const noise = createNoise(createRng(seed, 'tongue'));
  const surface = sheet(15, 14, (u, v) => {
    // v runs from the back over the blade to the tip and down below it.
    const across = u * 2 - 1;
    const width = 20 * Math.sqrt(Math.max(0.05, 1 - (Math.max(0, v - 0.3) / 0.85) ** 2));
    const f = v < 0.75 ? front - 42 + (42 * v) / 0.75 : front - 8 * (v - 0.75);
    const top =
      v < 0.75 ? -1.5 * Math.sin((Math.PI * v) / 0.75) + 2.5 * (v / 0.75) ** 3 : 2.5 + 26 * (v - 0.75);
    return [across * width, mouthY + 1.2 + top + 3.5 * across * across, f - 5 * across * across];
  });
  const texture = paint(64, 64, (u, v) => {
    const groove = 1 - 0.3 * Math.exp(-(((u - 0.5) / 0.06) ** 2));
    const grain = 0.9 + 0.18 * noise(u * 22, v * 22);
    return [0.5 * groove * grain, 0.19 * groove * grain, 0.18 * groove * grain, 0.8] as const;
  });
  return { ...surface, texture };
}

/** How a tongue point moves when the tip is raised by `raise` (0 to 1): down to up, growing towards the tip. */
export function tongueRaise(v: number, raise: number): [number, number] {
  const share = smoothstep(0.25, 0.8, v) * raise;
  return [-9.5 * share, 3 * share];
}
