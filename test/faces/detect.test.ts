import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  blendOverlapping,
  type Detection,
  detectorSidePx,
  facesIn,
  overlap,
} from '../../src/faces/detect.ts';

const detection = (x: number, y: number, side: number, score: number): Detection => ({
  box: { x, y, width: side, height: side },
  points: new Float32Array(12).fill(x),
  score,
});

const box = fc.record({
  x: fc.integer({ min: 0, max: 30 }),
  y: fc.integer({ min: 0, max: 30 }),
  width: fc.integer({ min: 1, max: 20 }),
  height: fc.integer({ min: 1, max: 20 }),
});

test('overlap is the shared share of whole pixels, counted', () => {
  const has = ({ x, y, width, height }: Detection['box'], column: number, row: number): boolean =>
    column >= x && column < x + width && row >= y && row < y + height;
  fc.assert(
    fc.property(box, box, (a, b) => {
      let [both, either] = [0, 0];
      for (let row = 0; row < 50; row++)
        for (let column = 0; column < 50; column++) {
          const [inA, inB] = [has(a, column, row), has(b, column, row)];
          if (inA && inB) both++;
          if (inA || inB) either++;
        }
      expect(overlap(a, b)).toBeCloseTo(both / either, 12);
    }),
    { numRuns: 50 },
  );
  expect(overlap({ x: 0, y: 0, width: 0, height: 5 }, { x: 0, y: 0, width: 0, height: 5 })).toBe(0);
});

test('what overlaps becomes one face, weighted by score; what does not stays apart, surest first', () => {
  const faces = blendOverlapping([
    detection(100, 100, 40, 0.6),
    detection(0, 0, 40, 0.9),
    detection(4, 2, 40, 0.6),
  ]);
  expect(faces.map(({ score }) => score)).toEqual([0.9, 0.6]);
  expect(faces[0]!.box.x).toBeCloseTo((4 * 0.6) / 1.5, 6);
  expect(faces[0]!.box.y).toBeCloseTo((2 * 0.6) / 1.5, 6);
  expect(faces[0]!.points[0]).toBeCloseTo((4 * 0.6) / 1.5, 5);
  expect(faces[1]!.box).toEqual({ x: 100, y: 100, width: 40, height: 40 });
  expect(blendOverlapping([])).toEqual([]);
  // A box without area overlaps nothing, not even itself.
  expect(blendOverlapping([detection(5, 5, 0, 0.7)])).toHaveLength(1);
});

/** Outputs of the network in which one anchor of a grid is sure. */
function outputs(grid: 'fine' | 'coarse', anchor: number, values: number[]) {
  const empty = (count: number) => ({
    scores: new Float32Array(count).fill(-10),
    boxes: new Float32Array(16 * count),
  });
  const both = { fine: empty(512), coarse: empty(384) };
  both[grid].scores[anchor] = 3;
  both[grid].boxes.set(values, 16 * anchor);
  return both;
}

test.each([
  // Row 3, column 5 of 16 cells of 16 px with two anchors each; row 2, column 7 of 8 cells of 32 px with six.
  ['fine', (3 * 16 + 5) * 2 + 1, 5.5 * 16, 3.5 * 16],
  ['coarse', (2 * 8 + 7) * 6 + 4, 7.5 * 32, 2.5 * 32],
] as const)('an anchor of the %s grid is read from the middle of its cell', (grid, anchor, x, y) => {
  const values = [3, -2, 20, 30, ...Array.from({ length: 12 }, (_, i) => i)];
  // The network's picture shows a frame of twice its size, moved by (10, 20).
  const shown = { x: 10 + detectorSidePx, y: 20 + detectorSidePx, side: 2 * detectorSidePx, angle: 0 };
  const [face, ...others] = facesIn(outputs(grid, anchor, values), shown);
  expect(others).toEqual([]);
  expect(face!.score).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
  expect(face!.box.x).toBeCloseTo(10 + 2 * (x + 3 - 10), 4);
  expect(face!.box.y).toBeCloseTo(20 + 2 * (y - 2 - 15), 4);
  expect([face!.box.width, face!.box.height]).toEqual([40, 60].map((size) => expect.closeTo(size, 4)));
  expect(face!.points[2]).toBeCloseTo(10 + 2 * (x + 2), 4);
  expect(face!.points[11]).toBeCloseTo(20 + 2 * (y + 11), 4);
});

test('a score that is no number is no face', () => {
  const broken = outputs('fine', 0, []);
  broken.fine.scores.fill(Number.NaN);
  broken.coarse.scores.fill(Number.NaN);
  expect(facesIn(broken, { x: 0, y: 0, side: 1, angle: 0 })).toEqual([]);
});
