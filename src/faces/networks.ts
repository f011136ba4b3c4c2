/** The networks that find faces, opened: pixels in, faces in pixels of the frame out. For worker processes only. */
import { openModel } from '../compute/model.ts';
import type { Frame } from '../types.ts';
import { type Detection, detectorSidePx, facesIn } from './detect.ts';
import { type FaceMesh, meshSidePx, pointsInFrame } from './dense-landmarks.ts';
import { sampleSquare, type Square } from './square.ts';

export type FaceNetName = 'detector' | 'mesh';

export type FaceNetworks = {
  /** The faces in a frame, surest first. */
  detect(frame: Frame): Promise<Detection[]>;
  /** The dense points of the face that the square frames. */
  mesh(frame: Frame, square: Square): Promise<FaceMesh>;
  close(): void;
};

/**
 * Opens both networks, as `convert-networks.ts` made them: bytes or paths. They are small, and always run on the processor: tracks are then the same whatever device
 * computes the rest. Throws UserError as `openModel`.
 */
export async function openFaceNetworks(
  files: Record<FaceNetName, Uint8Array | string>,
): Promise<FaceNetworks> {
  const detector = await openModel(files.detector, { threads: 1, device: 'cpu' });
  const mesh = await openModel(files.mesh, { threads: 1, device: 'cpu' });
  const picture = (side: number, data: Float32Array) => ({ picture: { shape: [1, side, side, 3], data } });
  return {
    async detect(frame) {
      const whole = wholeFrame(frame);
      const outputs = await detector.run(
        picture(detectorSidePx, sampleSquare(frame, whole, detectorSidePx, [-1, 1])),
      );
      const take = (name: string): Float32Array => outputs[name]!.data as Float32Array;
      const fine = { scores: take('fineScores'), boxes: take('fineBoxes') };
      const coarse = { scores: take('coarseScores'), boxes: take('coarseBoxes') };
      return facesIn({ fine, coarse }, whole);
    },
    async mesh(frame, square) {
      const { points, presence } = await mesh.run(
        picture(meshSidePx, sampleSquare(frame, square, meshSidePx, [0, 1])),
      );
      return {
        points: pointsInFrame(points!.data as Float32Array, square),
        presence: (presence!.data as Float32Array)[0]!,
      };
    },
    close() {
      detector.close();
      mesh.close();
    },
  };
}

const wholeFrame = ({ width, height }: Frame): Square => ({
  x: width / 2,
  y: height / 2,
  side: Math.max(width, height),
  angle: 0,
});
