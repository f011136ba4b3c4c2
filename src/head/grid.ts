/**
 * The one topology of all heads: a grid of rows (crown to neck) and columns (round the head) with three slits, the lids
 * and the lips, where a row is doubled. Behind the lids lies a rim, behind the lips a bag. The rows and columns are densest where
 * the face moves. The exposed face (what a tracker would know) comes first in the vertex and triangle lists.
 */

const frontColumns = Array.from({ length: 25 }, (_, i) => i * 1.5);
const sideColumns = [38.5, 41.5, 45, 49, 53.5, 58.5, 64, 70, 77, 85, 95, 108, 124, 142, 161, 180];
const half = [...frontColumns, ...sideColumns];
/** Azimuth of each column in degrees, −180 to 180; 0 is the front. */
export const columns = [
  ...half
    .slice(1)
    .map((angle) => -angle)
    .toReversed(),
  ...half,
];
/** Index of the column in the middle of the face. */
export const middle = half.length - 1;
/** Corners of lids and lips, in columns from the middle. */
export const eyeColumns = { inner: 8, outer: 22 } as const;
export const mouthCorner = 11;

/** Elevations (degrees) of the rows over the crown, heights (mm) of those of the face, elevations under the jaw, then neck rows. */
const crown = [-89.5, -80, -71, -63, -56, -51];
const heights = [
  -74, -64, -55, -47, -40, -34, -29, -24.5, -21, -18, -15, -12.5, -10.2, -8, -6, -4.3, -2.7, -1.3, 0, 1.3,
  2.7, 4.3, 6, 8, 10.3, 13, 16, 19, 22, 25, 28, 31, 34, 37, 39.5, 42, 44.5, 47, 49, 51, 53, 55.2, 57.4, 59.5,
  61.4, 63.2, 64.8, 66.3, 67.6, 68.8, 69.9, 71, 72.1, 73.2, 74.4, 75.7, 77.2, 78.8, 80.6, 82.6, 84.8, 87.2,
  90, 93, 96.5, 100, 104, 108, 112,
];
const jawAngles = [48.5, 52, 56, 60.5];
export const neckRows = 9;
export type Row = { kind: 'angle' | 'height'; value: number } | { kind: 'neck'; value: number };
/** `value`: degrees, mm, or 0..1 down the neck. */
export const rows: Row[] = [
  ...crown.map((value) => ({ kind: 'angle' as const, value })),
  ...heights.map((value) => ({ kind: 'height' as const, value })),
  ...jawAngles.map((value) => ({ kind: 'angle' as const, value })),
  ...Array.from({ length: neckRows }, (_, i) => ({ kind: 'neck' as const, value: (i + 1) / neckRows })),
];
export const eyeRow = crown.length + heights.indexOf(0);
export const mouthRow = crown.length + heights.indexOf(71);
const firstFaceRow = crown.length;
const lastFaceRow = crown.length + heights.length + 2;
const faceColumns = half.indexOf(85);

/** The bag behind the lips: rings from the upper lip back into the throat and forward to the lower lip. */
export const bagRings = 9;
/** Share of the texture's height that the skin takes; the bag has the rest. */
const skinShare = 0.9;

/** Where on the grid a vertex lies. `side` −1 above a slit, 1 below it, 0 elsewhere. `ring` counts from the slit inwards. */
export type Node = {
  part: 'skin' | 'lid' | 'bag';
  row: number;
  column: number;
  side: -1 | 0 | 1;
  ring: number;
};

export type Grid = {
  nodes: Node[];
  faceVertexCount: number;
  triangles: Uint32Array;
  faceTriangleCount: number;
  uv: Float32Array;
  /** Vertex index of a node of the skin. Beside a slit `side` picks the edge. */
  at(row: number, column: number, side?: -1 | 1): number;
};

const isEyeSlit = (column: number): boolean => {
  const c = Math.abs(column - middle);
  return c > eyeColumns.inner && c < eyeColumns.outer;
};
const isMouthSlit = (column: number): boolean => Math.abs(column - middle) < mouthCorner;

