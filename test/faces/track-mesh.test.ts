/** Following on made-up networks that know where the faces are: whom the track is of, what is bridged, who is told apart. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eyes } from '../../src/faces/mesh-topology.ts';
import { meshPointCount, type MeshTrack, readMeshTrack, writeMeshTrack } from '../../src/faces/mesh-track.ts';
import type { FaceNetworks } from '../../src/faces/networks.ts';
import { trackMesh } from '../../src/faces/track-mesh.ts';
import type { Frame } from '../../src/types.ts';

type Face = { x: number; y: number; size: number };
/** The faces of each frame. */
type Scene = Face[][];

/** Points on a circle, the outer corners of the eyes level. */
function pointsOf({ x, y, size }: Face): Float32Array {
  const points = new Float32Array(3 * meshPointCount);
  for (let i = 0; i < meshPointCount; i++) {
    const angle = (2 * Math.PI * i) / meshPointCount;
    points.set([x + (size / 2) * Math.cos(angle), y + (size / 2) * Math.sin(angle), 0], 3 * i);
  }
  points.set([x - size / 4, y, 0], 3 * eyes.left[0]);
  points.set([x + size / 4, y, 0], 3 * eyes.right[8]);
  return points;
}

/** `calls`: how often each network was asked. */
function networksOf(scene: Scene) {
  const calls = { detect: 0, mesh: 0 };
  const facesOf = ({ data }: Frame): Face[] => scene[data[0]!]!;
  const networks: Pick<FaceNetworks, 'detect' | 'mesh'> = {
    async detect(frame) {
      calls.detect++;
      return facesOf(frame).map(({ x, y, size }) => ({
        box: { x: x - size / 2, y: y - size / 2, width: size, height: size },
        points: Float32Array.of(x - size / 4, y, x + size / 4, y, 0, 0, 0, 0, 0, 0, 0, 0),
        score: 0.9,
      }));
    },
    async mesh(frame, square) {
      calls.mesh++;
      const far = (face: Face): number => Math.hypot(face.x - square.x, face.y - square.y);
      const near = facesOf(frame).toSorted((a, b) => far(a) - far(b))[0];
      const shown = near !== undefined && far(near) < square.side / 4;
      return {
        points: pointsOf(shown ? near : { ...square, size: square.side / 1.5 }),
        presence: shown ? 1 : 0,
      };
    },
  };
  return { networks, calls };
}

async function* framesOf(scene: Scene): AsyncGenerator<Frame> {
  for (const i of scene.keys()) yield { width: 640, height: 360, data: Uint8Array.of(i) };
}

async function track(scene: Scene): Promise<MeshTrack & { calls: { detect: number; mesh: number } }> {
  const { networks, calls } = networksOf(scene);
  return { ...(await trackMesh(framesOf(scene), 25, networks)), calls };
}
const scene = (frames: number, at: (t: number) => Face[]): Scene =>
  Array.from({ length: frames }, (_, t) => at(t));
const middles = ({ frames }: MeshTrack): (number | null)[] =>
  frames.map((points) => points && Math.round((points[3 * eyes.left[0]]! + points[3 * eyes.right[8]]!) / 2));

