/** The main face of a clip, frame by frame. */
import type { Frame } from '../types.ts';
import { createFollower } from './follow.ts';
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
  const seen = follower.main()?.seen ?? new Map<number, Float32Array>();
  const { frames, bridged } = bridgeGaps(
    Array.from({ length: count }, (_, i) => seen.get(i) ?? null),
    bridgeFrames,
  );
  return {
    fps,
    width,
    height,
    frames: smoothPoints(frames, fps),
    found: seen.size,
    bridged,
    faces: follower.most(),
  };
}
