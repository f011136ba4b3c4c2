/**
 * Puts the grid's vertices onto a sculpted head: rays from the head's centre find the skin, the rows and columns of lids
 * and lips are led to where this person has them, then the lips, the lid rims and the mouth bag are modelled on the grid.
 * Authoring axes (x right, y down, f forward); `toHead` turns them into head space.
 */
import { columns, eyeColumns, grid, middle, mouthCorner, mouthRow, rows, eyeRow, bagRings } from './grid.ts';
import type { Node } from './grid.ts';
import type { Shape } from './shape.ts';
import { eyeballOf, sculpt } from './sculpt.ts';
import type { Field } from './sculpt.ts';

/** Where the features of one person lie, mm. */
export type Features = {
  browY: number;
  noseY: number;
  mouthY: number;
  chinY: number;
  mouthHalfWidth: number;
};

export function featuresOf(s: Shape): Features {
  const noseY = 41 + s.noseLength * 0.8;
  const mouthY = 70.5 + s.mouthDrop + 0.3 * s.noseLength;
  return {
    browY: -19 - s.browHeight,
    noseY,
    mouthY,
    chinY: 112 + s.chinLength,
    mouthHalfWidth: 25 + s.mouthWidth / 2,
  };
}

const centreY = 25;

/** Positions of all vertices in authoring axes, 3 per vertex, with open lids, and the same with closed ones. */
export function placeVertices(shape: Shape): { open: Float32Array; closed: Float32Array } {
  const { nodes } = grid();
  const field = sculpt(shape);
  const open = new Float32Array(nodes.length * 3);
  nodes.forEach((node, i) => {
    if (node.part === 'skin' && node.column >= middle) open.set(castNode(node, shape, field, false), i * 3);
  });
  const closed = open.slice();
  nodes.forEach((node, i) => {
    const movesWithLid =
      node.part === 'skin' &&
      node.column > middle &&
      node.column < middle + 36 &&
      Math.abs(node.row - eyeRow) < 15;
    if (movesWithLid) closed.set(castNode(node, shape, field, true), i * 3);
  });
  for (const points of [open, closed]) {
    modelLips(points, shape);
    joinLips(points);
    mirror(points);
    skew(points, shape);
    placeLidRims(points, shape);
    placeBag(points, shape);
  }
  return { open, closed };
}

/** Authoring axes to head space (z = −f) and back: the same flip. */
export function flipDepth(points: Float32Array): Float32Array {
  return points.map((value, i) => (i % 3 === 2 ? -value : value));
}

function castNode(node: Node, shape: Shape, field: Field, closedLids: boolean): [number, number, number] {
  const row = rows[node.row]!;
  const azimuth = (columns[node.column]! * Math.PI) / 180;
  if (row.kind === 'angle') {
    const elevation = (row.value * Math.PI) / 180;
    return cast(field, 0, centreY, 0, azimuth, Math.tan(elevation));
  }
  if (row.kind === 'neck') {
    // The ray's foot slides down the neck while the ray levels out.
    const t = row.value;
    return cast(
      field,
      0,
      centreY + 145 * t,
      -16 * t,
      azimuth,
      Math.tan(((60.5 + (5 - 60.5) * Math.min(1, t * 1.4)) * Math.PI) / 180),
    );
  }
  const y = heightOf(node, shape, closedLids);
  const angle = azimuthOf(azimuth, row.value, shape);
  // The slope that reaches height y depends on how far out the skin lies there; two corrections suffice. Towards crown
  // and chin the rows become cones instead, which meet at the pole and under the jaw.
  const cone = Math.max(0, Math.min(1, row.value < 0 ? (-34 - row.value) / 25 : (row.value - 82) / 22));
  let hit: [number, number, number] = [0, 0, 0];
  let radius = 84;
  for (let i = 0; i < 3; i++) {
    hit = cast(
      field,
      0,
      centreY,
      0,
      angle,
      (y - centreY) / radius,
      i === 0 ? 150 : Math.hypot(hit[0], hit[1] - centreY, hit[2]) + 12,
    );
    radius = (1 - cone) * Math.hypot(hit[0], hit[2]) + cone * (row.value < 0 ? 86 : 82);
  }
  return hit;
}

