/** The 51 inner landmarks of the 68-point scheme (iBUG, indices 17 to 67) as places on the grid. */
import { eyeColumns, grid, middle, mouthCorner, mouthRow, eyeRow, rows } from './grid.ts';

/** Rows are picked by their height on the common grid (mm below the eyes), columns counted from the middle. */
export function landmarkVertices(): Uint32Array {
  const { at } = grid();
  const row = (height: number) => {
    let best = 0;
    rows.forEach(({ kind, value }, i) => {
      const chosen = rows[best]!;
      if (
        kind === 'height' &&
        (chosen.kind !== 'height' || Math.abs(value - height) < Math.abs(chosen.value - height))
      )
        best = i;
    });
    return best;
  };
  const skin = (height: number, column: number) => at(row(height), middle + column);
  const browHalf = browPoints.map(([column, height]) => [column, height] as const);
  const brows = [
    ...browHalf.map(([column, height]) => skin(height, -column)),
    ...browHalf.toReversed().map(([column, height]) => skin(height, column)),
  ];
  const bridge = [2.7, 13, 25, 39.5].map((height) => skin(height, 0));
  const nostrils = [skin(49, -6), skin(51, -3), skin(51, 0), skin(51, 3), skin(49, 6)];
  const lid = (column: number, side: -1 | 1) => at(eyeRow, middle + column, side);
  const { inner, outer } = eyeColumns;
  const [near, far] = [inner + 5, inner + 10];
  const leftEye = [
    lid(-outer, 1),
    lid(-far, -1),
    lid(-near, -1),
    lid(-inner, 1),
    lid(-near, 1),
    lid(-far, 1),
  ];
  const rightEye = [lid(inner, 1), lid(near, -1), lid(far, -1), lid(outer, 1), lid(far, 1), lid(near, 1)];
  const upperBorder = (column: number) => skin(64.8, column);
  const lowerBorder = (column: number) => skin(78.8, column);
  const seam = (column: number, side: -1 | 1) => at(mouthRow, middle + column, side);
  const outerLips = [
    seam(-mouthCorner, 1),
    ...[-7, -3, 0, 3, 7].map(upperBorder),
    seam(mouthCorner, 1),
    ...[7, 3, 0, -3, -7].map(lowerBorder),
  ];
  const innerLips = [
    seam(-mouthCorner + 1, -1),
    ...[-4, 0, 4].map((column) => seam(column, -1)),
    seam(mouthCorner - 1, -1),
    ...[4, 0, -4].map((column) => seam(column, 1)),
  ];
  return Uint32Array.from([
    ...brows,
    ...bridge,
    ...nostrils,
    ...leftEye,
    ...rightEye,
    ...outerLips,
    ...innerLips,
  ]);
}

/** The line of the brow from its outer to its inner end: columns from the middle, height on the common grid in mm. */
export const browPoints = [
  [26, -18],
  [22, -22],
  [17, -24.5],
  [12, -22],
  [7, -18],
] as const;
