/** Clips in memory and on disk for the detectors' tests. */
import { expressionCount } from '../../src/head/expressions.ts';
import { type Box, type FaceTrack, landmarkCount } from '../../src/head/track.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, Frame, OpenClip } from '../../src/types.ts';

/** A clip description; `media` names no real file. */
export function describeClip(id: string, frames: Frame[], fps = 25): Clip {
  const [first] = frames;
  const video = first && { fps, width: first.width, height: first.height, frameCount: frames.length };
  return {
    id,
    sources: [id],
    labels: { video: 'real' },
    origin: 'test',
    split: 'test',
    licence: 'synthetic',
    use: 'score',
    media: { path: `${id}.mp4`, sha256: id, ...(video ? { video } : {}) },
  };
}

/** The clip opened, its frames given from memory. */
export function openFrames(id: string, frames: Frame[]): OpenClip {
  return {
    clip: describeClip(id, frames),
    async *frames() {
      yield* frames;
    },
    audio: async () => ({ sampleRate: 16000, samples: new Float32Array(160) }),
  };
}

/** A frame whose pixel (x, y) is `colour(x, y)`, rounded and clamped to bytes. */
export function paint(
  width: number,
  height: number,
  colour: (x: number, y: number) => [number, number, number],
): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      data.set(
        colour(x, y).map((value) => Math.max(0, Math.min(255, Math.round(value)))),
        (y * width + x) * 3,
      );
  }
  return { width, height, data };
}

/** Grey noise of the given strength around a smooth picture; the same for the same name. */
export function noisy(name: string, width: number, height: number, strength: number): Frame {
  const rng = createRng(1, 'noisy', name);
  const phase = rng.uniform(0, 6);
  return paint(width, height, (x, y) => {
    const value = 128 + 60 * Math.sin(x / 17 + phase) * Math.cos(y / 23) + rng.normal(0, strength);
    return [value, value - 10, value + 10];
  });
}

/** A track of a flat face that fills `box` of a camera of the given size, in every one of `frameCount` frames. */
export function stillTrack(width: number, height: number, box: Box, frameCount: number): FaceTrack {
  const side = Math.ceil(Math.sqrt(landmarkCount));
  const neutral = Float32Array.from({ length: landmarkCount * 3 }, (_, at) => {
    const [i, axis] = [Math.floor(at / 3), at % 3];
    if (axis === 0) return box.x + (box.width * (i % side)) / (side - 1);
    return axis === 1 ? box.y + box.height * Math.min(1, Math.floor(i / side) / (side - 2)) : 0;
  });
  const mesh = {
    vertexCount: landmarkCount,
    triangles: Uint32Array.of(0, 1, side),
    uv: new Float32Array(landmarkCount * 2),
    neutral,
    basis: new Float32Array(expressionCount * landmarkCount * 3),
    landmarks: Uint32Array.from({ length: landmarkCount }, (_, i) => i),
    // The lower rows, as the mouth's landmarks are the last of the 51.
    mouth: Uint8Array.from({ length: landmarkCount }, (_, i) => (i >= 35 ? 1 : 0)),
  };
  // At a distance of one focal length a millimetre is a pixel.
  const camera = { focalPx: 100, centreX: 0, centreY: 0, width, height };
  const pose = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 100);
  const frame = { pose, expression: new Float32Array(expressionCount) };
  return { mesh, camera, fps: 25, frames: Array.from({ length: frameCount }, () => frame) };
}
