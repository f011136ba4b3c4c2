/**
 * The mean face of `src/faces/mean-face.ts`: the Procrustes mean of 200 rendered heads at rest, seen from the front, in the unit square.
 * Run: npx tsx bench/mean-face.ts > src/faces/mean-face.ts && npx biome format --write src/faces/mean-face.ts
 */
import { fitSimilarity, mapPoints } from '../src/faces/align.ts';
import { placeVertices } from '../src/head/face.ts';
import { skinMesh } from '../src/head/face-mesh.ts';
import { drawShape } from '../src/head/shape.ts';
import { createRng } from '../src/random.ts';

const [count, rounds] = [200, 10];
const faces = Array.from({ length: count }, (_, i) => {
  const shape = drawShape(createRng('mean-face', 'head', i));
  const mesh = skinMesh(shape, placeVertices(shape));
  return Float64Array.from(
    { length: mesh.landmarks.length * 2 },
    (_, at) => mesh.neutral[mesh.landmarks[at >> 1]! * 3 + (at & 1)]!,
  );
});
const average = (all: readonly ArrayLike<number>[]): Float64Array =>
  toUnitSquare(faces[0]!.map((_, i) => all.reduce((sum, face) => sum + face[i]!, 0)));
// All heads at rest look the same way, so the mean that it begins with is upright, and stays so.
let mean = average(faces);
for (let round = 0; round < rounds; round++)
  mean = average(faces.map((face) => mapPoints(fitSimilarity(face, mean), face)));
const rows = Array.from({ length: mean.length / 2 }, (_, i) =>
  [mean[i * 2]!, mean[i * 2 + 1]!].map((value) => value.toFixed(4)).join(', '),
);
console.log(`/**
 * The mean of ${count} rendered heads' 51 landmarks (iBUG indices 17 to 67), x and y alternating, in the unit square: made by
 * \`bench/mean-face.ts\`.
 */
export const meanFace: readonly number[] = [\n${rows.join(',\n')},\n];`);

/** Scaled and shifted so that the larger side of the box around it fills the unit square, in whose middle it lies. */
function toUnitSquare(points: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(points);
  const axis = (c: number) => values.filter((_, i) => i % 2 === c);
  const [x, y] = [axis(0), axis(1)].map((v) => ({ low: Math.min(...v), high: Math.max(...v) }));
  const side = Math.max(x!.high - x!.low, y!.high - y!.low);
  return values.map((value, i) => {
    const { low, high } = i % 2 === 0 ? x! : y!;
    return (value - (low + high) / 2) / side + 0.5;
  });
}
