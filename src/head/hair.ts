/**
 * Hair as a few hundred locks: ribbons that grow from the scalp along a combing field, bend under their weight and slide over
 * the head, painted with strands. Short hair and what shows between the locks is in the skin's texture (`hairline.ts`).
 */
import { createRng } from '../random.ts';
import type { Rng } from '../random.ts';
import { grid } from './grid.ts';
import { insideHair } from './hairline.ts';
import type { Hairline } from './hairline.ts';
import { clamp01, mix, paint } from './part.ts';
import type { Part, Rgb } from './part.ts';
import type { Field } from './sculpt.ts';

export type HairLook = {
  hairline: Hairline;
  cut: 'shaven' | 'crop' | 'parted' | 'swept' | 'fringe' | 'curls' | 'bob' | 'long' | 'tied';
  colour: Rgb;
  /** Length of the locks on top and at the sides, mm. */
  top: number;
  sides: number;
  /** How far the outermost locks stand off the scalp, mm. */
  volume: number;
  /** Where the hair is parted, mm to the viewer's right. */
  part: number;
  /** Waves: how far a lock swings, mm. */
  wave: number;
  seed: string;
};

type Vector = [number, number, number];

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const add = (a: Vector, b: Vector, scale: number): Vector => [
  a[0] + scale * b[0],
  a[1] + scale * b[1],
  a[2] + scale * b[2],
];
const unit = (a: Vector): Vector => {
  const length = Math.hypot(a[0], a[1], a[2]) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
};
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const tangential = (a: Vector, normal: Vector): Vector => unit(add(a, normal, -dot(a, normal)));

/** Segments of a lock: finer where it curls. */
const segmentsOf = (look: HairLook, length: number): number =>
  Math.max(4, Math.min(13, Math.round(length / (look.cut === 'curls' ? 3.5 : 14)) + 2));

/**
 * @param points Skin vertices and their unit normals, authoring axes. @param field Distance to the head.
 * @returns Undefined where the hair is too short to show as locks. `tangents` (three per vertex) run along the locks;
 * `coarse` are few triangles over the same vertices, which cast about the same shadow.
 */
export function hairPart(
  look: HairLook,
  points: Float32Array,
  normals: Float32Array,
  field: Field,
): (Part & { tangents: Float32Array; coarse: Uint32Array }) | undefined {
  if (look.cut === 'shaven') return undefined;
  const rng = createRng(look.seed, 'hair');
  const vertices: number[] = [];
  const tangents: number[] = [];
  const outward: number[] = [];
  const uv: number[] = [];
  const triangles: number[] = [];
  const coarse: number[] = [];
  // The outermost locks first: what they hide need not be painted.
  for (const root of rootsOf(look, points, normals, rng).toSorted((a, b) => b.layer - a.layer)) {
    const spine = grow(look, root, field, rng);
    const width = root.width;
    const [u0, v0] = [rng.uniform(0, 0.82), rng.uniform(0, 0.3)];
    const base = vertices.length / 3;
    const [half, end] = [Math.floor((spine.length - 1) / 2), spine.length - 1];
    for (const [from, to] of [
      [0, half],
      [half, end],
    ] as const) {
      coarse.push(base + 2 * from, base + 2 * from + 1, base + 2 * to + 1);
    }
    spine.forEach(({ place, along, out }, k) => {
      const t = k / (spine.length - 1);
      const across = unit(cross(along, out));
      const half = 0.5 * width * (t < 0.25 ? 0.7 + 1.2 * t : 1 - 0.75 * ((t - 0.25) / 0.75) ** 1.6);
      for (const side of [-1, 1]) {
        vertices.push(...add(add(place, across, side * half), out, -0.12 * half));
        tangents.push(...along);
        outward.push(...unit(add(out, across, side * 0.35)));
        uv.push(u0 + (side > 0 ? 0.17 : 0), v0 + 0.68 * t);
      }
      if (k > 0) {
        const i = base + 2 * (k - 1);
        triangles.push(i, i + 1, i + 3, i, i + 3, i + 2);
      }
    });
  }
  return {
    points: Float32Array.from(vertices),
    coarse: Uint32Array.from(coarse),
    tangents: Float32Array.from(tangents),
    normals: Float32Array.from(outward),
    twoSided: true,
    uv: Float32Array.from(uv),
    triangles: Uint32Array.from(triangles),
    texture: strands(look, rng),
  };
}

