/**
 * Odd and damaged media on the way that everything goes: found by the data set, seen and heard by detectors, published, and made fakes of. The right clip comes of each, or
 * one named cause.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folder } from '../datasets/folder/index.ts';
import { audioFeatures } from '../detectors/audio-stats.job.ts';
import { spectrumFeatures } from '../detectors/spectrum.job.ts';
import { vocoder } from '../generators/vocoder/index.ts';
import type { ItemError } from '../src/errors.ts';
import { openClip } from '../src/media/open-clip.ts';
import { publishClip } from '../src/pipeline/publish.job.ts';
import type { Clip, Frame } from '../src/types.ts';
import { all, ffmpeg, meanColour, strongestHz, turned } from './media/tools.ts';
import { directContext } from './support/context.ts';

const work = mkdtempSync(join(tmpdir(), 'masque-odd-'));
const at = (name: string): string => join(work, 'set', name);
const context = directContext(work);

/** Two seconds, red on the left and blue on the right, and a tone of 440 Hz. */
const picture = (size: string, fps: number): string[] => [
  '-f',
  'lavfi',
  '-i',
  `color=c=red:s=200x200:r=${fps}:d=2,format=rgb24,scale=${size},drawbox=x=iw/2:w=iw:color=blue:t=fill`,
];
const tone = (channels = 1): string[] => [
  '-f',
  'lavfi',
  '-i',
  `sine=f=440:r=16000:d=2,aformat=channel_layouts=mono,pan=${channels}c${Array.from({ length: channels }, (_, i) => `|c${i}=c0`).join('')}`,
];
const yuv = ['-pix_fmt', 'yuv420p'];
const h264 = [...yuv, '-c:v', 'libx264', '-preset', 'ultrafast'];

/** Of the second second every other frame is left out: 25 + 13 in two seconds. */
const variableRate = [
  ...picture('96x64', 25),
  ...tone(),
  '-vf',
  "select='lt(n,25)+mod(n,2)'",
  '-vsync',
  'vfr',
  ...h264,
];

type Whole = { fps: number; width: number; height: number; frameCount: number; sampleRate?: number };
const plain = { fps: 25, width: 96, height: 64, frameCount: 50 };

/** Each with what it takes to make it, and what it is. */
const odd: Record<string, { options: string[]; is: Whole }> = {
  'plain.mp4': {
    options: [...picture('96x64', 25), ...tone(), ...h264],
    is: { ...plain, sampleRate: 16000 },
  },
  'silent.mp4': { options: [...picture('96x64', 25), ...h264], is: plain },
  'one frame.mp4': {
    options: [...picture('96x64', 25), ...h264, '-frames:v', '1'],
    is: { ...plain, frameCount: 1 },
  },
  'slow.mp4': {
    options: [...picture('96x64', 5), ...tone(), ...h264],
    is: { ...plain, fps: 5, frameCount: 10, sampleRate: 16000 },
  },
  'fast.mp4': {
    options: [...picture('96x64', 120), ...tone(), ...h264],
    is: { ...plain, fps: 120, frameCount: 240, sampleRate: 16000 },
  },
  'eight channels.mov': {
    options: [...picture('96x64', 25), ...tone(8), ...h264, '-c:a', 'pcm_s16le'],
    is: { ...plain, sampleRate: 16000 },
  },
  'eight channels.mkv': {
    options: [...picture('96x64', 25), ...tone(8), ...h264, '-c:a', 'flac'],
    is: { ...plain, sampleRate: 16000 },
  },
  'odd size.webm': {
    options: [...picture('97x65', 25), ...tone(), ...yuv, '-c:v', 'libvpx', '-c:a', 'libvorbis'],
    is: { ...plain, width: 97, height: 65, sampleRate: 16000 },
  },
  'odd size.mp4': {
    options: [...picture('97x65', 25), ...tone(), '-pix_fmt', 'yuv444p', '-c:v', 'libx264'],
    is: { ...plain, width: 97, height: 65, sampleRate: 16000 },
  },
  'variable rate.mp4': {
    options: variableRate,
    is: { ...plain, fps: 19, frameCount: 38, sampleRate: 16000 },
  },
  'variable rate.mkv': {
    options: [...variableRate, '-c:a', 'flac'],
    is: { ...plain, fps: 19, frameCount: 38, sampleRate: 16000 },
  },
};
/** Made of the plain one. */
const onItsSide = 'turned.mp4';
const broken: Record<string, { bytes(plain: Buffer): Buffer; codes: string[] }> = {
  'empty.mp4': { bytes: () => Buffer.alloc(0), codes: ['E_MEDIA_UNREADABLE'] },
  'cut.mp4': { bytes: (plain) => plain.subarray(0, 0.6 * plain.length), codes: ['E_MEDIA_TRUNCATED'] },
  'flipped.mp4': {
    bytes: (plain) => plain.map((byte, i) => (i % 97 === 0 && i > 5000 ? byte ^ 16 : byte)) as Buffer,
    codes: ['E_MEDIA_TRUNCATED', 'E_MEDIA_UNREADABLE'],
  },
  'video.avi': { bytes: (plain) => plain, codes: ['E_FORMAT_NOT_ALLOWED'] },
  'video.png': { bytes: (plain) => plain, codes: ['E_FORMAT_NOT_ALLOWED'] },
  'text.mkv': { bytes: () => Buffer.from('no film at all\n'), codes: ['E_MEDIA_UNREADABLE'] },
};

