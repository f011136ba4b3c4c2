/**
 * The expression basis of one person: smooth displacement fields over the head, mm per unit, in authoring axes (x right, y
 * down, f forward). Shapes that keep the lips together move both edges of the seam alike.
 */
import { expressionCount, expressionIndex } from './expressions.ts';
import type { ExpressionName } from './expressions.ts';
import { bagRings, columns, grid, middle, mouthCorner, mouthRow, rows } from './grid.ts';
import { featuresOf, redRows } from './face.ts';
import { eyeballOf } from './sculpt.ts';
import type { Shape } from './shape.ts';

/** Axis of the jaw's hinge, in front of the ears, and how far jawOpen = 1 turns it. */
export const hinge = { y: 20, f: 8 } as const;
export const jawAngle = (17 * Math.PI) / 180;

/** Displacement of a point that is fixed to the jaw, per unit of jawOpen. */
export function jawMotion(y: number, f: number): [number, number] {
  const [dy, df] = [y - hinge.y, f - hinge.f];
  const [c, s] = [Math.cos(jawAngle), Math.sin(jawAngle)];
  return [c * dy + s * df - dy, -s * dy + c * df - df];
}

const gauss = (value: number, width: number): number => Math.exp(-((value / width) ** 2));
const smooth = (from: number, to: number, value: number): number => {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
};

/** What a displacement field needs to know of a vertex. */
type Spot = {
  /** Side of the face, −1 left to 1 right, and distance from the middle plane. */
  side: number;
  x: number;
  y: number;
  f: number;
  /** Height below the seam of the lips, mm, and distance from the middle, 1 at the corner. */
  q: number;
  s: number;
  /** Column from the middle of the face, the viewer's left negative. */
  column: number;
  lower: boolean;
  /** How much it moves with the jaw, and how much with the lips, 0 to 1. */
  jaw: number;
  lip: number;
  /** Crown and back of the head, which nothing moves. */
  still: boolean;
};

/**
 * @param open Vertices with open lids. @param closed The same with closed lids (`placeVertices`).
 * @returns K blocks of 3V.
 */
export function expressionBasis(shape: Shape, open: Float32Array, closed: Float32Array): Float32Array {
  const { nodes } = grid();
  const basis = new Float32Array(expressionCount * open.length);
  const spots = nodes.map((_, i) => spotOf(i, open));
  const gap = seamGap(spots);
  const block = (name: ExpressionName) =>
    basis.subarray(expressionIndex[name] * open.length, (expressionIndex[name] + 1) * open.length);
  const fields = displacementFields(shape, gap);
  for (const [name, field] of Object.entries(fields) as [ExpressionName, (spot: Spot) => Move][]) {
    const out = block(name);
    spots.forEach((spot, i) => {
      if (spot.still) return;
      const [dx, dy, df] = field(spot);
      out[i * 3] = dx * (open[i * 3]! < 0 ? -1 : 1);
      out[i * 3 + 1] = dy;
      out[i * 3 + 2] = df;
    });
  }
  for (const [name, sign] of [
    ['blinkLeft', -1],
    ['blinkRight', 1],
  ] as const) {
    const out = block(name);
    for (let i = 0; i < open.length; i++) {
      if (Math.sign(open[i - (i % 3)]!) === sign) out[i] = closed[i]! - open[i]!;
    }
  }
  return basis;
}

