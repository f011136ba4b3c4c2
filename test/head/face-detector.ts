/** A face detector and a 68-landmark net that were trained on photographs (development dependency), to judge the rendered heads. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as FaceApi from '@vladmandic/face-api';
import type * as Tensorflow from '@tensorflow/tfjs';
import type { Frame } from '../../src/types.ts';

/** What was found in a frame: how many faces, and the 51 inner landmarks (x, y alternating, pixels) of the surest one. */
export type Found = { faces: number; landmarks: Float32Array | undefined };

/** Opens the detector: SSD MobileNet at its usual threshold, then the full landmark net. Runs on the WebAssembly backend. */
export async function openFaceDetector(): Promise<(frame: Frame) => Promise<Found>> {
  const require = createRequire(import.meta.url);
  const wasm = require('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(folder: string): void };
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  const api = require('@vladmandic/face-api/dist/face-api.node-wasm.js') as typeof FaceApi;
  const tf = api.tf as unknown as typeof Tensorflow;
  await tf.setBackend('wasm');
  await tf.ready();
  const models = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model');
  await api.nets.ssdMobilenetv1.loadFromDisk(models);
  await api.nets.faceLandmark68Net.loadFromDisk(models);
  const options = new api.SsdMobilenetv1Options({ minConfidence: 0.5, maxResults: 10 });
  return async (frame) => {
    const picture = tf.tensor3d(frame.data, [frame.height, frame.width, 3], 'int32');
    const found = await api
      .detectAllFaces(picture as unknown as FaceApi.TNetInput, options)
      .withFaceLandmarks();
    picture.dispose();
    const best = found.toSorted((a, b) => b.detection.score - a.detection.score)[0];
    const landmarks =
      best && Float32Array.from(best.landmarks.positions.slice(17).flatMap(({ x, y }) => [x, y]));
    return { faces: found.length, landmarks };
  };
}

/** Mean distance of found from true landmarks, as a share of the distance between the outer corners of the eyes. */
export function landmarkError(found: Float32Array, truth: Float32Array): number {
  const distance = (a: Float32Array, i: number, b: Float32Array, j: number) =>
    Math.hypot(a[2 * i]! - b[2 * j]!, a[2 * i + 1]! - b[2 * j + 1]!);
  let sum = 0;
  for (let i = 0; i < truth.length / 2; i++) sum += distance(found, i, truth, i);
  // Outer corners: 36 and 45 of the 68 points, 19 and 28 of the inner 51.
  return sum / (truth.length / 2) / distance(truth, 19, truth, 28);
}
