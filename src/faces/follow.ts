/** Faces followed from frame to frame. */
import type { Box } from '../head/track.ts';
import type { Frame } from '../types.ts';
import { boxOf, squareOfDetection, squareOfMesh } from './dense-landmarks.ts';
import { type Detection, overlap } from './detect.ts';
import type { FaceNetworks } from './networks.ts';

/** One face through a clip: its points (468×3, pixels) in the frames in which it was seen, and the last of these. */
export type Trail = { seen: Map<number, Float32Array>; last: number };

/** How sure the mesh network must be that its square shows a face. */
const leastPresence = 0.5;
/** Boxes that overlap more (intersection over union) are the same face; the mesh's box leaves out ears and neck that the detector's has. */
const sameFaceOverlap = 0.3;
/** A face that comes in is found at the latest this many frames later. */
const framesBetweenSearches = 12;
/** More faces than these, surest first, are not followed: time is bounded whatever a clip shows. */
const mostFaces = 8;

/**
 * Follows every face of a clip: give it the frames in order. A face is shown to the mesh network where it was in the frame before (Kartynnik
 * et al. 2019, §4); the detector looks at the first frame, at every `framesBetweenSearches`-th, and at those in which a face is missed that
 * was seen at most `bridgeFrames` before. A face found near where one was lost no longer ago than that is the same one.
 */
export function createFollower(
  networks: Pick<FaceNetworks, 'detect' | 'mesh'>,
  bridgeFrames: number,
): { trails: Trail[]; next(frame: Frame): Promise<void> } {
  const trails: Trail[] = [];
  let now = -1;
  const isSeen = ({ last }: Trail): boolean => last === now;
  const wasLost = (trail: Trail): boolean => !isSeen(trail) && now - trail.last <= bridgeFrames + 1;
  const see = (trail: Trail, points: Float32Array): void => {
    trail.seen.set(now, points);
    trail.last = now;
  };
  const isTaken = (box: Box): boolean =>
    trails.some((trail) => isSeen(trail) && isSame(box, boxOfLast(trail)));

  async function follow(frame: Frame): Promise<void> {
    for (const trail of trails) {
      const before = trail.seen.get(now - 1);
      if (!before) continue;
      const { points, presence } = await networks.mesh(frame, squareOfMesh(before));
      // Two that have slid onto one face: the later goes.
      if (presence >= leastPresence && !isTaken(boxOf(points))) see(trail, points);
    }
  }

  async function search(frame: Frame): Promise<void> {
    for (const detection of await networks.detect(frame)) {
      if (trails.filter(isSeen).length >= mostFaces) return;
      if (isTaken(detection.box)) continue;
      const points = await meshOf(frame, detection);
      if (!points || isTaken(boxOf(points))) continue;
      const lost = trails.filter(wasLost).find((trail) => isSame(boxOf(points), boxOfLast(trail)));
      if (lost) see(lost, points);
      else trails.push({ seen: new Map([[now, points]]), last: now });
    }
  }

  /** Shown twice: the square that the points ask for is nearer to what the network knows than the detector's. */
  async function meshOf(frame: Frame, detection: Detection): Promise<Float32Array | undefined> {
    const first = await networks.mesh(frame, squareOfDetection(detection));
    if (first.presence < leastPresence) return undefined;
    const { points, presence } = await networks.mesh(frame, squareOfMesh(first.points));
    return presence >= leastPresence ? points : undefined;
  }

  return {
    trails,
    async next(frame) {
      now++;
      await follow(frame);
      const due = now % framesBetweenSearches === 0 || !trails.some(isSeen) || trails.some(wasLost);
      if (due) await search(frame);
    },
  };
}

const isSame = (a: Box, b: Box): boolean => overlap(a, b) > sameFaceOverlap;
const boxOfLast = ({ seen, last }: Trail): Box => boxOf(seen.get(last)!);