let clips: Clip[];
const clipOf = (name: string): Clip => clips.find(({ id }) => id === name)!;
beforeAll(async () => {
  await mkdir(join(work, 'set'));
  for (const [name, { options }] of Object.entries(odd))
    await ffmpeg(...options, '-movflags', '+faststart', at(name));
  const bytes = await readFile(at('plain.mp4'));
  await writeFile(at(onItsSide), turned(bytes));
  for (const [name, one] of Object.entries(broken)) await writeFile(at(name), one.bytes(bytes));
  clips = await all(
    folder.clips(folder.options.parse({ path: join(work, 'set'), licence: 'CC0-1.0' }), context),
  );
});
afterAll(() => rm(work, { recursive: true }));

test('every file is a clip', () => {
  const names = [...Object.keys(odd), onItsSide, ...Object.keys(broken)];
  expect(clips.map(({ id }) => id)).toEqual(names.toSorted());
});

test.each([
  ...Object.entries(odd).map(([name, { is }]) => ({ name, is })),
  { name: onItsSide, is: { ...plain, width: 64, height: 96, sampleRate: 16000 } },
])('$name is what it is', async ({ name, is: { sampleRate, ...video } }) => {
  const clip = clipOf(name);
  const { fps, ...size } = clip.media.video!;
  expect(size).toEqual({ width: video.width, height: video.height, frameCount: video.frameCount });
  expect(fps).toBeCloseTo(video.fps, 0);
  expect(clip.media.audio?.sampleRate).toBe(sampleRate);
  const open = openClip(clip);
  expectRedAndBlue(await all(open.frames()), name === onItsSide);
  expect((await spectrumFeatures(open)).every(Number.isFinite)).toBe(true);
  if (sampleRate !== undefined) {
    const { samples } = await open.audio();
    expect(samples.length / sampleRate).toBeCloseTo(2, 1);
    expect(strongestHz(samples.subarray(4000, 8000), sampleRate)).toBe(440);
    expect((await audioFeatures(open)).every(Number.isFinite)).toBe(true);
  } else await expect(audioFeatures(open)).rejects.toMatchObject({ code: 'E_NOT_APPLICABLE' });

  const published = await context.run(publishClip, { clip });
  expect(published.video).toMatchObject({
    width: video.width - (video.width % 2),
    height: video.height - (video.height % 2),
    frameCount: video.frameCount,
  });
  expect(published.video!.fps).toBeCloseTo(fps, 1);
  expect(published.audio?.sampleRate).toBe(sampleRate);
  expectRedAndBlue(await all(openClip({ ...clip, media: published }).frames()), name === onItsSide);
});

test('a generator makes a fake of each that has a voice', async () => {
  const options = vocoder.options.parse({ method: 'lpc' });
  const plans = vocoder.plan(clips, options, context);
  const voiced = Object.entries(odd).flatMap(([name, { is }]) => (is.sampleRate ? name : []));
  expect(plans.map(({ id }) => id).toSorted()).toEqual([...voiced, onItsSide].toSorted());
  for (const plan of plans) {
    const fake = await vocoder.make(plan, undefined, options, context);
    expect(fake.video?.frameCount, plan.id).toBe(plan.target.media.video!.frameCount);
    expect(fake.audio?.sampleRate).toBe(plan.target.media.audio!.sampleRate);
  }
});

test.each(Object.entries(broken))('%s has one named cause, whoever opens it', async (name, { codes }) => {
  const clip = clipOf(name);
  expect(clip.media).toEqual({ path: at(name), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const open = openClip(clip);
  const causes = await Promise.all(
    [() => spectrumFeatures(open), () => audioFeatures(open), () => all(open.frames())].map((use) =>
      use().then(
        () => 'read',
        (error: ItemError) => {
          expect(error.message).toContain(at(name));
          return error.code;
        },
      ),
    ),
  );
  expect(codes).toContain(causes[0]);
  expect(new Set(causes).size, causes.join()).toBe(1);
});

/** Red on the left and blue on the right; turned, red above and blue below. */
function expectRedAndBlue(frames: Frame[], isTurned: boolean): void {
  for (const frame of frames) {
    const [w, h] = [frame.width, frame.height].map((side, i) =>
      isTurned === (i === 1) ? Math.floor(side / 3) : side,
    ) as [number, number];
    const red = meanColour(frame, 0, 0, w, h);
    const blue = meanColour(frame, frame.width - w, frame.height - h, w, h);
    expect(red[0]! - red[2]!).toBeGreaterThan(180);
    expect(blue[2]! - blue[0]!).toBeGreaterThan(180);
  }
}
