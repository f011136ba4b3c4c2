/**
 * The tracker on real recordings: eight GRID clips of 75 frames, 360×288, seven people. The figures that are asked of it, and what was
 * measured: README, "Faces"; experiments/LOG.md, 2026-11-26.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { convertFaceNetworksJob } from '../../src/faces/convert-networks.job.ts';
import { boxOf } from '../../src/faces/dense-landmarks.ts';
import { innerEyeCorners, lips } from '../../src/faces/mesh-topology.ts';
import { meshPointCount, type MeshTrack, readMeshTrack } from '../../src/faces/mesh-track.ts';
import { type FaceNetworks, openFaceNetworks } from '../../src/faces/networks.ts';
import { trackMesh } from '../../src/faces/track-mesh.ts';
import { trackMeshJob } from '../../src/faces/track-mesh.job.ts';
import { sha256OfFile } from '../../src/files.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { createRng } from '../../src/random.ts';
import type { Frame, Model } from '../../src/types.ts';
import { directContext } from '../support/context.ts';
import { gridClips } from '../support/grid.ts';

let folder: string;
let model: Model;
let networks: FaceNetworks;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-faces-'));
  model = await directContext(folder).run(convertFaceNetworksJob, {});
  networks = await openFaceNetworks({
    detector: model.files['detector']!.path,
    mesh: model.files['mesh']!.path,
  });
});
afterAll(async () => {
  networks?.close();
  await rm(folder, { recursive: true, force: true });
});

type Tracked = { frames: Frame[]; track: MeshTrack; raw: Float32Array[] };
const known = new Map<string, Promise<Tracked>>();

/** The frames of a clip, its track, and what the network said of each frame before anything was smoothed. */
function tracked(path: string): Promise<Tracked> {
  if (!known.has(path)) known.set(path, trackClip(path));
  return known.get(path)!;
}

async function trackClip(path: string): Promise<Tracked> {
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(path)) frames.push(frame);
  return { frames, ...(await trackFrames(frames)) };
}

