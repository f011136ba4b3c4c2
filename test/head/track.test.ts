import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeTensors, encodeTensors } from '../../src/tensors.ts';
import { expressionOf } from '../../src/head/expressions.ts';
import { createHead } from '../../src/head/head.ts';
import { faceMesh } from '../../src/head/face-mesh.ts';
import { poseOf, project } from '../../src/head/mesh.ts';
import { rasterizeUv } from '../../src/head/raster.ts';
import { faceBox, landmarksOf, mouthBox, readTrack, vertices, writeTrack } from '../../src/head/track.ts';
import type { FaceTrack } from '../../src/head/track.ts';
import { createRng } from '../../src/random.ts';

const head = createHead(createRng('track'));
const track: FaceTrack = {
  mesh: faceMesh(head.shape),
  camera: head.camera,
  fps: 25,
  frames: [
    { pose: poseOf(0, 0, 0, head.restAt), expression: expressionOf({}) },
    {
      pose: poseOf(0.2, -0.1, 0.05, head.restAt),
      expression: expressionOf({ jawOpen: 0.5, smileLeft: 0.3 }),
    },
  ],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'track-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a face track', () => {
  it('comes back from its file as it was', async () => {
    const path = join(folder, 'a.track');
    await writeTrack(path, track);
    expect(await readTrack(path)).toEqual(track);
  });

  it('that is damaged is one clear error', async () => {
    const path = join(folder, 'b.track');
    await writeTrack(path, track);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    await expect(readTrack(path)).rejects.toMatchObject({ name: 'ItemError', code: 'E_TRACK' });
    const tensors = decodeTensors(bytes);
    for (const damage of [
      () => delete tensors['uv'],
      () => (tensors['landmarks'] = { shape: [51], data: new Int32Array(51).fill(1e9) }),
      () => (tensors['pose']!.data[3] = Number.NaN),
    ]) {
      damage();
      await writeFile(path, encodeTensors(tensors));
      await expect(readTrack(path)).rejects.toThrow(/damaged face track/);
    }
    await expect(readTrack(join(folder, 'none'))).rejects.toMatchObject({ code: 'E_TRACK' });
  });

  it('gives vertices as neutral + B·e', () => {
    const { mesh, frames } = track;
    const size = mesh.vertexCount * 3;
    const fast = vertices(track, 1);
    for (let i = 0; i < size; i += 97) {
      let slow = mesh.neutral[i]!;
      frames[1]!.expression.forEach((weight, k) => (slow += weight * mesh.basis[k * size + i]!));
      expect(fast[i]).toBeCloseTo(slow, 3);
    }
  });

  it('boxes the face, and the mouth within it', () => {
    for (const i of [0, 1]) {
      const face = faceBox(track, i);
      const mouth = mouthBox(track, i);
      expect(mouth.x).toBeGreaterThan(face.x);
      expect(mouth.y).toBeGreaterThan(face.y);
      expect(mouth.x + mouth.width).toBeLessThan(face.x + face.width);
      const points = landmarksOf(track, i);
      for (let k = 0; k < 102; k += 2) {
        expect(points[k]).toBeGreaterThanOrEqual(face.x);
        expect(points[k + 1]).toBeLessThanOrEqual(face.y + face.height);
      }
    }
  });

  it('turns with its pose as the angles say', () => {
    const nose = track.mesh.landmarks[13]!;
    const seen = (pose: Float32Array) =>
      project(track.mesh.neutral.subarray(nose * 3, nose * 3 + 3), pose, track.camera);
    const rest = seen(poseOf(0, 0, 0, head.restAt));
    expect(seen(poseOf(0.2, 0, 0, head.restAt))[0]).toBeGreaterThan(rest[0]! + 5);
    expect(seen(poseOf(0, 0.2, 0, head.restAt))[1]).toBeGreaterThan(rest[1]! + 5);
    const pose = poseOf(0.3, -0.2, 0.1, [0, 0, 900]);
    for (const row of [0, 4, 8]) {
      for (const other of [0, 4, 8]) {
        const dot = [0, 1, 2].reduce((sum, c) => sum + pose[row + c]! * pose[other + c]!, 0);
        expect(dot).toBeCloseTo(row === other ? 1 : 0, 5);
      }
    }
  });
});

describe('the UV raster', () => {
  const window = { x: 40, y: 40, width: 176, height: 176 };
  const points = vertices(track, 1);
  const image = rasterizeUv(track.mesh, points, track.frames[1]!.pose, track.camera, window);

  it('agrees with intersecting rays and triangles one by one', () => {
    const { mesh } = track;
    const pixels = project(points, track.frames[1]!.pose, track.camera);
    const rng = createRng('raster');
    for (let n = 0; n < 60; n++) {
      const [column, row] = [rng.int(window.width), rng.int(window.height)];
      const slow = slowSample(mesh, pixels, window.x + column + 0.5, window.y + row + 0.5);
      const i = row * window.width + column;
      expect(image.uv[i * 2]! < 0).toBe(slow === undefined);
      if (!slow) {
        expect(image.depth[i]).toBe(Infinity);
        continue;
      }
      expect(image.uv[i * 2]).toBeCloseTo(slow.u, 4);
      expect(image.uv[i * 2 + 1]).toBeCloseTo(slow.v, 4);
      expect(image.depth[i]).toBeCloseTo(slow.depth, 1);
    }
  });

  it('covers the face and leaves the surroundings empty', () => {
    const covered = image.depth.filter((depth) => Number.isFinite(depth)).length / image.depth.length;
    expect(covered).toBeGreaterThan(0.3);
    expect(covered).toBeLessThan(0.8);
    expect(image.uv[0]).toBe(-1);
  });

  it('shifts with the window', () => {
    const moved = rasterizeUv(track.mesh, points, track.frames[1]!.pose, track.camera, {
      ...window,
      x: 50,
      y: 45,
    });
    const at = (row: number, column: number) => (row * window.width + column) * 2;
    expect(moved.uv[at(60, 60)]).toBeCloseTo(image.uv[at(65, 70)]!, 6);
  });
});

/** The nearest front-facing triangle at a point, by its definition: solve for the barycentric coordinates of every one. */
function slowSample(mesh: FaceTrack['mesh'], pixels: Float32Array, x: number, y: number) {
  let best: { u: number; v: number; depth: number } | undefined;
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    const corners = [0, 1, 2].map((k) => mesh.triangles[t + k]!);
    const [a, b, c] = corners.map(
      (i) => [pixels[i * 3]!, pixels[i * 3 + 1]!, pixels[i * 3 + 2]!] as const,
    ) as [
      readonly [number, number, number],
      readonly [number, number, number],
      readonly [number, number, number],
    ];
    const cross = (p: readonly number[], q: readonly number[], r: readonly number[]) =>
      (q[0]! - p[0]!) * (r[1]! - p[1]!) - (r[0]! - p[0]!) * (q[1]! - p[1]!);
    const area = cross(a, b, c);
    if (area <= 0) continue;
    const weights = [cross([x, y], b, c) / area, cross([x, y], c, a) / area, cross([x, y], a, b) / area];
    if (weights.some((weight) => weight < 0)) continue;
    const inverse = weights.reduce((sum, weight, k) => sum + weight / [a, b, c][k]![2], 0);
    const value = (axis: 0 | 1) =>
      weights.reduce(
        (sum, weight, k) => sum + (weight * mesh.uv[corners[k]! * 2 + axis]!) / [a, b, c][k]![2],
        0,
      ) / inverse;
    const depth = 1 / inverse;
    if (!best || depth < best.depth) best = { u: value(0), v: value(1), depth };
  }
  return best;
}
