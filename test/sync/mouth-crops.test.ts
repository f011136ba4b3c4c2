import { expect, it } from 'vitest';
import { project } from '../../src/head/mesh.ts';
import { cropHeight, cropWidth, mouthCrops } from '../../src/sync/mouth-crops.ts';
import type { Frame } from '../../src/types.ts';
import { paint, stillTrack } from '../support/clips.ts';

const box = { x: 40, y: 30, width: 60, height: 70 };
/** A white spot of 5×5 pixels. */
const spotAt = (width: number, height: number, [sx, sy]: readonly number[]): Frame =>
  paint(width, height, (x, y) =>
    Math.abs(x + 0.5 - sx!) <= 2.5 && Math.abs(y + 0.5 - sy!) <= 2.5 ? [255, 255, 255] : [0, 0, 0],
  );

/** The middle of the mouth's points in pixels of the track's camera. */
function mouthMiddle(track: ReturnType<typeof stillTrack>): [number, number] {
  const { neutral, mouth } = track.mesh;
  const points = Float32Array.from(
    [...mouth.keys()].filter((v) => mouth[v]).flatMap((v) => [...neutral.subarray(v * 3, v * 3 + 3)]),
  );
  const pixels = project(points, track.frames[0]!.pose, track.camera);
  const mean = (axis: number): number =>
    pixels.filter((_, i) => i % 3 === axis).reduce((sum, value) => sum + value, 0) / (pixels.length / 3);
  return [mean(0), mean(1)];
}

/** The centre of brightness of a crop. */
function centreOf(crop: Float32Array): [number, number] {
  let [sum, x, y] = [0, 0, 0];
  for (const [i, value] of crop.entries()) {
    sum += value;
    x += value * ((i % cropWidth) + 0.5);
    y += value * (Math.floor(i / cropWidth) + 0.5);
  }
  return [x / sum, y / sum];
}

it('puts the middle of the mouth at one place of the crop, also in a scaled picture', async () => {
  const track = stillTrack(160, 120, box, 2);
  const [x, y] = mouthMiddle(track);
  const [crop] = await mouthCrops([spotAt(160, 120, [x, y])], track);
  expect(crop).toHaveLength(cropWidth * cropHeight);
  const [cx, cy] = centreOf(crop!);
  expect(Math.hypot(cx - cropWidth / 2, cy - 13)).toBeLessThan(0.5);
  const [doubled] = await mouthCrops([spotAt(320, 240, [2 * x, 2 * y])], track);
  expect(Math.hypot(centreOf(doubled!)[0] - cx, centreOf(doubled!)[1] - cy)).toBeLessThan(0.5);
});

it('is upright, a pixel for 1.75 mm', async () => {
  const track = stillTrack(160, 120, box, 1);
  const [x, y] = mouthMiddle(track);
  // The camera of this track shows a millimetre as a pixel.
  const [below] = await mouthCrops([spotAt(160, 120, [x + 7, y + 14])], track);
  const [cx, cy] = centreOf(below!);
  expect(cx - cropWidth / 2).toBeCloseTo(4, 0);
  expect(cy - 13).toBeCloseTo(8, 0);
});

it('refuses a track without a mouth, and one that ends too early', async () => {
  const frames = [spotAt(160, 120, [0, 0]), spotAt(160, 120, [0, 0])];
  await expect(mouthCrops(frames, stillTrack(160, 120, box, 1))).rejects.toMatchObject({ code: 'E_TRACK' });
  const blind = stillTrack(160, 120, box, 2);
  blind.mesh.mouth.fill(0);
  await expect(mouthCrops(frames, blind)).rejects.toMatchObject({ code: 'E_TRACK' });
});
