import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expressionCount } from '../../src/head/expressions.ts';
import { landmarkCount, writeTrack } from '../../src/head/track.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { readImage } from '../../src/media/images.ts';
import { differenceOf, drawStrip, type StripInput } from '../../src/reports/strip.job.ts';
import { sha256OfFile } from '../../src/files.ts';
import type { Audio, Clip, Frame } from '../../src/types.ts';

const size = 64;
const frameCount = 12;
let folder: string;

/** A plain picture with a square of another brightness in the middle of its lower half, where the mouth is. */
function plain(colour: [number, number, number], mouth: [number, number, number] = colour): Frame {
  const data = new Uint8Array(size * size * 3);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    data.set(x >= 24 && x < 40 && y >= 40 && y < 56 ? mouth : colour, i * 3);
  }
  return { width: size, height: size, data };
}

const sound: Audio = {
  sampleRate: 16_000,
  samples: Float32Array.from({ length: 7680 }, (_, i) => 0.5 * Math.sin(i / 4)),
};

async function clip(name: string, frame: Frame, audio?: Audio): Promise<Clip> {
  const frames = Array.from({ length: frameCount }, () => frame);
  const media = await encodeClip(join(folder, `${name}.mp4`), {
    frames,
    fps: 25,
    width: size,
    height: size,
    ...(audio ? { audio } : {}),
  });
  return {
    id: name,
    sources: [name],
    labels: {},
    origin: 'test',
    split: 'test',
    licence: 'synthetic',
    use: 'score',
    media,
  };
}

/** A track whose mouth region is the square of `plain`: four vertices at z = 100 mm seen with a focal length of 100 px. */
async function withTrack(source: Clip): Promise<Clip> {
  const corners = [24, 40, 40, 40, 40, 56, 24, 56];
  const neutral = Float32Array.from({ length: 12 }, (_, i) =>
    i % 3 === 2 ? 0 : corners[Math.floor(i / 3) * 2 + (i % 3)]! - 32,
  );
  const mesh = {
    vertexCount: 4,
    triangles: Uint32Array.of(0, 1, 2),
    uv: new Float32Array(8),
    neutral,
    basis: new Float32Array(expressionCount * 12),
    landmarks: new Uint32Array(landmarkCount),
    mouth: new Uint8Array(4).fill(1),
  };
  const frames = Array.from({ length: frameCount }, () => ({
    pose: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 100),
    expression: new Float32Array(expressionCount),
  }));
  const path = join(folder, `${source.id}.track`);
  await writeTrack(path, {
    mesh,
    camera: { focalPx: 100, centreX: 32, centreY: 32, width: size, height: size },
    fps: 25,
    frames,
  });
  return { ...source, track: { path, sha256: await sha256OfFile(path) } };
}

async function draw(input: StripInput): Promise<Frame> {
  const out = await mkdtemp(join(folder, 'strip-'));
  const keep = async (name: string) => ({
    path: join(out, name),
    sha256: await sha256OfFile(join(out, name)),
  });
  const { path } = await drawStrip.run(input, {
    folder: out,
    checkpoints: out,
    keep,
    progress: () => undefined,
    note: () => undefined,
  });
  return readImage(path);
}

/** Mean colour of a few pixels about a place. */
function colourAt(frame: Frame, x: number, y: number): number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++) sum += frame.data[((y + dy) * frame.width + x + dx) * 3 + channel]!;
    return sum / 25;
  });
}

describe('draw-strip', () => {
  let target: Clip;
  let fake: Clip;
  let driver: Clip;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-strip-'));
    target = await clip('target', plain([60, 90, 120]));
    fake = await clip('fake', plain([60, 90, 120], [90, 120, 150]), sound);
    driver = await withTrack(await clip('driver', plain([20, 20, 20], [200, 40, 40]), sound));
  });

  test('has six columns of target, fake, the driver’s mouth, the enlarged difference and the sound', async () => {
    const strip = await draw({ target, fake, driver });
    expect([strip.width, strip.height]).toEqual([84 + 6 * 148, 22 + 4 * 148 + 60]);
    for (const column of [0, 3, 5]) {
      const [x, mouthY] = [84 + column * 148 + 72, Math.round((48 / 64) * 144)];
      const rows = [0, 1, 2, 3].map((row) => 22 + row * 148);
      const near = (y: number, colour: number[]) =>
        colourAt(strip, x, y).forEach((value, i) => expect(Math.abs(value - colour[i]!)).toBeLessThan(14));
      near(rows[0]! + mouthY, [60, 90, 120]);
      near(rows[1]! + mouthY, [90, 120, 150]);
      near(rows[2]! + 72, [200, 40, 40]);
      near(rows[3]! + mouthY, [120, 120, 120]);
      near(rows[3]! + 20, [0, 0, 0]);
      expect(colourAt(strip, x + 10, 22 + 4 * 148 + 28)[2]).toBeGreaterThan(150);
    }
  });

  test('without a track there is no mouth row, without sound no waveform', async () => {
    const strip = await draw({ target, fake });
    expect([strip.width, strip.height]).toEqual([84 + 6 * 148, 22 + 3 * 148]);
  });

  test('same clips, same bytes', async () => {
    const [first, second] = [await draw({ target, fake, driver }), await draw({ target, fake, driver })];
    expect(Buffer.compare(first.data, second.data)).toBe(0);
  });

  test('a clip that says it has more frames than it has is one named failure', async () => {
    const lying = { ...fake, media: { ...fake.media, video: { ...fake.media.video!, frameCount: 500 } } };
    const others = {
      ...target,
      media: { ...target.media, video: { ...target.media.video!, frameCount: 500 } },
    };
    await expect(draw({ target: others, fake: lying })).rejects.toMatchObject({
      code: 'E_TOO_SHORT',
      message: expect.stringContaining('target: frame 41 is needed'),
    });
  });
});

test('the difference is four times the distance, cut off at white', () => {
  const a = { width: 2, height: 1, data: Uint8Array.of(10, 20, 30, 0, 0, 0) };
  const b = { width: 2, height: 1, data: Uint8Array.of(12, 15, 30, 100, 63, 64) };
  expect([...differenceOf(a, b).data]).toEqual([8, 20, 0, 255, 252, 255]);
});