/** The first skin met on the way in along a ray whose height changes by `slope` per mm of distance from the axis, from `start` mm out. */
function cast(
  field: Field,
  ox: number,
  oy: number,
  of: number,
  azimuth: number,
  slope: number,
  start = 170,
): [number, number, number] {
  const length = Math.hypot(1, slope);
  const dx = Math.sin(azimuth) / length;
  const dy = slope / length;
  const df = Math.cos(azimuth) / length;
  let t = start;
  for (let i = 0; i < 48; i++) {
    const d = field(ox + t * dx, oy + t * dy, of + t * df);
    t -= 0.9 * d;
    if (Math.abs(d) < 0.03) break;
  }
  return [ox + t * dx, oy + t * dy, of + t * df];
}

/** Piecewise linear map through the knots, held beyond the ends with slope 1. */
function through(value: number, from: readonly number[], to: readonly number[]): number {
  const last = from.length - 1;
  if (value <= from[0]!) return value + to[0]! - from[0]!;
  if (value >= from[last]!) return value + to[last]! - from[last]!;
  const k = from.findIndex((knot) => knot > value);
  const t = (value - from[k - 1]!) / (from[k]! - from[k - 1]!);
  return to[k - 1]! + t * (to[k]! - to[k - 1]!);
}

/** Height of a node on this person, mm. */
function heightOf(node: Node, shape: Shape, closedLids: boolean): number {
  const f = featuresOf(shape);
  const value = (rows[node.row] as { value: number }).value;
  const eye = eyeballOf(shape);
  let y = through(value, [-50, -19, 0, 41, 71, 112], [-50, f.browY, eye.y, f.noseY, f.mouthY, f.chinY]);
  const c = Math.abs(node.column - middle);
  const p = (c - (eyeColumns.inner + eyeColumns.outer) / 2) / ((eyeColumns.outer - eyeColumns.inner) / 2);
  const q = Math.abs(value);
  const near = Math.exp(-q / 7) * Math.exp(-6 * Math.max(0, Math.abs(p) - 1) ** 2);
  y += lidBase(p, shape) * Math.exp(-((value / 14) ** 2)) * Math.exp(-(Math.max(0, Math.abs(p) - 1) ** 2));
  const above = value < 0 || (value === 0 && node.side < 0);
  if (above) y += near * (closedLids ? lowerLid(p, shape) : -upperLid(p, shape));
  else y += near * lowerLid(p, shape);
  return y + mouthShift(value - 71, c / mouthCorner, node.side, shape);
}

/**
 * How far a row near the mouth is moved down: the seam's curve, and the rows led along the borders of the red of the
 * lips, so that vertices lie on them.
 * @param q Height below the seam on the common grid, mm. @param s Distance from the middle, 1 at the corner.
 */
function mouthShift(q: number, s: number, side: number, shape: Shape): number {
  const beyond = Math.max(0, s - 1);
  const curve = seamCurve(Math.min(1, s)) * Math.exp(-((q / 9) ** 2) - (beyond / 0.45) ** 2);
  const upper = q < 0 || side < 0;
  const red = upper ? redRows.upper : redRows.lower;
  const height = upper ? upperRed(s, shape) : lowerRed(s, shape);
  const scale = (Math.max(0.22, height / red) - 1) * Math.exp(-((beyond / 0.5) ** 2));
  const stretch = Math.abs(q) <= red ? Math.abs(q) * scale : red * scale * Math.exp(-(Math.abs(q) - red) / 9);
  return curve + (upper ? -stretch : stretch);
}

/** The line between the corners of the lids, mm below the eye's centre; p runs from −1 (inner) to 1 (outer). */
const lidBase = (p: number, shape: Shape): number =>
  0.9 - 0.5 * shape.eyeTilt * Math.max(-1.2, Math.min(1.2, p));
const upperLid = (p: number, shape: Shape): number =>
  Math.abs(p) >= 1 ? 0 : 0.66 * shape.eyeOpening * (1 - p * p) ** 0.66 * (1 - 0.1 * p);
const lowerLid = (p: number, shape: Shape): number =>
  Math.abs(p) >= 1 ? 0 : 0.34 * shape.eyeOpening * (1 - p * p) ** 0.75 * (1 + 0.18 * p);
