/** Faces made up of known parts: what the fit says of them must be those parts. */
import { expect, test } from 'vitest';
import { expressionIndex } from '../../src/head/expressions.ts';
import { lipOpeningMm } from '../../src/head/lip-opening.ts';
import { poseOf, project, type Pose } from '../../src/head/mesh.ts';
import { landmarksOf, vertices } from '../../src/head/track.ts';
import { fitTracks, type FilmedMesh } from '../../src/faces/fit-tracks.ts';
import { guessCamera, placeHead } from '../../src/faces/head-pose.ts';
import { eyes, landmarks51, lips, meshTopology } from '../../src/faces/mesh-topology.ts';
import { meshPointCount } from '../../src/faces/mesh-track.ts';
import { rigidWeights } from '../../src/faces/neutral.ts';
import { fitSimilarity3d, undo } from '../../src/faces/rigid.ts';
import { pearson } from '../../src/metrics/correlation.ts';
import { mouthRegion, mouthVertices } from '../../src/faces/mouth-region.ts';
import { createRng } from '../../src/random.ts';

const { uv, triangles } = meshTopology();
const camera = guessCamera(360, 288);

/** A face on a barrel: the topology's map of the skin, laid round it, 170 mm wide. */
function restOf(widthMm: number): Float64Array {
  const rest = new Float64Array(meshPointCount * 3);
  for (let p = 0; p < meshPointCount; p++) {
    const [x, y] = [(uv[p * 2]! - 0.5) * widthMm, (uv[p * 2 + 1]! - 0.4) * 190];
    rest.set([x, y, x ** 2 / 110 + y ** 2 / 400], p * 3);
  }
  return rest;
}

const corner = (rest: Float64Array, p: number): number[] => [...rest.subarray(p * 3, p * 3 + 3)];
/** The face in head space as the fit defines it: origin between the outer corners of the eyes. */
function centred(rest: Float64Array): Float64Array {
  const [a, b] = [corner(rest, eyes.left[0]), corner(rest, eyes.right[8])];
  return rest.map((value, i) => value - (a[i % 3]! + b[i % 3]!) / 2);
}

/** What opening the mouth by `opening` mm and raising the brows by `brows` mm does to every point. */
function movedBy(rest: Float64Array, opening: number, brows: number): Float64Array {
  const mouthY = corner(rest, lips.inner[5])[1]!;
  return rest.map((_, i) => {
    if (i % 3 !== 1) return 0;
    const [x, y] = [rest[i - 1]!, rest[i]!];
    const beside = Math.exp(-((x / 30) ** 2));
    const below = y > mouthY + 0.5 ? 1 : 0;
    const up = y < -12 && y > -45 ? 1 : 0;
    return opening * below * beside * Math.exp(-Math.max(0, y - mouthY) / 60) - brows * up;
  });
}

type Known = { opening: number; brows: number; pose: Pose };
function film(
  person: string,
  teaches: boolean,
  rest: Float64Array,
  known: readonly Known[],
  noisePx = 0,
): FilmedMesh {
  const rng = createRng(1, 'noise', person);
  const frames = known.map(({ opening, brows, pose }) => {
    const points = movedBy(rest, opening, brows).map((value, i) => value + rest[i]!);
    const pixels = project(Float32Array.from(points), pose, camera);
    // A mesh knows depth in pixels alone, and not from where.
    const pixelMm = pose[11]! / camera.focalPx;
    return pixels.map(
      (value, i) => (i % 3 === 2 ? (value - pose[11]!) / pixelMm : value) + rng.normal(0, noisePx),
    );
  });
  return { person, teaches, fps: 25, width: camera.width, height: camera.height, frames };
}

/** A head that nods and turns while it speaks. */
const talk = (seed: string, count: number): Known[] => {
  const rng = createRng(2, seed);
  const [a, b, c] = [rng.uniform(0, 6), rng.uniform(0, 6), rng.uniform(0, 6)];
  return Array.from({ length: count }, (_, t) => ({
    opening: 6 + 6 * Math.sin(t / 2 + a),
    brows: 2 + 2 * Math.sin(t / 5 + b),
    pose: poseOf(0.2 * Math.sin(t / 9 + c), 0.1 * Math.cos(t / 7 + b), 0.1 * Math.sin(t / 11 + a), [
      20 * Math.sin(t / 13),
      10,
      900 + 40 * Math.cos(t / 17),
    ]),
  }));
};

const angleBetween = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let trace = 0;
  for (const i of [0, 1, 2, 4, 5, 6, 8, 9, 10]) trace += a[i]! * b[i]!;
  return Math.acos(Math.max(-1, Math.min(1, (trace - 1) / 2)));
};