const isFace = (row: number, column: number): boolean =>
  row >= firstFaceRow && row <= lastFaceRow && Math.abs(column - middle) <= faceColumns;

let shared: Grid | undefined;

/** The grid; made once and shared. */
export function grid(): Grid {
  shared ??= build();
  return shared;
}

function build(): Grid {
  const nodes = [...skinNodes(true), ...lidNodes(), ...bagNodes()];
  const faceVertexCount = nodes.length;
  nodes.push(...skinNodes(false));
  const index = new Map(nodes.map((node, i) => [keyOf(node), i]));
  const find: Find = (part, row, column, side, ring) => {
    const found =
      index.get(keyOf({ part, row, column, side, ring })) ??
      index.get(keyOf({ part, row, column, side: 0, ring }));
    if (found === undefined) throw new Error(`grid: no ${part} vertex at row ${row}, column ${column}`);
    return found;
  };
  // The skin's vertices as a table: two per cell, above and below a slit.
  const table = new Int32Array(rows.length * columns.length * 2);
  for (let cell = 0; cell < rows.length * columns.length; cell++) {
    const [row, column] = [Math.floor(cell / columns.length), cell % columns.length];
    table[cell * 2] = find('skin', row, column, -1, 0);
    table[cell * 2 + 1] = find('skin', row, column, 1, 0);
  }
  const at: At = (row, column, side = 1) => table[(row * columns.length + column) * 2 + (side > 0 ? 1 : 0)]!;
  const face: number[] = [];
  const rest: number[] = [];
  for (let row = 0; row + 1 < rows.length; row++) {
    for (let column = 0; column + 1 < columns.length; column++) {
      const list = isFace(row, column) && isFace(row + 1, column + 1) ? face : rest;
      quad(
        list,
        at(row, column, 1),
        at(row, column + 1, 1),
        at(row + 1, column + 1, -1),
        at(row + 1, column, -1),
      );
    }
  }
  addLids(face, at, find);
  addBag(face, at, find);
  return {
    nodes,
    faceVertexCount,
    triangles: Uint32Array.from([...face, ...rest]),
    faceTriangleCount: face.length / 3,
    uv: textureCoordinates(nodes),
    at,
  };
}

const keyOf = ({ part, row, column, side, ring }: Node): string => `${part} ${row} ${column} ${side} ${ring}`;

/** The skin's vertices that belong to the face, or the others; doubled along the slits. */
function skinNodes(face: boolean): Node[] {
  const nodes: Node[] = [];
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < columns.length; column++) {
      if (isFace(row, column) !== face) continue;
      const slit = (row === eyeRow && isEyeSlit(column)) || (row === mouthRow && isMouthSlit(column));
      for (const side of slit ? ([-1, 1] as const) : ([0] as const))
        nodes.push({ part: 'skin', row, column, side, ring: 0 });
    }
  }
  return nodes;
}

function lidNodes(): Node[] {
  const nodes: Node[] = [];
  for (const sign of [-1, 1]) {
    for (let c = eyeColumns.inner; c <= eyeColumns.outer; c++) {
      for (const side of [-1, 1] as const) {
        nodes.push({ part: 'lid', row: eyeRow, column: middle + sign * c, side, ring: 1 });
      }
    }
  }
  return nodes;
}

function bagNodes(): Node[] {
  const nodes: Node[] = [];
  for (let ring = 1; ring <= bagRings; ring++) {
    for (let c = -mouthCorner; c <= mouthCorner; c++) {
      nodes.push({ part: 'bag', row: mouthRow, column: middle + c, side: 0, ring });
    }
  }
  return nodes;
}

type At = Grid['at'];
type Find = (part: Node['part'], row: number, column: number, side: Node['side'], ring: number) => number;

/** Two triangles; the corners run clockwise as seen from outside. */
const quad = (list: number[], a: number, b: number, c: number, d: number): void => {
  list.push(a, b, c, a, c, d);
};