function spotOf(i: number, points: Float32Array): Spot {
  const { nodes, at } = grid();
  const node = nodes[i]!;
  const [x, y, f] = [points[i * 3]!, points[i * 3 + 1]!, points[i * 3 + 2]!];
  const lower =
    node.part === 'bag'
      ? node.ring > bagRings / 2
      : node.row > mouthRow || (node.row === mouthRow && node.side > 0);
  const column = node.column - middle;
  const s = Math.abs(column) / mouthCorner;
  const seam = at(mouthRow, middle + Math.max(-mouthCorner, Math.min(mouthCorner, column)), 1);
  const spot: Spot = {
    side: Math.max(-1, Math.min(1, x / 14)),
    x: Math.abs(x),
    y,
    f,
    q: y - points[seam * 3 + 1]!,
    s,
    column,
    lower,
    jaw: 0,
    lip: 0,
    still: y < -78 || f < -25,
  };
  if (node.part === 'bag') {
    const fromLip = Math.min(node.ring, bagRings + 1 - node.ring);
    spot.jaw = node.ring === (bagRings + 1) / 2 ? 0.5 : jawShare(0, Math.min(1, s), lower);
    spot.lip = [1, 0.95, 0.6, 0.2, 0.05, 0][fromLip] ?? 0;
    spot.q = 0;
    return spot;
  }
  const away = smooth(100, 62, Math.abs(columns[node.column]!));
  const row = rows[node.row]!;
  const underJaw = row.kind === 'neck' ? smooth(0.35, 0, row.value) : 1;
  spot.jaw = jawShare(spot.q, s, lower) * away * underJaw * smooth(-5, 55, f);
  spot.lip = gauss(spot.q, 13) * gauss(Math.max(0, s - 0.9), 0.75) * (f > 0 ? 1 : 0);
  return spot;
}

/** Share of the jaw's motion: a soft step across the mouth's height, which the slit sharpens towards the middle. */
function jawShare(q: number, s: number, lower: boolean): number {
  const soft = smooth(-24, 30, q);
  const inside = Math.min(1, s) ** 2.2;
  return lower ? 1 - (1 - soft) * inside : soft * inside;
}

type Move = [number, number, number];

/** Vertical and forward opening of the seam per unit of jawOpen, by column from the middle. */
type SeamGap = (column: number) => [number, number];

function seamGap(spots: Spot[]): SeamGap {
  const { at } = grid();
  return (column) => {
    const [upper, lower] = [
      spots[at(mouthRow, middle + column, -1)]!,
      spots[at(mouthRow, middle + column, 1)]!,
    ];
    const [dy, df] = jawMotion(lower.y, lower.f);
    return [dy * (lower.jaw - upper.jaw), df * (lower.jaw - upper.jaw)];
  };
}

/** The part of a lip near the seam moves fully; the chin and the base of the nose stay. */
const nearSeam = (spot: Spot): number => gauss(spot.q, 10);

