import { expect, test } from 'vitest';
import { cropMask, placesOf } from '../../generators/face-swap/place.ts';
import { mapPoints } from '../../src/faces/align.ts';
import { expressionOf } from '../../src/head/expressions.ts';
import { createHead } from '../../src/head/head.ts';
import { poseOf } from '../../src/head/mesh.ts';
import { createRenderer } from '../../src/head/renderer.ts';
import { landmarksOf, type FaceTrack } from '../../src/head/track.ts';
import { createRng } from '../../src/random.ts';

const head = createHead(createRng(7, 'person'));
const { mesh, camera } = createRenderer(head);
const pose = poseOf(0.1, -0.05, 0.03, head.restAt as [number, number, number]);
const track: FaceTrack = {
  mesh,
  camera,
  fps: 25,
  frames: [{ pose, expression: expressionOf({ jawOpen: 0.3 }) }],
};
const sizePx = 64;

/** Which of the 51 landmarks (17 to 67 of 68) a swap of that region repaints. */
function repainted(region: 'face' | 'mouth'): number[] {
  const place = placesOf(track, sizePx, region)(0);
  const mask = cropMask(place.toCrop, place.exchanged, sizePx);
  const points = mapPoints(place.toCrop, landmarksOf(track, 0));
  return Array.from({ length: 51 }, (_, i) => i).flatMap((i) =>
    mask[Math.floor(points[2 * i + 1]!) * sizePx + Math.floor(points[2 * i]!)]! > 0.5 ? [i + 17] : [],
  );
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('a swap of the face repaints eyes and mouth, one of the mouth the lips and no eye', () => {
  expect(repainted('face')).toEqual(expect.arrayContaining(range(36, 67)));
  const mouth = repainted('mouth');
  expect(mouth).toEqual(expect.arrayContaining(range(48, 67)));
  expect(mouth.filter((landmark) => landmark >= 17 && landmark <= 26)).toEqual([]);
  expect(mouth.filter((landmark) => landmark >= 36 && landmark <= 47)).toEqual([]);
});
