import { expect, test } from 'vitest';
import { mapPoints } from '../../src/faces/align.ts';
import { pointsInFrame, squareOfDetection, squareOfMesh } from '../../src/faces/dense-landmarks.ts';
import { eyes } from '../../src/faces/mesh-topology.ts';
import { meshPointCount } from '../../src/faces/mesh-track.ts';
import { sampleSquare, squareMap } from '../../src/faces/square.ts';
import { createRng } from '../../src/random.ts';
import type { Frame } from '../../src/types.ts';

const rng = createRng(1, 'square');
const noise = (width: number, height: number): Frame => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, () => rng.int(256)),
});
const pixel = ({ data, width }: Frame, x: number, y: number): number[] => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];
const at = (values: Float32Array, side: number, x: number, y: number): number[] =>
  [...values.subarray(3 * (y * side + x), 3 * (y * side + x) + 3)].map((value) => Math.round(value * 255));

test('a square as large as its picture is the frame itself', () => {
  const frame = noise(20, 20);
  const values = sampleSquare(frame, { x: 10, y: 10, side: 20, angle: 0 }, 20, [0, 1]);
  for (let y = 0; y < 19; y++)
    for (let x = 0; x < 19; x++) expect(at(values, 20, x, y)).toEqual(pixel(frame, x, y));
});

test('turned by a right angle, its right is the frame’s below', () => {
  const frame = noise(21, 21);
  const values = sampleSquare(frame, { x: 10, y: 10, side: 10, angle: Math.PI / 2 }, 10, [0, 1]);
  for (let y = 0; y < 10; y++)
    for (let x = 0; x < 10; x++) expect(at(values, 10, x, y)).toEqual(pixel(frame, 14 - y, 5 + x));
});

test('a larger square is averaged, not picked from', () => {
  const frame = noise(32, 32);
  const values = sampleSquare(frame, { x: 16, y: 16, side: 24, angle: 0 }, 8, [-1, 1]);
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++) {
      let sum = 0;
      for (let i = 0; i < 9; i++) sum += pixel(frame, 4 + 3 * x + (i % 3), 4 + 3 * y + Math.floor(i / 3))[1]!;
      expect(values[3 * (8 * y + x) + 1]).toBeCloseTo((2 * sum) / 9 / 255 - 1, 4);
    }
});

test('outside the frame it is black', () => {
  const values = sampleSquare(noise(10, 10), { x: 100, y: -50, side: 8, angle: 0.3 }, 8, [-1, 1]);
  expect(new Set(values)).toEqual(new Set([-1]));
});

test('the map takes the corners of the picture to those of the square', () => {
  const corners = [0, 0, 192, 0, 192, 192, 0, 192];
  const upright = mapPoints(squareMap({ x: 50, y: 60, side: 40, angle: 0 }, 192), corners);
  expect([...upright]).toEqual([30, 40, 70, 40, 70, 80, 30, 80].map((value) => expect.closeTo(value, 4)));
  const turned = mapPoints(squareMap({ x: 50, y: 60, side: 40, angle: Math.PI / 2 }, 192), corners);
  expect([...turned]).toEqual([70, 40, 70, 80, 30, 80, 30, 40].map((value) => expect.closeTo(value, 4)));
});

test('a face that lies on its side is framed upright, and its points come back to where they are', () => {
  const angle = 0.7;
  const local = Float32Array.from(
    { length: 3 * meshPointCount },
    (_, i) => [60, 90, 20][i % 3]! + rng.uniform(-20, 20),
  );
  // The eyes level, the outer corners inside the others.
  local.set([45, 90, 0], 3 * eyes.left[0]);
  local.set([75, 90, 0], 3 * eyes.right[8]);
  const points = pointsInFrame(local, { x: 300, y: 200, side: 384, angle });
  const square = squareOfMesh(points);
  expect(square.angle).toBeCloseTo(angle, 5);
  const [xs, ys] = [0, 1].map((c) => local.filter((_, i) => i % 3 === c)) as [Float32Array, Float32Array];
  const [width, height] = [xs, ys].map((values) => Math.max(...values) - Math.min(...values)) as [
    number,
    number,
  ];
  expect(square.side).toBeCloseTo(1.5 * 2 * Math.max(width, height), 2);
  const middle = [xs, ys].map((values) => (Math.max(...values) + Math.min(...values)) / 2);
  const [x, y] = mapPoints(squareMap({ x: 300, y: 200, side: 384, angle }, 192), middle);
  expect([square.x, square.y]).toEqual([expect.closeTo(x!, 2), expect.closeTo(y!, 2)]);
  // z is scaled as x and y are.
  expect(points[2]! / local[2]!).toBeCloseTo(2, 5);
});

test('a detected face is framed about its box with its eyes level', () => {
  const points = Float32Array.from([10, 20, 30, 40, 0, 0, 0, 0, 0, 0, 0, 0]);
  const box = { x: 5, y: 10, width: 40, height: 30 };
  expect(squareOfDetection({ box, points, score: 1 })).toEqual({
    x: 25,
    y: 25,
    side: 60,
    angle: Math.PI / 4,
  });
});