function displacementFields(
  shape: Shape,
  gap: SeamGap,
): Partial<Record<ExpressionName, (spot: Spot) => Move>> {
  const { mouthHalfWidth, mouthY, browY } = featuresOf(shape);
  const eye = eyeballOf(shape);
  const corner = (p: Spot) => gauss(p.x - mouthHalfWidth, 14) * gauss(p.y - mouthY, 15) * (p.f > 20 ? 1 : 0);
  const middlePart = (p: Spot) => Math.max(0, 1 - p.s * p.s);
  // Above the brow the forehead follows far up; below it the lid hardly does.
  const brow = (p: Spot) =>
    gauss(p.y - browY, p.y > browY ? 9.5 : 15) * smooth(62, 48, p.x) * (p.f > 20 ? 1 : 0);
  const cheek = (p: Spot) => gauss(p.x - 40, 17) * gauss(p.y - 34, 17) * (p.f > 10 ? 1 : 0);
  const onSide = (sign: number, p: Spot) => smooth(-0.6, 0.6, p.side * sign);
  const smile =
    (sign: number) =>
    (p: Spot): Move => {
      const w = onSide(sign, p);
      const [k, b] = [corner(p) * w, cheek(p) * w];
      const lips = p.lip * w * Math.min(1, p.s) ** 1.5;
      const pull = Math.max(k, lips);
      return [5.5 * pull + 1 * b, -6.5 * pull - 3 * b, -4 * pull + 2.6 * b];
    };
  const frown =
    (sign: number) =>
    (p: Spot): Move => {
      const w = onSide(sign, p);
      const pull = Math.max(corner(p), p.lip * Math.min(1, p.s) ** 2) * w;
      return [1.2 * pull, 5.5 * pull, -1.2 * pull];
    };
  return {
    jawOpen: (p) => {
      const [dy, df] = jawMotion(p.y, p.f);
      return [-1.8 * corner(p) * p.lip, dy * p.jaw, df * p.jaw];
    },
    jawForward: (p) => [0, 0, 5 * p.jaw],
    lipsClosed: (p) => {
      if (p.s > 1) return [0, 0, 0];
      const [dy, df] = gap(p.column);
      const share =
        (p.lower ? -0.62 : 0.38) * (p.lip > 0 ? nearSeam(p) : 0) * (p.q === 0 ? Math.min(1, p.lip) : 1);
      return [0, dy * share, df * share];
    },
    pucker: (p) => [-0.36 * p.x * p.lip, 0.22 * p.q * p.lip, p.lip * (6.5 - 2.5 * Math.min(1, p.s))],
    funnel: (p) => [
      -0.26 * p.x * p.lip,
      p.lip * middlePart(p) * (p.lower ? 4.5 : -3.2),
      p.lip * (5.5 - 2 * Math.min(1, p.s)),
    ],
    stretch: (p) => [
      6 * Math.max(corner(p), p.lip * Math.min(1, p.s)),
      -0.16 * p.q * p.lip,
      -3.2 * Math.max(corner(p), p.lip * Math.min(1, p.s) ** 2),
    ],
    smileLeft: smile(-1),
    smileRight: smile(1),
    frownLeft: frown(-1),
    frownRight: frown(1),
    upperLipUp: (p) => {
      const lip = p.lower ? 0 : p.lip * middlePart(p) ** 0.7;
      const wing = gauss(p.x - 16, 9) * gauss(p.y - 46, 8) * (p.f > 60 ? 1 : 0);
      return [0, -5 * lip - 1.2 * wing, 0.8 * lip];
    },
    lowerLipDown: (p) =>
      p.lower ? [0, 6 * p.lip * middlePart(p) ** 0.7, 0.6 * p.lip * middlePart(p)] : [0, 0, 0],
    lipsPressed: (p) => {
      const red = gauss(p.q, p.lower ? redRows.lower : redRows.upper) * p.lip;
      return [0, -0.5 * p.q * red, -3 * red * Math.max(0.3, middlePart(p))];
    },
    lowerLipTuck: (p) => {
      const k = p.lip * middlePart(p) ** 0.6;
      return p.lower ? [0, -2.5 * k * gauss(p.q, 11), -5.5 * k * gauss(p.q, 10)] : [0, -1.8 * k, 0.3 * k];
    },
    cheeksPuffed: (p) => {
      const k = gauss(p.x - 40, 15) * gauss(p.y - mouthY + 6, 20) * (p.f > 5 ? 1 : 0);
      return [5.5 * k, 0, 4.5 * k + 1.2 * p.lip * middlePart(p)];
    },
    browsUp: (p) => [0, -7 * brow(p) - 3 * gauss(p.y - browY + 18, 16) * (p.f > 40 ? 1 : 0), -0.8 * brow(p)],
    browsDown: (p) => [
      -2.6 * brow(p) * smooth(45, 8, p.x) * smooth(0, 6, p.x),
      4 * brow(p) * smooth(58, 20, p.x),
      1.2 * brow(p) * gauss(p.x, 18),
    ],
    squint: (p) => {
      const below = gauss(p.x - eye.x, 15) * gauss(p.y - eye.y - 6, 5) * (p.y > eye.y + 0.5 ? 1 : 0);
      return [0, -1.8 * below - 1.8 * cheek(p), 0.9 * cheek(p)];
    },
  };
}
