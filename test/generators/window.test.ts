import { expect, test } from 'vitest';
import {
  insideSharesOf,
  isInside,
  separateInside,
  teethPlane,
} from '../../generators/puppetry/mouth-inside.ts';
import {
  addColours,
  createColourSum,
  meanColours,
  rowsOf,
  sampleTable,
  sampleTexels,
  textureChannels,
  textureSize,
  textureSpace,
} from '../../generators/puppetry/texture.ts';
import { faceImage, placeOf, stageOf } from '../../generators/puppetry/window.ts';
import { createHead } from '../../src/head/head.ts';
import { expressionOf } from '../../src/head/expressions.ts';
import { deform, poseOf, project } from '../../src/head/mesh.ts';
import { createRenderer } from '../../src/head/renderer.ts';
import { createRng } from '../../src/random.ts';

const rng = createRng(7, 'window');
const head = createHead(createRng(7, 'person'));
const { mesh, camera } = createRenderer(head);
const size = textureSize({ columns: 32, rows: 18 });
const stage = stageOf({ mesh, camera, fps: 25, frames: [] }, size);
const pose = poseOf(0.1, -0.05, 0.03, head.restAt as [number, number, number]);
const sizePx = 96;
const place = placeOf(stage, pose, sizePx);

test('the mask is 1 on the lips whatever they do, 0 on the eyes and along the window’s edge', () => {
  const at = (landmark: number, expression: Float32Array): number => {
    const points = project(deform(mesh, expression), pose, camera);
    const vertex = mesh.landmarks[landmark - 17]! * 3;
    const [x, y] = [
      Math.floor(points[vertex]! - place.window.x),
      Math.floor(points[vertex + 1]! - place.window.y),
    ];
    const inside = x >= 0 && y >= 0 && x < sizePx && y < sizePx;
    return inside ? place.mask[y * sizePx + x]! : 0;
  };
  const closed = expressionOf({});
  const open = expressionOf({ jawOpen: 0.7, lowerLipDown: 0.3 });
  for (let landmark = 48; landmark < 68; landmark++) {
    expect(at(landmark, closed)).toBe(1);
    expect(at(landmark, open)).toBe(1);
  }
  for (let landmark = 36; landmark < 48; landmark++) expect(at(landmark, closed)).toBe(0);
  for (let i = 0; i < sizePx; i++) {
    for (const pixel of [i, i * sizePx, (sizePx - 1) * sizePx + i, i * sizePx + sizePx - 1]) {
      expect(place.mask[pixel]).toBe(0);
    }
  }
});

test('a mesh whose inside is separated draws the same surface, and no triangle lies in both parts', () => {
  const apart = separateInside(mesh);
  const expression = Float32Array.from({ length: 20 }, () => rng.uniform(0, 0.4));
  const [before, after] = [deform(mesh, expression), deform(apart, expression)];
  const corner = (points: Float32Array, vertex: number) => [...points.subarray(vertex * 3, vertex * 3 + 3)];
  expect(apart.triangles.length).toBe(mesh.triangles.length);
  let inside = 0;
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    const sides = [0, 1, 2].map((i) => isInside(apart.uv[apart.triangles[t + i]! * 2 + 1]!));
    expect(new Set(sides).size).toBe(1);
    if (sides[0]) inside++;
  }
  expect(inside).toBeGreaterThan(100);
  for (let i = 0; i < mesh.triangles.length; i++) {
    expect(corner(after, apart.triangles[i]!)).toEqual(corner(before, mesh.triangles[i]!));
  }
});

test('a point of the teeth’s plane is found again from its pixel', () => {
  const plane = teethPlane(mesh);
  const shares = insideSharesOf(plane, pose, camera, { x: 0, y: 0, width: 256, height: 256 });
  const [left, right] = [plane.x - 10, plane.x + 10].map((x) => {
    const [px, py] = project(Float32Array.of(x, plane.y + 5, plane.z), pose, camera);
    return shares(Math.floor(py!) * 256 + Math.floor(px!));
  });
  // Half a pixel is about 0.7 mm of 64 and 34.
  expect(left![0]).toBeCloseTo(0.5 - 10 / 64, 1);
  expect(right![0] - left![0]).toBeCloseTo(20 / 64, 1);
  expect(left![1]).toBeCloseTo(15 / 34, 1);
});

test('sampling is bilinear, edges held, nothing where there is no face', () => {
  const space = textureSpace(mesh, size);
  const texture = Float32Array.from({ length: size.columns * rowsOf(size) * textureChannels }, () =>
    rng.normal(),
  );
  const uv = Float32Array.from({ length: 400 }, () => rng.uniform(0, 0.9)).fill(-1, 0, 2);
  const table = sampleTable({ uv, width: 200, height: 1, depth: new Float32Array(200) }, space, () => [0, 0]);
  const features = sampleTexels(texture, table);
  expect(features.subarray(0, textureChannels).every((value) => value === 0)).toBe(true);
  const texel = (x: number, y: number, c: number) => {
    const [column, row] = [
      Math.max(0, Math.min(size.columns - 1, x)),
      Math.max(0, Math.min(size.skinRows - 1, y)),
    ];
    return texture[(row * size.columns + column) * textureChannels + c]!;
  };
  for (let i = 1; i < 200; i++) {
    const x = ((uv[i * 2]! - space.left) / space.width) * size.columns - 0.5;
    const y = ((uv[i * 2 + 1]! - space.top) / space.height) * size.skinRows - 0.5;
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    for (let c = 0; c < textureChannels; c++) {
      const above = texel(x0, y0, c) * (x0 + 1 - x) + texel(x0 + 1, y0, c) * (x - x0);
      const below = texel(x0, y0 + 1, c) * (x0 + 1 - x) + texel(x0 + 1, y0 + 1, c) * (x - x0);
      expect(features[i * textureChannels + c]).toBeCloseTo(above * (y0 + 1 - y) + below * (y - y0), 4);
    }
  }
});

test('a picture of one colour gives a texture of that colour everywhere', () => {
  const { table, face } = faceImage(stage, pose, expressionOf({ jawOpen: 0.5 }), place);
  const sum = createColourSum(size);
  addColours(sum, table, {
    width: sizePx,
    height: sizePx,
    data: new Uint8Array(sizePx * sizePx * 3).fill(51),
  });
  expect(sum.weight.some((weight) => weight === 0)).toBe(true);
  meanColours(sum).forEach((value) => expect(value).toBeCloseTo(51 / 127.5 - 1, 5));
  expect(face.every((share, i) => share >= 0 && share <= place.hole[i]!)).toBe(true);
});