/** The line of the closed lips, mm below the mouth's height; s runs from 0 (middle) to 1 (corner). */
const seamCurve = (s: number): number =>
  0.8 * Math.exp(-((s / 0.22) ** 2)) - 0.5 * Math.exp(-(((s - 0.5) / 0.25) ** 2)) - 0.4 * s * s;

/** Height over the seam, on the common grid, of the rows that follow the borders of the lips, mm. */
export const redRows = { upper: 6.2, lower: 7.8 } as const;

/** Azimuth of a node, radians: columns of lid and lip corners are led to this person's corners. */
function azimuthOf(azimuth: number, value: number, shape: Shape): number {
  const eye = eyeballOf(shape);
  const f = featuresOf(shape);
  const rad = Math.PI / 180;
  const eyeKnots = [
    0,
    columns[middle + eyeColumns.inner]! * rad,
    columns[middle + eyeColumns.outer]! * rad,
    70 * rad,
  ];
  const eyeTargets = [
    0,
    Math.asin((eye.x - 14.8 * shape.eyeWidth) / 80.5),
    Math.asin((eye.x + 14.6 * shape.eyeWidth) / 81),
    70 * rad,
  ];
  const mouthKnots = [0, columns[middle + mouthCorner]! * rad, 50 * rad];
  const mouthTargets = [0, Math.asin(f.mouthHalfWidth / 89), 50 * rad];
  const eyeShare = Math.exp(-((value / 22) ** 2));
  const mouthShare = Math.exp(-(((value - 71) / 20) ** 2));
  return (
    azimuth +
    eyeShare * (through(azimuth, eyeKnots, eyeTargets) - azimuth) +
    mouthShare * (through(azimuth, mouthKnots, mouthTargets) - azimuth)
  );
}

/** Height of the red of the lip at s (0 middle, 1 corner), mm. */
export const upperRed = (s: number, shape: Shape): number =>
  s >= 1
    ? 0
    : shape.upperLip *
      (1 - s ** 1.7) ** 0.9 *
      (1 - 0.26 * Math.exp(-((s / 0.12) ** 2)) + 0.13 * Math.exp(-(((s - 0.27) / 0.13) ** 2)));
export const lowerRed = (s: number, shape: Shape): number =>
  s >= 1 ? 0 : shape.lowerLip * (1 - s ** 2.2) ** 0.8;

/** Rolls the lips out of the muzzle: forward displacement by height over the seam, in units of the red's height. */
function modelLips(points: Float32Array, shape: Shape): void {
  const { nodes, at } = grid();
  nodes.forEach((node, i) => {
    if (node.part !== 'skin' || node.column < middle || node.column > middle + mouthCorner + 4) return;
    if (Math.abs(node.row - mouthRow) > 16) return;
    const s = Math.abs(node.column - middle) / mouthCorner;
    const seamY = points[at(mouthRow, node.column, 1) * 3 + 1]!;
    const q = points[i * 3 + 1]! - seamY;
    const fade = s < 1 ? (1 - s ** 2.4) ** 0.6 : 0;
    const upper = node.row < mouthRow || node.side < 0;
    const red = upper ? upperRed(Math.min(s, 0.97), shape) : lowerRed(Math.min(s, 0.97), shape);
    const bulge = upper
      ? upperProfile(-q / Math.max(1.5, red)) * (3.4 + 0.5 * shape.lipForward)
      : lowerProfile(q / Math.max(2, red)) * (4 + 0.5 * shape.lipForward);
    points[i * 3 + 2] =
      points[i * 3 + 2]! + fade * bulge - 1.6 * Math.exp(-(((s - 1) / 0.16) ** 2) - (q / 3.2) ** 2);
  });
}

const bump = (t: number, centre: number, width: number): number => Math.exp(-(((t - centre) / width) ** 2));
const upperProfile = (t: number): number =>
  -0.75 * bump(t, -0.1, 0.33) + 0.85 * bump(t, 0.5, 0.42) + 0.5 * bump(t, 1, 0.25) + 0.12 * bump(t, 1.6, 0.6);
