/** What a face tracker knows of one clip: a mesh, a camera, and per frame a pose and an expression. */
import { ItemError } from '../errors.ts';
import { readTensors, writeTensors } from '../tensors.ts';
import type { NamedTensors } from '../tensors.ts';
import type { Clip } from '../types.ts';
import { expressionCount } from './expressions.ts';
import { deform, project } from './mesh.ts';
import type { Camera, Mesh, Pose } from './mesh.ts';

export type TrackFrame = { pose: Pose; expression: Float32Array };
export type FaceTrack = { mesh: Mesh; camera: Camera; fps: number; frames: TrackFrame[] };
/** A rectangle in pixels; may reach beyond the picture. */
export type Box = { x: number; y: number; width: number; height: number };

export const landmarkCount = 51;

/** The face of one frame in head space, 3V values in mm. */
export function vertices(track: FaceTrack, frameIndex: number): Float32Array {
  return deform(track.mesh, frameOf(track, frameIndex).expression);
}

/** The 51 inner landmarks of one frame in pixels, x and y alternating (102 values). */
export function landmarksOf(track: FaceTrack, frameIndex: number): Float32Array {
  const { pose } = frameOf(track, frameIndex);
  const points = vertices(track, frameIndex);
  const corners = new Float32Array(landmarkCount * 3);
  track.mesh.landmarks.forEach((vertex, i) =>
    corners.set(points.subarray(vertex * 3, vertex * 3 + 3), i * 3),
  );
  const pixels = project(corners, pose, track.camera);
  return Float32Array.from({ length: landmarkCount * 2 }, (_, i) => pixels[(i >> 1) * 3 + (i & 1)]!);
}

/** The smallest upright rectangle around the face (forehead to chin, cheek to cheek) of one frame, in pixels. */
export function faceBox(track: FaceTrack, frameIndex: number): Box {
  return boxAround(project(vertices(track, frameIndex), frameOf(track, frameIndex).pose, track.camera));
}

/** The smallest upright rectangle around the mouth region of one frame, in pixels. */
export function mouthBox(track: FaceTrack, frameIndex: number): Box {
  const pixels = project(vertices(track, frameIndex), frameOf(track, frameIndex).pose, track.camera);
  return boxAround(pixels, track.mesh.mouth);
}

/** @param points x, y, depth per point. @param mask Which points count; all without it. */
function boxAround(points: Float32Array, mask?: Uint8Array): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let p = 0, i = 0; p < points.length; p += 3, i++) {
    if (mask && mask[i] === 0) continue;
    left = Math.min(left, points[p]!);
    right = Math.max(right, points[p]!);
    top = Math.min(top, points[p + 1]!);
    bottom = Math.max(bottom, points[p + 1]!);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Pose and expression of one frame. Throws ItemError `E_TRACK` where the track ends before it. */
export function frameOf(track: FaceTrack, frameIndex: number): TrackFrame {
  const frame = track.frames[frameIndex];
  if (frame) return frame;
  throw new ItemError(
    'E_TRACK',
    `the face track ends after ${track.frames.length} frames, the clip does not. Make the track again.`,
  );
}

/** Writes a track as a tensor file (`src/tensors.ts`). Equal tracks give equal bytes. */
export async function writeTrack(path: string, track: FaceTrack): Promise<void> {
  const { mesh, camera, frames } = track;
  const v = mesh.vertexCount;
  const flat = (pick: (frame: TrackFrame) => Float32Array, width: number) => {
    const data = new Float32Array(frames.length * width);
    frames.forEach((frame, i) => data.set(pick(frame), i * width));
    return { shape: [frames.length, width], data };
  };
  await writeTensors(path, {
    triangles: { shape: [mesh.triangles.length / 3, 3], data: Int32Array.from(mesh.triangles) },
    uv: { shape: [v, 2], data: mesh.uv },
    neutral: { shape: [v, 3], data: mesh.neutral },
    basis: { shape: [expressionCount, v, 3], data: mesh.basis },
    landmarks: { shape: [landmarkCount], data: Int32Array.from(mesh.landmarks) },
    mouth: { shape: [v], data: Int32Array.from(mesh.mouth) },
    camera: {
      shape: [5],
      data: Float32Array.of(camera.focalPx, camera.centreX, camera.centreY, camera.width, camera.height),
    },
    fps: { shape: [1], data: Float32Array.of(track.fps) },
    pose: flat((frame) => frame.pose, 12),
    expression: flat((frame) => frame.expression, expressionCount),
  });
}

/**
 * The track of a clip. `where`: what nobody finds without it.
 * @throws ItemError E_NOT_APPLICABLE for a clip without one; as `readTrack`.
 */
export async function trackOf({ id, track }: Clip, where: string): Promise<FaceTrack> {
  if (track) return readTrack(track.path);
  throw new ItemError('E_NOT_APPLICABLE', `${id}: has no face track, so nobody knows where ${where}`);
}

/** Reads a track. Throws ItemError `E_TRACK` when the file is damaged, incomplete or does not fit together. */
export async function readTrack(path: string): Promise<FaceTrack> {
  let tensors: NamedTensors;
  try {
    tensors = await readTensors(path);
  } catch (cause) {
    throw new ItemError('E_TRACK', `${path}: cannot be read as a face track. Make the track again.`, {
      cause,
    });
  }
  return assemble(tensors, path);
}

function assemble(tensors: NamedTensors, path: string): FaceTrack {
  const damaged = (cause: string) =>
    new ItemError('E_TRACK', `${path}: damaged face track: ${cause}. Make the track again.`);
  const vertexCount = tensors['neutral']?.shape[0] ?? 0;
  const frameCount = tensors['pose']?.shape[0] ?? 0;
  const take = (name: string, ...shape: number[]): number[] | Float32Array | Int32Array => {
    const tensor = tensors[name];
    if (!tensor) throw damaged(`"${name}" is missing`);
    if (tensor.shape.join() !== shape.join())
      throw damaged(`"${name}" has shape [${tensor.shape.join()}], not [${shape.join()}]`);
    if (tensor.data.some((value) => !Number.isFinite(value)))
      throw damaged(`"${name}" holds values that are no numbers`);
    return tensor.data;
  };
  const indices = (name: string, ...shape: number[]): Uint32Array => {
    const data = Uint32Array.from(take(name, ...shape));
    if (data.some((index) => index >= vertexCount)) throw damaged(`"${name}" points outside the mesh`);
    return data;
  };
  const mesh: Mesh = {
    vertexCount,
    triangles: indices('triangles', tensors['triangles']?.shape[0] ?? 0, 3),
    uv: Float32Array.from(take('uv', vertexCount, 2)),
    neutral: Float32Array.from(take('neutral', vertexCount, 3)),
    basis: Float32Array.from(take('basis', expressionCount, vertexCount, 3)),
    landmarks: indices('landmarks', landmarkCount),
    mouth: Uint8Array.from(take('mouth', vertexCount)),
  };
  const [focalPx, centreX, centreY, width, height] = [...take('camera', 5)] as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [fps] = [...take('fps', 1)] as [number];
  const pose = Float32Array.from(take('pose', frameCount, 12));
  const expression = Float32Array.from(take('expression', frameCount, expressionCount));
  const frames = Array.from({ length: frameCount }, (_, i) => ({
    pose: pose.slice(i * 12, i * 12 + 12),
    expression: expression.slice(i * expressionCount, (i + 1) * expressionCount),
  }));
  return { mesh, camera: { focalPx, centreX, centreY, width, height }, fps, frames };
}
