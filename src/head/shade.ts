/** How bright every vertex is in one frame. */
import { grid, middle, mouthCorner, mouthRow } from './grid.ts';
import { harmonics, projectLobes, turnLobes } from './light.ts';
import type { Lobe } from './light.ts';
import type { Pose } from './mesh.ts';
import type { Lit, Model } from './model.ts';

/** The light of a frame as a part with a pose sees it. */
export type FrameLight = {
  lobes: Lobe[];
  /** Radiance in harmonics, RGB interleaved. */
  radiance: Float32Array;
  /** Unit vector to the camera. */
  view: readonly [number, number, number];
  /** Half-way vectors of the lobes that make highlights, with their luminance. */
  shines: { half: readonly [number, number, number]; level: number }[];
};

const luminance = ([r, g, b]: readonly [number, number, number]): number => 0.3 * r + 0.6 * g + 0.1 * b;

export function frameLight(lights: readonly Lobe[], pose: Pose): FrameLight {
  const lobes = turnLobes(lights, pose);
  const view = [-pose[8]!, -pose[9]!, -pose[10]!] as const;
  const shines = lobes
    .filter((lobe) => lobe.shines)
    .map(({ direction, colour }) => {
      const sum = direction.map((value, c) => value + view[c]!) as [number, number, number];
      const length = Math.hypot(...sum) || 1;
      return { half: [sum[0] / length, sum[1] / length, sum[2] / length] as const, level: luminance(colour) };
    });
  return { lobes, radiance: projectLobes(lobes), view, shines };
}

/** Light that arrives through the transfer vectors. `red`: another transfer for the red channel. */
export function lightByTransfer(
  part: Lit,
  { radiance }: FrameLight,
  red: Float32Array = part.transfer,
): void {
  const { transfer, light } = part;
  for (let i = 0, t = 0; t < transfer.length; i += 4, t += harmonics) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let h = 0, k = 0; h < harmonics; h++, k += 3) {
      const value = transfer[t + h]!;
      r += red[t + h]! * radiance[k]!;
      g += value * radiance[k + 1]!;
      b += value * radiance[k + 2]!;
    }
    light[i] = r > floor ? r : floor;
    light[i + 1] = g > floor ? g : floor;
    light[i + 2] = b > floor ? b : floor;
    light[i + 3] = 0;
  }
}

/** What always comes back from the surroundings. */
const floor = 0.05;

/** Light without shadows, wrapped a little around the edge as skin does. */
function openLight(lobes: readonly Lobe[], x: number, y: number, z: number): number {
  let sum = 0;
  for (const { direction, colour } of lobes) {
    const cosine = (x * direction[0] + y * direction[1] + z * direction[2] + wrap) / (1 + wrap);
    if (cosine > 0) sum += cosine * luminance(colour);
  }
  return sum;
}
const wrap = 0.25;

/** Skin: transferred light, corrected where the expression turned the surface; highlights; and the heartbeat. */
export function lightSkin(model: Model, frame: FrameLight, pulse: number): void {
  const { skin, restNormals } = model;
  lightByTransfer(skin, frame, model.redTransfer);
  const { normals, light } = skin;
  const { lobes, view, shines } = frame;
  for (let n = 0, i = 0; n < normals.length; n += 3, i += 4) {
    const x = normals[n]!;
    const y = normals[n + 1]!;
    const z = normals[n + 2]!;
    const facing = x * view[0] + y * view[1] + z * view[2];
    if (facing < -0.2) continue;
    const open = openLight(lobes, x, y, z);
    const turned =
      Math.abs(x - restNormals[n]!) + Math.abs(y - restNormals[n + 1]!) + Math.abs(z - restNormals[n + 2]!);
    if (turned > 0.01) {
      const before = openLight(lobes, restNormals[n]!, restNormals[n + 1]!, restNormals[n + 2]!);
      const ratio = Math.max(0.45, Math.min(1.7, (open + 0.12) / (before + 0.12)));
      light[i] = light[i]! * ratio;
      light[i + 1] = light[i + 1]! * ratio;
      light[i + 2] = light[i + 2]! * ratio;
    }
    const seen = Math.min(1, light[i + 1]! / (open + 0.05));
    let shine = 0;
    for (const { half, level } of shines) {
      const cosine = x * half[0] + y * half[1] + z * half[2];
      if (cosine <= 0.5) continue;
      const c2 = cosine * cosine;
      const c4 = c2 * c2;
      const c8 = c4 * c4;
      // Two lobes of oil on skin: a broad sheen and a tighter highlight.
      shine += level * (0.1 * c8 + 0.22 * c8 * c8 * c8 * c8);
    }
    const grazing = 1 - Math.max(0, facing);
    light[i + 3] = seen * (shine + 0.22 * open * grazing * grazing * grazing);
    light[i] = light[i]! * (1 - 0.3 * pulse);
    light[i + 1] = light[i + 1]! * (1 - pulse);
    light[i + 2] = light[i + 2]! * (1 - 0.6 * pulse);
  }
  lightInside(skin, model, frame, model.bag.first, model.bag.end, 1.1);
}