test('a similarity in space is found, whatever the points of no weight do', () => {
  const rng = createRng(1, 'rigid');
  const from = Float64Array.from({ length: 60 }, () => rng.uniform(-50, 50));
  const r = poseOf(0.6, -0.3, 0.2, [0, 0, 0]);
  const to = from.map((_, i) => {
    const [p, row] = [i - (i % 3), (i % 3) * 4];
    return (
      2.5 * (r[row]! * from[p]! + r[row + 1]! * from[p + 1]! + r[row + 2]! * from[p + 2]!) +
      [7, -3, 40][i % 3]!
    );
  });
  const weights = Float64Array.from({ length: 20 }, (_, i) => (i < 12 ? 1 + i : 0));
  const moved = to.map((value, i) => (i < 36 ? value : value + rng.normal(0, 20)));
  const found = fitSimilarity3d(from, moved, weights);
  expect(found.scale).toBeCloseTo(2.5, 6);
  found.shift.forEach((value, i) => expect(value).toBeCloseTo([7, -3, 40][i]!, 4));
  undo(found, to).forEach((value, i) => expect(value).toBeCloseTo(from[i]!, 4));
  expect(() => fitSimilarity3d(from, to, new Float64Array(20))).toThrow(RangeError);
});

test('the pose of a head is found while its mouth and brows move', () => {
  const rest = centred(restOf(170));
  for (const { opening, pose } of talk('pose', 20)) {
    const { frames } = film('a', true, rest, [{ opening, brows: 0, pose }]);
    const { pose: found, apparent } = placeHead(rest, frames[0]!, rigidWeights, camera);
    expect(angleBetween(found, pose)).toBeLessThan(0.01);
    expect(Math.abs(found[11]! / pose[11]! - 1)).toBeLessThan(0.01);
    const [lip] = [lips.inner[15]];
    const truth = rest[lip * 3 + 1]! + movedBy(rest, opening, 0)[lip * 3 + 1]!;
    expect(Math.abs(apparent[lip * 3 + 1]! - truth)).toBeLessThan(0.5);
  }
});

const known = [talk('a', 36), talk('a rest', 16), talk('b', 36)];
const films = [
  film('a', true, centred(restOf(170)), known[0]!, 0.3),
  film('a', false, centred(restOf(170)), known[1]!, 0.3),
  film('b', true, centred(restOf(150)), known[2]!, 0.3),
];
const tracks = fitTracks(films, createRng(1, 'tracks'));
const [track] = tracks;

test('two people share one basis, whose first component opens the mouth; points are seen where they were', () => {
  expect(tracks.map(({ frames }) => frames.length)).toEqual([36, 16, 36]);
  expect(tracks[1]!.mesh.neutral).toEqual(tracks[0]!.mesh.neutral);
  expect(tracks[2]!.mesh.basis).toEqual(tracks[0]!.mesh.basis);
  for (const [i, track] of tracks.entries()) {
    const coefficients = track.frames.map(({ expression }) => expression[expressionIndex.jawOpen]!);
    const openings = known[i]!.map(({ opening }) => opening);
    expect(pearson(coefficients, openings).value).toBeGreaterThan(0.98);
    const lipsMm = track.frames.map((_, t) => lipOpeningMm(track.mesh, vertices(track, t)));
    expect(pearson(lipsMm, openings).value).toBeGreaterThan(0.98);
    let squares = 0;
    for (const [t, points] of films[i]!.frames.entries())
      landmarksOf(track, t).forEach((value, j) => {
        squares += (value - points[landmarks51[j >> 1]! * 3 + (j & 1)]!) ** 2;
      });
    expect(Math.sqrt(squares / (track.frames.length * 51))).toBeLessThan(1);
  }
});

test('brows are no speech, and the mouth moves no brow', () => {
  const size = track!.mesh.vertexCount * 3;
  const most = (name: 'jawOpen' | 'browsUp', points: readonly number[]): number =>
    Math.max(...points.map((p) => Math.abs(track!.mesh.basis[expressionIndex[name] * size + p * 3 + 1]!)));
  expect(most('jawOpen', [...lips.outer])).toBeGreaterThan(10);
  expect(most('jawOpen', [70, 63, 105, 66, 107])).toBe(0);
  expect(most('browsUp', [70, 63, 105, 66, 107])).toBeGreaterThan(3);
  const moving = mouthVertices(track!.mesh);
  expect(moving).toEqual(expect.arrayContaining([lips.inner[15], 152]));
  expect(moving).not.toContain(eyes.left[0]);
  expect(mouthRegion(track!.mesh).points.length).toBeGreaterThan(100);
});

test('the mouth is closed by triangles that are no skin, clockwise as seen', () => {
  const { mesh } = track!;
  const inside = mesh.triangles.subarray(triangles.length);
  expect(inside.length).toBe(3 * (lips.inner.length - 2));
  expect([...inside].every((v) => mesh.uv[v * 2 + 1]! > 0.905 && v < mesh.vertexCount)).toBe(true);
  expect(
    mesh.uv
      .filter((_, i) => i % 2 === 1)
      .subarray(0, meshPointCount)
      .every((v) => v <= 0.9),
  ).toBe(true);
  const wide = track!.frames
    .map((_, t) => vertices(track!, t))
    .toSorted((a, b) => lipOpeningMm(mesh, b) - lipOpeningMm(mesh, a))[0]!;
  for (let t = 0; t < inside.length; t += 3) {
    const [a, b, c] = [...inside.subarray(t, t + 3)].map((v) => [wide[v * 3]!, wide[v * 3 + 1]!] as const);
    expect((b![0] - a![0]) * (c![1] - a![1]) - (c![0] - a![0]) * (b![1] - a![1])).toBeGreaterThan(0);
  }
});
