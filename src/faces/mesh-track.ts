/** What is known of the main face of a clip before any head is fitted to it: 468 dense points a frame, smoothed over time. */
import { ItemError } from '../errors.ts';
import { readTensors, writeTensors } from '../tensors.ts';

/** Points of the dense face mesh; which is which: `mesh-topology.ts`. */
export const meshPointCount = 468;

/**
 * `frames`: per frame 468×3 values (x, y in pixels of the frame, where pixel i covers [i, i + 1); z in the same unit, relative, smaller
 * nearer to the camera), smoothed; null where there is no face.
 * `found`: frames in which the face was seen; `bridged`: frames whose points were put between those around them; `faces`: most faces
 * seen at once.
 */
export type MeshTrack = {
  fps: number;
  width: number;
  height: number;
  frames: (Float32Array | null)[];
  found: number;
  bridged: number;
  faces: number;
};

const valuesPerFrame = meshPointCount * 3;

/** Writes a track as a file of `src/tensors.ts`; frames without a face are zeros there, and `present` 0. */
export async function writeMeshTrack(path: string, track: MeshTrack): Promise<void> {
  const { fps, width, height, frames, found, bridged, faces } = track;
  const points = new Float32Array(frames.length * valuesPerFrame);
  frames.forEach((frame, i) => frame && points.set(frame, i * valuesPerFrame));
  await writeTensors(path, {
    points: { shape: [frames.length, meshPointCount, 3], data: points },
    present: { shape: [frames.length], data: Int32Array.from(frames, (frame) => (frame ? 1 : 0)) },
    clip: { shape: [3], data: Float32Array.of(fps, width, height) },
    counts: { shape: [3], data: Int32Array.of(found, bridged, faces) },
  });
}

/** Reads a track. Throws ItemError `E_TRACK` when the file is damaged, incomplete or does not fit together. */
export async function readMeshTrack(path: string): Promise<MeshTrack> {
  const damaged = (cause: unknown): ItemError =>
    new ItemError('E_TRACK', `${path}: cannot be read as a mesh track. Make the track again.`, { cause });
  const tensors = await readTensors(path).catch((cause: unknown) => {
    throw damaged(cause);
  });
  const take = (name: string, ...shape: number[]): Float32Array | Int32Array => {
    const tensor = tensors[name];
    if (tensor?.shape.join() !== shape.join() || !tensor.data.every(Number.isFinite))
      throw damaged(new Error(`"${name}" is not [${shape.join()}] numbers`));
    return tensor.data;
  };
  const count = tensors['present']?.shape[0] ?? 0;
  const points = Float32Array.from(take('points', count, meshPointCount, 3));
  const present = take('present', count);
  const [fps, width, height] = [...take('clip', 3)] as [number, number, number];
  const [found, bridged, faces] = [...take('counts', 3)] as [number, number, number];
  const frames = Array.from({ length: count }, (_, i) =>
    present[i] ? points.slice(i * valuesPerFrame, (i + 1) * valuesPerFrame) : null,
  );
  return { fps, width, height, frames, found, bridged, faces };
}