function addLids(list: number[], at: At, find: Find): void {
  for (const sign of [-1, 1]) {
    const [first, last] = [eyeColumns.inner, eyeColumns.outer]
      .map((c) => middle + sign * c)
      .toSorted((a, b) => a - b);
    for (let column = first!; column < last!; column++) {
      const upper = [column, column + 1].map((c) => find('lid', eyeRow, c, -1, 1)) as [number, number];
      const lower = [column, column + 1].map((c) => find('lid', eyeRow, c, 1, 1)) as [number, number];
      quad(list, at(eyeRow, column, -1), at(eyeRow, column + 1, -1), upper[1], upper[0]);
      quad(list, lower[0], lower[1], at(eyeRow, column + 1, 1), at(eyeRow, column, 1));
    }
  }
}

function addBag(list: number[], at: At, find: Find): void {
  const ringAt = (ring: number, column: number) =>
    ring === 0
      ? at(mouthRow, column, -1)
      : ring === bagRings + 1
        ? at(mouthRow, column, 1)
        : find('bag', mouthRow, column, 0, ring);
  for (let ring = 0; ring <= bagRings; ring++) {
    for (let column = middle - mouthCorner; column < middle + mouthCorner; column++) {
      quad(
        list,
        ringAt(ring, column),
        ringAt(ring, column + 1),
        ringAt(ring + 1, column + 1),
        ringAt(ring + 1, column),
      );
    }
  }
}

/** Even in rows and columns, so that eyes and mouth get the most texels; each slit has a row's height of its own between its edges. */
function textureCoordinates(nodes: Node[]): Float32Array {
  const uv = new Float32Array(nodes.length * 2);
  const height = rows.length - 1 + 2;
  nodes.forEach(({ part, row, column, side, ring }, i) => {
    if (part === 'bag') {
      uv[i * 2] = 0.5 + (0.25 * (column - middle)) / mouthCorner;
      uv[i * 2 + 1] = skinShare + 0.01 + ((1 - skinShare - 0.01) * (ring - 1)) / (bagRings - 1);
      return;
    }
    const slits = (row > eyeRow ? 1 : 0) + (row > mouthRow ? 1 : 0);
    const onSlit =
      row === eyeRow || row === mouthRow ? 0.5 + 0.5 * side - (part === 'lid' ? 0.35 * side : 0) : 0;
    uv[i * 2] = column / (columns.length - 1);
    uv[i * 2 + 1] = (skinShare * (row + slits + onSlit)) / height;
  });
  return uv;
}

/** A line across the skin's texture: the rows of vertices above and below it, how far down between them, and its place in rows. */
export type TextureLine = { above: Edge; below: Edge; share: number; row: number };
type Edge = { row: number; side: -1 | 1 };

/**
 * Where a height v of the texture lies on the skin; undefined in the bag's part. Within a slit's own band `row` is a fraction
 * around the slit's row (−0.5 at its upper edge to 0.5 at its lower one), and beyond it rows join on.
 */
export function textureLine(v: number): TextureLine | undefined {
  const height = rows.length - 1 + 2;
  if (v > skinShare + 0.008) return undefined;
  let line = Math.min(height, (v / skinShare) * height);
  for (const slit of [eyeRow, mouthRow]) {
    if (line <= slit) break;
    if (line < slit + 1) {
      const share = line - slit;
      return {
        above: { row: slit, side: -1 },
        below: { row: slit, side: 1 },
        share,
        row: slit + share - 0.5,
      };
    }
    line -= 1;
  }
  const upper = Math.min(rows.length - 2, Math.floor(line));
  const share = line - upper;
  let row = line;
  for (const slit of [eyeRow, mouthRow]) {
    if (row > slit - 1 && row <= slit) row -= 0.5 * (row - slit + 1);
    else if (row > slit && row < slit + 1) row += 0.5 * (slit + 1 - row);
  }
  return { above: { row: upper, side: 1 }, below: { row: upper + 1, side: -1 }, share, row };
}