/** Distance between roots and width of a lock, mm: long locks cover each other, so they can stand further apart. */
const density: Record<HairLook['cut'], { spacing: number; width: number }> = {
  shaven: { spacing: 10, width: 0 },
  crop: { spacing: 5.4, width: 4.6 },
  curls: { spacing: 5.7, width: 7.8 },
  fringe: { spacing: 7.2, width: 6.2 },
  parted: { spacing: 7.6, width: 6.6 },
  swept: { spacing: 7.6, width: 6.6 },
  tied: { spacing: 10.5, width: 9.5 },
  bob: { spacing: 10, width: 8.5 },
  long: { spacing: 10.5, width: 8.5 },
};

type Root = { place: Vector; normal: Vector; width: number; length: number; layer: number };

/** Roots over the hairy scalp, as dense as the cut needs; those at the back only where they show. */
function rootsOf(look: HairLook, points: Float32Array, normals: Float32Array, rng: Rng): Root[] {
  const { triangles } = grid();
  const hanging = look.cut === 'long' || look.cut === 'bob';
  const { spacing, width } = density[look.cut];
  const back = hanging ? -70 : -45;
  const roots: Root[] = [];
  const at = (array: Float32Array, i: number): Vector => [
    array[i * 3]!,
    array[i * 3 + 1]!,
    array[i * 3 + 2]!,
  ];
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = [
      at(points, triangles[t]!),
      at(points, triangles[t + 1]!),
      at(points, triangles[t + 2]!),
    ] as const;
    if (corners[0][1] > 60 || corners[0][2] < back) continue;
    const area = 0.5 * Math.hypot(...cross(add(corners[1], corners[0], -1), add(corners[2], corners[0], -1)));
    // Denser along the hairline, where nothing lies over the roots; thinner where locks from the parting cover them anyway.
    const inside = insideHair(look.hairline, ...corners[0]);
    const covered = hanging && inside > 14 && Math.abs(corners[0][0] - look.part) > 26 ? 2.4 : 1;
    const wanted = area / (covered * ((inside < 12 ? 0.72 : 1) * spacing) ** 2);
    const count = Math.floor(wanted) + (rng.uniform() < wanted % 1 ? 1 : 0);
    for (let n = 0; n < count; n++) {
      const [a, b] = [rng.uniform(), rng.uniform()].toSorted((p, q) => p - q) as [number, number];
      const weights = [a, b - a, 1 - b];
      const place: Vector = [0, 0, 0];
      const normal: Vector = [0, 0, 0];
      weights.forEach((weight, k) => {
        for (let c = 0; c < 3; c++) {
          place[c] = place[c]! + weight * corners[k]![c]!;
          normal[c] = normal[c]! + weight * normals[triangles[t + k]! * 3 + c]!;
        }
      });
      const depth = insideHair(look.hairline, ...place);
      if (depth < 1) continue;
      const upper = clamp01((10 - place[1]) / 60);
      const length =
        mix(look.sides, look.top, upper) * rng.uniform(0.75, 1.15) * (0.55 + 0.45 * clamp01(depth / 22));
      roots.push({
        place,
        normal: unit(normal),
        width: width * rng.uniform(0.7, 1.3),
        length,
        layer: rng.uniform(),
      });
    }
  }
  return roots;
}

/** The combed direction at a place of the scalp, before it is laid along the surface. */
function combing(look: HairLook, [x, y, f]: Vector): Vector {
  const fromCrown: Vector = [x, y + 108, f + 32];
  const side = Math.sign(x - look.part) || 1;
  switch (look.cut) {
    case 'swept':
    case 'tied':
      return [0.25 * Math.sign(x) * clamp01(Math.abs(x) / 40), y > -40 ? 0.1 : -0.12, -1];
    case 'parted':
      return [1.3 * side, 0.5, f > 40 ? -0.25 : 0.1];
    case 'bob':
    case 'long':
      return f > 15 && y < 0 ? [1.1 * side, -0.05, -0.9] : [side, 0.9, -0.4];
    case 'fringe':
      return [0.012 * x, 0.55, 1.1];
    case 'shaven':
    case 'crop':
    case 'curls':
      return fromCrown;
  }
}