describe('one face', () => {
  test('is followed where it goes; one look at the mesh a frame, one at the whole frame in twelve', async () => {
    const made = await track(scene(48, (t) => [{ x: 100 + 5 * t, y: 180, size: 100 }]));
    expect(made).toMatchObject({ fps: 25, width: 640, height: 360, found: 48, bridged: 0, faces: 1 });
    expect(middles(made)).toEqual(Array.from({ length: 48 }, (_, t) => 100 + 5 * t));
    expect(made.calls).toEqual({ detect: 4, mesh: 49 });
  });

  test('is found again at once after a jump', async () => {
    const made = await track(scene(20, (t) => [{ x: t < 7 ? 100 : 140, y: 180, size: 100 }]));
    expect(made).toMatchObject({ found: 20, bridged: 0, faces: 1 });
  });

  test('missed for 0.2 s is bridged, for longer it is not there', async () => {
    const face = { x: 200, y: 180, size: 100 };
    const missed = (from: number, count: number) =>
      scene(40, (t) => (t >= from && t < from + count ? [] : [face]));
    const short = await track(missed(15, 5));
    expect(short).toMatchObject({ found: 35, bridged: 5, faces: 1 });
    expect(short.frames.every(Boolean)).toBe(true);
    // After a longer gap nobody knows that it is the same face: the track is of the longer part.
    const long = await track(missed(15, 6));
    expect(long).toMatchObject({ found: 19, bridged: 0 });
    expect(long.frames.map(Boolean)).toEqual(Array.from({ length: 40 }, (_, t) => t >= 21));
  });
});

describe('several faces', () => {
  const small = (t: number): Face => ({ x: 500 - 3 * t, y: 100, size: 60 });
  test('the larger is the main one, also where it comes in later; the most at once are counted', async () => {
    const made = await track(
      scene(60, (t) => (t < 10 ? [small(t)] : [small(t), { x: 150, y: 200, size: 150 }])),
    );
    expect(made.faces).toBe(2);
    // It is found when the whole frame is looked at next.
    expect(middles(made)).toEqual(Array.from({ length: 60 }, (_, t) => (t < 12 ? null : 150)));
    expect(made.found).toBe(48);
  });

  test('a large face that only passes through is not the main one', async () => {
    const made = await track(
      scene(60, (t) => (t < 3 ? [small(t), { x: 150, y: 200, size: 150 }] : [small(t)])),
    );
    expect(made).toMatchObject({ found: 60, faces: 2 });
    expect(middles(made)[40]).toBe(500 - 120);
  });

  test('two that stand still keep apart; one track never takes the other', async () => {
    const made = await track(
      scene(30, () => [
        { x: 150, y: 200, size: 110 },
        { x: 290, y: 200, size: 100 },
      ]),
    );
    expect(middles(made)).toEqual(Array.from({ length: 30 }, () => 150));
  });

  test('a crowd is bounded', async () => {
    const crowd = Array.from({ length: 20 }, (_, i) => ({
      x: 30 + 60 * (i % 10),
      y: 60 + 120 * Math.floor(i / 10),
      size: 40,
    }));
    const made = await track(scene(5, () => crowd));
    expect(made.faces).toBe(8);
  });
});

test('no face, no frame: a track that says so', async () => {
  expect(await track(scene(3, () => []))).toMatchObject({
    frames: [null, null, null],
    found: 0,
    bridged: 0,
    faces: 0,
  });
  expect(await track([])).toMatchObject({ frames: [], found: 0, faces: 0 });
});

describe('as a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-mesh-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('comes back as it was', async () => {
    const { calls: _, ...made } = await track(
      scene(9, (t) => (t === 0 ? [] : [{ x: 100 + t, y: 90, size: 80 }])),
    );
    await writeMeshTrack(join(folder, 'a.track'), made);
    expect(await readMeshTrack(join(folder, 'a.track'))).toEqual(made);
  });

  test('damaged or not one of ours is refused', async () => {
    const { calls: _, ...made } = await track(scene(4, () => [{ x: 100, y: 90, size: 80 }]));
    const path = join(folder, 'b.track');
    await writeMeshTrack(path, made);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 8));
    await expect(readMeshTrack(path)).rejects.toMatchObject({ code: 'E_TRACK' });
    made.frames[2]!.fill(Number.NaN);
    await writeMeshTrack(path, made);
    await expect(readMeshTrack(path)).rejects.toMatchObject({ code: 'E_TRACK' });
    await writeFile(path, '');
    await expect(readMeshTrack(path)).rejects.toMatchObject({ code: 'E_TRACK' });
    await expect(readMeshTrack(join(folder, 'none'))).rejects.toMatchObject({ code: 'E_TRACK' });
  });
});
