/** Rendered heads are found where they are: the renderer's own landmarks beside those read off the dense mesh. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { convertFaceNetworks } from '../../src/faces/convert-networks.ts';
import { squareOfDetection, squareOfMesh } from '../../src/faces/dense-landmarks.ts';
import { innerLandmarks } from '../../src/faces/mesh-topology.ts';
import { type FaceNetworks, openFaceNetworks } from '../../src/faces/networks.ts';
import { createHead } from '../../src/head/head.ts';
import { createRenderer } from '../../src/head/renderer.ts';
import { landmarksOf } from '../../src/head/track.ts';
import { createRng } from '../../src/random.ts';
import { landmarkError } from '../head/face-detector.ts';
import { randomState } from '../head/states.ts';

let networks: FaceNetworks;
beforeAll(async () => {
  networks = await openFaceNetworks(await convertFaceNetworks());
});
afterAll(() => networks?.close());

test('five people, two poses each', async () => {
  const errors: number[] = [];
  const counts: number[] = [];
  for (let person = 0; person < 5; person++) {
    const head = createHead(createRng('found', person));
    const renderer = createRenderer(head);
    for (let i = 0; i < 2; i++) {
      const state = randomState(head, createRng('found', person, i), i);
      const frame = renderer.render(state);
      const detections = await networks.detect(frame);
      counts.push(detections.length);
      if (!detections[0]) continue;
      const first = await networks.mesh(frame, squareOfDetection(detections[0]));
      const { points, presence } = await networks.mesh(frame, squareOfMesh(first.points));
      expect(presence).toBeGreaterThan(0.5);
      const truth = landmarksOf(
        { mesh: renderer.mesh, camera: renderer.camera, fps: 25, frames: [state] },
        0,
      );
      errors.push(landmarkError(innerLandmarks(points), truth));
    }
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  console.log(
    `faces found: ${counts.join(' ')}; landmarks off by ${(100 * mean).toFixed(2)} %, at most ${(100 * Math.max(...errors)).toFixed(2)} %, of the distance between the outer corners of the eyes`,
  );
  expect(counts.filter((count) => count === 1).length / counts.length).toBeGreaterThan(0.9);
  expect(mean).toBeLessThan(0.06);
});