/** Highlights along locks of hair (Kajiya & Kay 1989): bright where the half-way vector stands across the strand. */
export function lightHair(part: Lit & { tangents: Float32Array }, frame: FrameLight): void {
  lightByTransfer(part, frame);
  const { light, tangents, normals } = part;
  for (let n = 0, i = 0; n < tangents.length; n += 3, i += 4) {
    let shine = 0;
    for (const { half, level } of frame.shines) {
      // The strands' scales tilt the highlight a little to the root.
      const along = tangents[n]! * half[0] + tangents[n + 1]! * half[1] + tangents[n + 2]! * half[2] + 0.08;
      const across = 1 - along * along;
      const a4 = across * across * across * across;
      const a16 = a4 * a4 * a4 * a4;
      const facing = normals[n]! * half[0] + normals[n + 1]! * half[1] + normals[n + 2]! * half[2];
      if (facing > 0) shine += level * facing * (0.012 * a4 + 0.05 * a16);
    }
    light[i + 3] = shine * Math.min(1, light[i + 1]! * 1.5);
  }
}

/** Half the height of the gap between the lips over the width of the mouth, in the frame's points. */
export function lipEdges(model: Model): {
  top: Float32Array;
  bottom: Float32Array;
  x: Float32Array;
  depth: number;
} {
  const { at } = grid();
  const points = model.skin.points;
  const count = 2 * mouthCorner + 1;
  const top = new Float32Array(count);
  const bottom = new Float32Array(count);
  const x = new Float32Array(count);
  for (let c = 0; c < count; c++) {
    const column = middle + c - mouthCorner;
    const upper = at(mouthRow, column, -1) * 3;
    const lower = at(mouthRow, column, 1) * 3;
    x[c] = points[upper]!;
    top[c] = points[upper + 1]!;
    bottom[c] = points[lower + 1]!;
  }
  return { top, bottom, x, depth: points[at(mouthRow, middle, -1) * 3 + 2]! };
}

/** Height of the gap between the lips in the middle, mm. */
export const mouthGap = (edges: { top: Float32Array; bottom: Float32Array }): number =>
  edges.bottom[mouthCorner]! - edges.top[mouthCorner]!;

/** Inside the mouth light comes through the gap alone: its share is the angle under which a point sees the gap. */
export function lightInside(
  part: Lit,
  model: Model,
  frame: FrameLight,
  first: number,
  end: number,
  gain: number,
): void {
  const { points, light } = part;
  const { top, bottom, x, depth } = lipEdges(model);
  const outside = frame.lobes.map(({ direction, colour }) => {
    const share = Math.max(0, 0.35 - 0.65 * direction[2]);
    return [colour[0] * share, colour[1] * share, colour[2] * share] as const;
  });
  const sum = (c: 0 | 1 | 2) => outside.reduce((total, colour) => total + colour[c], 0) * gain;
  const colour = [sum(0), sum(1), sum(2)] as const;
  const last = x.length - 1;
  for (let i = first; i < end; i++) {
    const px = points[i * 3]!;
    const place = Math.max(0, Math.min(last, ((px - x[0]!) / (x[last]! - x[0]!)) * last));
    const c = Math.round(place);
    const behind = Math.max(1.5, points[i * 3 + 2]! - depth);
    const y = points[i * 3 + 1]!;
    const angle = Math.atan((y - top[c]!) / behind) + Math.atan((bottom[c]! - y) / behind);
    const share = Math.max(0, angle / Math.PI) * Math.exp(-behind / 70);
    light[i * 4] = colour[0] * share + 0.006;
    light[i * 4 + 1] = colour[1] * share * 0.94 + 0.004;
    light[i * 4 + 2] = colour[2] * share * 0.92 + 0.004;
    light[i * 4 + 3] = 0.16 * share * colour[1];
  }
}