const lowerProfile = (t: number): number =>
  -0.7 * bump(t, -0.1, 0.28) + 1.05 * bump(t, 0.48, 0.42) - 0.35 * bump(t, 1.5, 0.45);

/** Lips at rest touch along the whole seam. */
function joinLips(points: Float32Array): void {
  const { at } = grid();
  for (let column = middle; column < middle + mouthCorner; column++) {
    const [upper, lower] = [at(mouthRow, column, -1) * 3, at(mouthRow, column, 1) * 3];
    for (let c = 0; c < 3; c++) {
      const between = (points[upper + c]! + points[lower + c]!) / 2;
      points[upper + c] = between;
      points[lower + c] = between;
    }
  }
}

/** Copies the viewer's right half to the left. */
function mirror(points: Float32Array): void {
  const { nodes, at } = grid();
  nodes.forEach((node, i) => {
    if (node.part !== 'skin') return;
    if (node.column === middle || node.column === 2 * middle) {
      if (node.column === middle) points[i * 3] = 0;
      return;
    }
    if (node.column > middle) return;
    const from = at(node.row, 2 * middle - node.column, node.side === -1 ? -1 : 1);
    points[i * 3] = -points[from * 3]!;
    points[i * 3 + 1] = points[from * 3 + 1]!;
    points[i * 3 + 2] = points[from * 3 + 2]!;
  });
}

/** No face is its own mirror image: nose and chin stand a little aside, mouth and brows a little askew. */
function skew(points: Float32Array, shape: Shape): void {
  const [nose, chin, tilt] = shape.asymmetry;
  const { mouthY, browY, noseY } = featuresOf(shape);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, f] = [points[i]!, points[i + 1]!, points[i + 2]!];
    if (f < 15) continue;
    const front = Math.min(1, (f - 15) / 40);
    const below = Math.max(0, Math.min(1, (y - 50) / 55));
    points[i] = x + front * (nose * bump(y, noseY, 22) * bump(x, 0, 26) + chin * below);
    points[i + 1] = y + front * (x / 30) * (tilt * bump(y, mouthY, 16) + 0.8 * chin * bump(y, browY, 9));
  }
}

/** The rim of the lid runs from its edge in to the eyeball. */
function placeLidRims(points: Float32Array, shape: Shape): void {
  const { nodes, at } = grid();
  const eye = eyeballOf(shape);
  nodes.forEach((node, i) => {
    if (node.part !== 'lid') return;
    const edge = at(eyeRow, node.column, node.side as -1 | 1) * 3;
    const centreX = Math.sign(node.column - middle) * eye.x;
    const offset = [points[edge]! - centreX, points[edge + 1]! - eye.y, points[edge + 2]! - eye.f] as const;
    const scale = (eye.radius - 0.6) / Math.hypot(...offset);
    points.set([centreX + offset[0] * scale, eye.y + offset[1] * scale, eye.f + offset[2] * scale], i * 3);
  });
}

/** Depth behind the seam and height over it of the bag's rings, mm; the middle ring closes the throat. */
const bagDepth = [2.2, 5.5, 8, 20, 46, 20, 8, 5.5, 2.2];
const bagHeight = [-0.5, -5, -13, -17, 0, 15, 13, 5, 0.6];

function placeBag(points: Float32Array, shape: Shape): void {
  const { nodes, at } = grid();
  const { mouthHalfWidth } = featuresOf(shape);
  nodes.forEach((node, i) => {
    if (node.part !== 'bag') return;
    const upper = node.ring <= bagRings / 2;
    const seam = at(mouthRow, node.column, upper ? -1 : 1) * 3;
    const s = Math.abs(node.column - middle) / mouthCorner;
    const round = Math.sqrt(Math.max(0, 1 - s * s));
    const depth = bagDepth[node.ring - 1]!;
    points[i * 3] = points[seam]! * (1 + Math.min(0.2, depth * 0.012)) * (depth > 30 ? 0.7 : 1);
    points[i * 3 + 1] = points[seam + 1]! + bagHeight[node.ring - 1]! * round;
    points[i * 3 + 2] =
      points[seam + 2]! - depth * (0.75 + 0.25 * round) - (mouthHalfWidth * 0.04 * s * depth) / 10;
  });
}