async function trackFrames(frames: Frame[]): Promise<{ track: MeshTrack; raw: Float32Array[] }> {
  const last = new Map<Frame, Float32Array>();
  const track = await trackMesh(
    (async function* () {
      yield* frames;
    })(),
    25,
    {
      detect: networks.detect,
      async mesh(frame, square) {
        const mesh = await networks.mesh(frame, square);
        last.set(frame, mesh.points);
        return mesh;
      },
    },
  );
  return { track, raw: frames.map((frame) => last.get(frame)!) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How far the inner corners of the eyes lie from their mean place, rms over frames and both corners, pixels. */
function cornerJitter(frames: readonly Float32Array[]): number {
  const squares = innerEyeCorners.flatMap((corner) =>
    [0, 1].map((c) => {
      const places = frames.map((points) => points[3 * corner + c]!);
      const middle = mean(places);
      return mean(places.map((place) => (place - middle) ** 2));
    }),
  );
  // Both coordinates of a corner belong to one distance.
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / innerEyeCorners.length);
}

test('a face in every frame, one at a time, where the speaker is', async ({ skip }) => {
  const paths = await gridClips(skip);
  for (const path of paths) {
    const { track } = await tracked(path);
    const there = track.frames.filter((points) => points !== null);
    expect(track, path).toMatchObject({ fps: 25, width: 360, height: 288, faces: 1 });
    expect(there.length / track.frames.length, path).toBeGreaterThanOrEqual(0.99);
    expect(track.found + track.bridged).toBe(there.length);
    for (const points of there) {
      const { x, y, width, height } = boxOf(points);
      expect(Math.min(x, y, 360 - x - width, 288 - y - height), path).toBeGreaterThan(0);
      expect(width / 360).toBeGreaterThan(0.2);
    }
  }
});

test('a still head: one frame again and again under the noise of a camera', async ({ skip }) => {
  const jitters: number[] = [];
  for (const path of await gridClips(skip)) {
    const { frames } = await tracked(path);
    const rng = createRng(1, 'still', path.split('/').at(-1)!);
    const still = Array.from({ length: 25 }, () => ({
      ...frames[20]!,
      data: Uint8Array.from(frames[20]!.data, (value) =>
        Math.max(0, Math.min(255, Math.round(value + rng.normal(0, 3)))),
      ),
    }));
    const { track } = await trackFrames(still);
    jitters.push(cornerJitter(track.frames as Float32Array[]));
  }
  console.log(
    `inner eye corners of a still frame under noise of 3/255: ${jitters.map((value) => value.toFixed(3)).join(', ')} px rms`,
  );
  expect(Math.max(...jitters)).toBeLessThan(0.5);
});

/**
 * The ten frames of a clip in which the picture between brows and nose changes least from first to last (mean difference of its pixels):
 * chosen without looking at the track's movement. Whatever the head does move in them counts as jitter.
 */
function stillest({ frames, track }: Tracked): number {
  const { x, y, width, height } = boxOf(track.frames[0]!);
  const [left, right, top, bottom] = [
    x + 0.2 * width,
    x + 0.8 * width,
    y + 0.2 * height,
    y + 0.6 * height,
  ].map(Math.round) as [number, number, number, number];
  const change = (a: Frame, b: Frame): number => {
    let sum = 0;
    for (let row = top; row < bottom; row++)
      for (let i = 3 * (row * a.width + left); i < 3 * (row * a.width + right); i++)
        sum += Math.abs(a.data[i]! - b.data[i]!);
    return sum;
  };
  const changes = frames.slice(0, -9).map((frame, t) => change(frame, frames[t + 9]!));
  return changes.indexOf(Math.min(...changes));
}

test('still heads in the recordings themselves: their stillest 0.4 s', async ({ skip }) => {
  const jitters: { raw: number; smoothed: number }[] = [];
  for (const path of await gridClips(skip)) {
    const clip = await tracked(path);
    const from = stillest(clip);
    const part = (frames: (Float32Array | null)[]): Float32Array[] =>
      frames.slice(from, from + 10) as Float32Array[];
    jitters.push({ raw: cornerJitter(part(clip.raw)), smoothed: cornerJitter(part(clip.track.frames)) });
  }
  console.log(
    `inner eye corners in the stillest 0.4 s, as seen / smoothed: ${jitters.map(({ raw, smoothed }) => `${raw.toFixed(3)} / ${smoothed.toFixed(3)}`).join(', ')} px rms`,
  );
  for (const { smoothed } of jitters) expect(smoothed).toBeLessThan(0.5);
  expect(mean(jitters.map(({ smoothed }) => smoothed))).toBeLessThan(mean(jitters.map(({ raw }) => raw)));
});

test('smoothing leaves the lips their movement', async ({ skip }) => {
  const kept: number[] = [];
  const [upper, lower] = [lips.inner[5], lips.inner[15]];
  const opening = (points: Float32Array | null): number =>
    Math.hypot(...[0, 1].map((c) => points![3 * lower + c]! - points![3 * upper + c]!));
  for (const path of await gridClips(skip)) {
    const { raw, track } = await tracked(path);
    const [seen, smoothed] = [raw.map(opening), track.frames.map(opening)];
    const turns = [...seen.keys()].filter(
      (t) => t > 0 && t < seen.length - 1 && (seen[t]! - seen[t - 1]!) * (seen[t + 1]! - seen[t]!) <= 0,
    );
    // From each turn to the next, where the lips move by 2 px or more.
    turns.slice(1).forEach((turn, i) => {
      const [before, step] = [turns[i]!, seen[turn]! - seen[turns[i]!]!];
      if (Math.abs(step) >= 2) kept.push((smoothed[turn]! - smoothed[before]!) / step);
    });
  }
  console.log(
    `openings and closings of 2 px or more: ${kept.length}, kept ${mean(kept).toFixed(3)} of their way, the least ${Math.min(...kept).toFixed(3)}`,
  );
  expect(kept.length).toBeGreaterThan(30);
  expect(mean(kept)).toBeGreaterThan(0.95);
  expect(mean(kept)).toBeLessThan(1.02);
});

test('a mirrored frame gives the mirrored face', async ({ skip }) => {
  const [path] = await gridClips(skip);
  const { frames, track } = await tracked(path!);
  const mirror = ({ width, height, data }: Frame): Frame => {
    const flipped = new Uint8Array(data.length);
    for (let i = 0; i < width * height; i++) {
      const from = Math.floor(i / width) * width + (width - 1 - (i % width));
      flipped.set(data.subarray(3 * from, 3 * from + 3), 3 * i);
    }
    return { width, height, data: flipped };
  };
  const mirrored = (await trackFrames(frames.slice(0, 10).map(mirror))).track;
  const middle = (points: Float32Array): [number, number] =>
    [0, 1].map((c) => mean(Array.from({ length: meshPointCount }, (_, i) => points[3 * i + c]!))) as [
      number,
      number,
    ];
  for (let t = 0; t < 10; t++) {
    const [x, y] = middle(track.frames[t]!);
    const [mirroredX, mirroredY] = middle(mirrored.frames[t]!);
    // Half a pixel of error in where pixels lie would show twice.
    expect(Math.abs(360 - mirroredX - x)).toBeLessThan(0.5);
    expect(Math.abs(mirroredY - y)).toBeLessThan(0.5);
  }
});

test('the job leaves the track of a clip as a file', async ({ skip }) => {
  const [path] = await gridClips(skip);
  const { track } = await tracked(path!);
  const media = {
    path: path!,
    sha256: await sha256OfFile(path!),
    video: { fps: 25, width: 360, height: 288, frameCount: 75 },
  };
  const made = await directContext(folder).run(trackMeshJob, { media, networks: model.files });
  expect(made).toMatchObject({ frames: 75, found: track.found, bridged: track.bridged, faces: 1 });
  expect(await readMeshTrack(made.track.path)).toEqual(track);
  const { video: _, ...sound } = media;
  await expect(
    directContext(folder).run(trackMeshJob, { media: sound, networks: model.files }),
  ).rejects.toMatchObject({ code: 'E_STREAM_MISSING' });
});