type SpinePoint = { place: Vector; along: Vector; out: Vector };

function grow(look: HairLook, root: Root, field: Field, rng: Rng): SpinePoint[] {
  const segments = segmentsOf(look, root.length);
  const step = root.length / segments;
  const curly = look.cut === 'curls';
  const comb = combing(look, root.place);
  const jitter = curly ? 1.5 : 0.16;
  const sway: Vector = [rng.normal(0, jitter), rng.normal(0, jitter), rng.normal(0, jitter)];
  const lift = curly ? 0.3 : look.cut === 'crop' ? 0.35 : 0.3 + look.volume * 0.012;
  let along = unit(add(add(tangential(add(comb, sway, 1), root.normal), root.normal, lift), sway, 0.4));
  let out = root.normal;
  // Curls fill the whole volume, so they start anywhere in it.
  let place = curly
    ? add(root.place, out, look.volume * root.layer ** 1.3 * clamp01(0.3 + (30 - root.place[1]) / 60))
    : root.place;
  const height = 1 + look.volume * (0.25 + 0.75 * root.layer);
  const phase = rng.uniform(0, 6.28);
  const heavy = look.cut === 'long' || look.cut === 'bob' ? 0.5 : look.cut === 'curls' ? 0.05 : 0.16;
  const spine: SpinePoint[] = [{ place: add(place, out, 0.4), along, out }];
  for (let k = 1; k <= segments; k++) {
    place = add(place, along, step);
    const distance = field(...place);
    if (distance < height * 2.5) {
      const e = 1.5;
      out = unit([
        field(place[0] + e, place[1], place[2]) - distance,
        field(place[0], place[1] + e, place[2]) - distance,
        field(place[0], place[1], place[2] + e) - distance,
      ]);
      const floor = curly ? 1 : height * Math.min(1, k / 2.5);
      if (distance < floor) place = add(place, out, floor - distance);
    }
    const weight = heavy * step * 0.12;
    along = add(along, [0, 1, 0], weight);
    // Combed hair keeps to the head; hair beside the face keeps out of it.
    if (distance > height && !curly) along = add(along, out, -0.28);
    if (place[2] > 25 && Math.abs(place[0]) < 62 && place[1] > -40 && heavy > 0.3)
      along = add(along, [Math.sign(place[0] - look.part * 0.2) * 0.9, 0, -0.5], 1);
    if (curly) along = add(along, cross(unit(along), root.normal), 1.1);
    else if (look.wave > 0)
      along = add(along, cross(unit(along), out), (look.wave * Math.cos(phase + (k * step) / 13)) / 16);
    if (distance < height * 1.2) along = add(along, out, -Math.min(0, dot(along, out)) * 0.9);
    along = unit(along);
    spine.push({ place, along, out });
  }
  return spine;
}

/** Strands of differing brightness along v, in bundles; darker at the root and, by depth, between bundles. */
function strands(look: HairLook, rng: Rng) {
  const width = 256;
  const fine = Float32Array.from({ length: width }, () => rng.uniform(0.5, 1.45));
  const bundles = Float32Array.from({ length: 33 }, () => rng.uniform(0.62, 1.32));
  const tint = Float32Array.from({ length: width }, () => rng.uniform(-0.07, 0.07));
  return paint(width, 64, (u, v, x) => {
    const place = u * 32;
    const bundle = mix(bundles[Math.floor(place)]!, bundles[Math.floor(place) + 1]!, place % 1);
    const near = 0.25 * fine[Math.max(0, x - 1)]! + 0.5 * fine[x]! + 0.25 * fine[Math.min(width - 1, x + 1)]!;
    const shade = near * bundle * mix(0.5, 1.12, Math.min(1, v * 1.8));
    const warm = tint[x]!;
    const gloss = 0.1 + 0.75 * Math.max(0, near - 0.4) * bundle;
    return [
      look.colour[0] * shade * (1 + warm),
      look.colour[1] * shade,
      look.colour[2] * shade * (1 - warm),
      gloss,
    ] as const;
  });
}
