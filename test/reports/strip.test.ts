import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expressionCount } from '../../src/head/expressions.ts';
import { landmarkCount, writeTrack } from '../../src/head/track.ts';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { readImage } from '../../src/media/images.ts';
import { probe } from '../../src/media/probe.ts';
import { pearson } from '../../src/metrics/correlation.ts';
import { drawStrip, type Strip, type StripInput } from '../../src/reports/strip.job.ts';
import { differenceOf, type Layout, layout, paneSizePx } from '../../src/reports/strip-picture.ts';
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

async function draw(input: StripInput): Promise<Strip> {
  const out = await mkdtemp(join(folder, 'strip-'));
  const keep = async (name: string) => ({
    path: join(out, name),
    sha256: await sha256OfFile(join(out, name)),
  });
  return drawStrip.run(input, {
    folder: out,
    checkpoints: out,
    keep,
    progress: () => undefined,
    note: () => undefined,
  });
}

async function framesOf({ video }: Strip): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(video.path)) frames.push(frame);
  return frames;
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

const sizeOf = ({ width, height }: Layout) => ({ width, height });

describe('draw-strip', () => {
  let target: Clip;
  let fake: Clip;
  let driver: Clip;
  let silent: Clip;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-strip-'));
    target = await clip('target', plain([60, 90, 120]));
    fake = await clip('fake', plain([60, 90, 120], [90, 120, 150]), sound);
    silent = await clip('silent', plain([60, 90, 120], [90, 120, 150]));
    driver = await withTrack(await clip('driver', plain([20, 20, 20], [200, 40, 40]), sound));
  });

  test('shows target, fake, the driver’s mouth and the error, and sounds as the driver does', async () => {
    const strip = await draw({ target, fake, driver });
    const media = await probe(strip.video.path);
    expect(media.video).toMatchObject({ ...sizeOf(layout(true)), fps: 25, frameCount });
    const heard = await decodeAudio(strip.video.path, sound.sampleRate, { seconds: frameCount / 25 });
    expect(pearson([...heard.samples], [...sound.samples]).value).toBeGreaterThan(0.9);
    for (const frame of [(await framesOf(strip))[7]!, await readImage(strip.poster.path)]) {
      const near = (x: number, y: number, colour: number[]) =>
        colourAt(frame, x, y).forEach((value, i) => expect(Math.abs(value - colour[i]!)).toBeLessThan(14));
      const [second, below] = [paneSizePx + 4, 26 + paneSizePx + 26];
      const mouthY = (48 / 64) * paneSizePx;
      near(paneSizePx / 2, 26 + mouthY, [60, 90, 120]);
      near(second + paneSizePx / 2, 26 + mouthY, [90, 120, 150]);
      near(paneSizePx / 2, below + paneSizePx / 2, [200, 40, 40]);
      near(second + paneSizePx / 2, below + mouthY, [120, 120, 120]);
      near(second + paneSizePx / 2, below + 20, [0, 0, 0]);
    }
  });

  test('a line moves along the sound as it plays', async () => {
    const frames = await framesOf(await draw({ target, fake, driver }));
    const { width, wave } = layout(true);
    const orange = (frame: Frame): number => {
      const row = Array.from({ length: width }, (_, x) => colourAt(frame, x, wave!.y + 6));
      const excess = row.map(([red, , blue]) => red! - blue!);
      return excess.indexOf(Math.max(...excess));
    };
    frames.forEach((frame, i) =>
      expect(Math.abs(orange(frame) - ((i + 0.5) / frameCount) * width)).toBeLessThan(4),
    );
  });

  test('without a driver the target’s own mouth is the true one; without sound there is no waveform', async () => {
    const { video } = await probe((await draw({ target, fake: silent })).video.path);
    expect(video).toMatchObject(sizeOf(layout(false)));
    expect(layout(false).height).toBeLessThan(layout(true).height);
  });

  test('of a driver without a picture the sound is heard, and its pane stays black', async () => {
    const { video: _, ...recording } = driver.media;
    const strip = await draw({ target, fake: silent, driver: { ...driver, media: recording } });
    const media = await probe(strip.video.path);
    expect(media.video!.frameCount).toBe(frameCount);
    expect(media.audio?.sampleRate).toBe(sound.sampleRate);
    const picture = await readImage(strip.poster.path);
    const pane = colourAt(picture, paneSizePx / 2, 26 + paneSizePx + 26 + paneSizePx / 2);
    expect(Math.max(...pane)).toBeLessThan(8);
  });

  test('a driver of another frame rate is shown at its own speed', async () => {
    const colours = Array.from({ length: 24 }, (_, i) => plain([10 * i, 10 * i, 10 * i]));
    const path = join(folder, 'fast.mp4');
    const media = await encodeClip(path, {
      frames: colours,
      fps: 50,
      width: size,
      height: size,
      audio: sound,
    });
    const frames = await framesOf(await draw({ target, fake, driver: { ...driver, media } }));
    expect(frames).toHaveLength(frameCount);
    frames.forEach((frame, i) => {
      const [grey] = colourAt(frame, paneSizePx / 2, 26 + paneSizePx + 26 + paneSizePx / 2);
      expect(Math.abs(grey! - 20 * i)).toBeLessThan(9);
    });
  });

  test('carries the mark of a fake', async () => {
    const { video } = await draw({ target, fake, driver });
    expect(readFileSync(video.path).toString('latin1')).toContain(
      'Synthetic media (deepfake) made with masque',
    );
  });

  test('same clips, same bytes', async () => {
    const [first, second] = [await draw({ target, fake, driver }), await draw({ target, fake, driver })];
    expect(first.video.sha256).toBe(second.video.sha256);
    expect(first.poster.sha256).toBe(second.poster.sha256);
  });

  test('a clip that says it has more frames than it has is one named failure', async () => {
    const lying = { ...fake, media: { ...fake.media, video: { ...fake.media.video!, frameCount: 500 } } };
    const others = {
      ...target,
      media: { ...target.media, video: { ...target.media.video!, frameCount: 500 } },
    };
    await expect(
      draw({ target: others, fake: lying, driver: { ...driver, media: others.media } }),
    ).rejects.toMatchObject({
      code: 'E_TOO_SHORT',
      message: expect.stringContaining('its picture ends at 0.48 s'),
    });
  });
});

test('the difference is four times the distance, cut off at white', () => {
  const a = { width: 2, height: 1, data: Uint8Array.of(10, 20, 30, 0, 0, 0) };
  const b = { width: 2, height: 1, data: Uint8Array.of(12, 15, 30, 100, 63, 64) };
  expect([...differenceOf(a, b).data]).toEqual([8, 20, 0, 255, 252, 255]);
});
