/** The main face of a clip, frame by frame. */
import type { Frame } from '../types.ts';
import { boxOf } from './dense-landmarks.ts';
import { createFollower, type Trail } from './follow.ts';
import type { MeshTrack } from './mesh-track.ts';
import type { FaceNetworks } from './networks.ts';
import { bridgeGaps, smoothPoints } from './smooth-points.ts';

/** A face that is missed for longer is not there; what lips do meanwhile nobody can guess. */
const longestBridgeSeconds = 0.2;

/**
 * Follows the faces in the frames of a clip (all of one size, `fps` a second) and gives the main one: that with the largest sum of areas over
 * the frames in which it is seen. Gaps of at most `longestBridgeSeconds` are bridged, then jitter is taken off (`smooth-points.ts`).
 */
export async function trackMesh(
  clip: AsyncIterable<Frame>,
  fps: number,
  networks: Pick<FaceNetworks, 'detect' | 'mesh'>,
): Promise<MeshTrack> {
  const bridgeFrames = Math.floor(longestBridgeSeconds * fps);
  const follower = createFollower(networks, bridgeFrames);
  let [width, height] = [0, 0];
  let count = 0;
  for await (const frame of clip) {
    ({ width, height } = frame);
    count++;
    await follower.next(frame);
  }
  const seen = mainOf(follower.trails)?.seen ?? new Map<number, Float32Array>();
  const found = Array.from({ length: count }, (_, i) => seen.get(i) ?? null);
  const { frames, bridged } = bridgeGaps(found, bridgeFrames);
  return {
    fps,
    width,
    height,
    frames: smoothPoints(frames, fps),
    found: seen.size,
    bridged,
    faces: mostAtOnce(follower.trails, count),
  };
}

function mainOf(trails: readonly Trail[]): Trail | undefined {
  const sizes = trails.map(({ seen }) => {
    let size = 0;
    for (const points of seen.values()) {
      const { width, height } = boxOf(points);
      size += width * height;
    }
    return size;
  });
  return trails[sizes.indexOf(Math.max(...sizes))];
}

function mostAtOnce(trails: readonly Trail[], frameCount: number): number {
  const counts = new Uint16Array(frameCount);
  for (const { seen } of trails) for (const i of seen.keys()) counts[i]!++;
  return counts.reduce((most, count) => Math.max(most, count), 0);
}
