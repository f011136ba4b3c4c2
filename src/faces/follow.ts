/** Faces followed from frame to frame. */
import type { Box } from '../head/track.ts';
import type { Frame } from '../types.ts';
import { boxOf, squareOfDetection, squareOfMesh } from './dense-landmarks.ts';
import { type Detection, overlap } from './detect.ts';
import type { FaceNetworks } from './networks.ts';

/**
 * One face through a clip: its points (468×3, pixels) in the frames in which it was seen, the last of these, and the sum of its boxes' areas
 * over them.
 */
export type Trail = { seen: Map<number, Float32Array>; last: number; area: number };

export type Follower = {
  /** Takes the next frame of the clip. */
  next(frame: Frame): Promise<void>;
  /** The face with the largest sum of areas; undefined while none was seen. */
  main(): Trail | undefined;
  /** The most faces seen at once. */
  most(): number;
};

/** How sure the mesh network must be that its square shows a face. */
const leastPresence = 0.5;
/** Boxes that overlap more (intersection over union) are the same face; the mesh's box leaves out ears and neck that the detector's has. */
const sameFaceOverlap = 0.3;
/** A face that comes in is found at the latest this many frames later. */
const framesBetweenSearches = 12;
/** More faces than these, the largest first, are not followed: time and memory are bounded whatever a clip shows. */
const mostFaces = 8;

/**
 * Follows every face of a clip. A face is shown to the mesh network where it was in the frame before (Kartynnik et al. 2019, §4); the detector
 * looks at the first frame, at every `framesBetweenSearches`-th, and at those in which a face is missed that was seen at most `bridgeFrames`
 * before, or in which there is none. A face found near where one was lost no longer ago than that is the same one.
 */
export function createFollower(
  networks: Pick<FaceNetworks, 'detect' | 'mesh'>,
  bridgeFrames: number,
): Follower {
  let now = -1;
  /** Those that are seen or may come back. Of the others only the largest is kept. */
  let open: Trail[] = [];
  let largestEnded: Trail | undefined;
  let most = 0;

  const isSeen = ({ last }: Trail): boolean => last === now;
  const seenNow = (): number => open.filter(isSeen).length;
  const isTaken = (box: Box): boolean => open.some((trail) => isSeen(trail) && isSame(box, boxOfLast(trail)));
  const see = (trail: Trail, points: Float32Array): void => {
    trail.seen.set(now, points);
    trail.last = now;
    trail.area += areaOf(boxOf(points));
  };

  async function follow(frame: Frame): Promise<void> {
    for (const trail of open) {
      const before = trail.seen.get(now - 1);
      if (!before) continue;
      const { points, presence } = await networks.mesh(frame, squareOfMesh(before));
      // Two that have slid onto one face: the later goes.
      if (presence >= leastPresence && !isTaken(boxOf(points))) see(trail, points);
    }
  }

  async function search(frame: Frame): Promise<void> {
    const found = await networks.detect(frame);
    for (const detection of found.toSorted((a, b) => areaOf(b.box) - areaOf(a.box))) {
      if (seenNow() >= mostFaces) return;
      if (isTaken(detection.box)) continue;
      const points = await meshOf(frame, detection);
      if (!points || isTaken(boxOf(points))) continue;
      let trail = open.find((lost) => !isSeen(lost) && isSame(boxOf(points), boxOfLast(lost)));
      if (!trail) {
        trail = { seen: new Map(), last: now, area: 0 };
        open.push(trail);
      }
      see(trail, points);
    }
  }

  /** Shown twice: the square that the points ask for is nearer to what the network knows than the detector's. */
  async function meshOf(frame: Frame, detection: Detection): Promise<Float32Array | undefined> {
    const first = await networks.mesh(frame, squareOfDetection(detection));
    if (first.presence < leastPresence) return undefined;
    const { points, presence } = await networks.mesh(frame, squareOfMesh(first.points));
    return presence >= leastPresence ? points : undefined;
  }

  function endOld(): void {
    const isOpen = ({ last }: Trail): boolean => now - last <= bridgeFrames + 1;
    largestEnded = largest([largestEnded, ...open.filter((trail) => !isOpen(trail))]);
    open = open.filter(isOpen);
  }

  return {
    async next(frame) {
      now++;
      endOld();
      await follow(frame);
      const isMissed = open.some((trail) => !isSeen(trail));
      if (now % framesBetweenSearches === 0 || seenNow() === 0 || isMissed) await search(frame);
      most = Math.max(most, seenNow());
    },
    main: () => largest([largestEnded, ...open]),
    most: () => most,
  };
}

const areaOf = ({ width, height }: Box): number => width * height;
const isSame = (a: Box, b: Box): boolean => overlap(a, b) > sameFaceOverlap;
const boxOfLast = ({ seen, last }: Trail): Box => boxOf(seen.get(last)!);

/** The one with the largest area, the first of equals. */
function largest(trails: readonly (Trail | undefined)[]): Trail | undefined {
  return trails.reduce(
    (best, trail) => (trail && (!best || trail.area > best.area) ? trail : best),
    undefined,
  );
}
