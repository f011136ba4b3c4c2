/** What a file may hold, and one more: of the limits in `formats.ts` each, and bombs that are refused by their header. */
import { open, readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterEach, expect, test, vi } from 'vitest';
import { stft, inverseStft } from '../../src/dsp/stft.ts';
import { countAviChunks } from '../../src/media/avi-index.ts';
import { decodeAudio } from '../../src/media/decode.ts';
import { requireSuccess } from '../../src/media/failure.ts';
import { inputFile, limits } from '../../src/media/formats.ts';
import { readImage } from '../../src/media/images.ts';
import { matroskaDamage } from '../../src/media/matroska.ts';
import { probe } from '../../src/media/probe.ts';
import { type Running, stallSeconds, withinTime } from '../../src/media/program.ts';
import { writeWav } from '../../src/media/wav.ts';
import { perturbations } from '../../src/perturbations/index.ts';
import { createRng } from '../../src/random.ts';
import { goldenPath } from '../golden/make.ts';
import { distortionAt } from '../support/distortions.ts';
import { openSound } from '../support/sounds.ts';
import { ffmpeg, sweep, withQuickFfmpeg, workFolder } from './tools.ts';
import { blackPng } from '../support/black-png.ts';

const at = workFolder();
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Black pictures, `options` behind them. */
const black = (size: string, fps: number, ...options: string[]): Promise<void> =>
  ffmpeg('-f', 'lavfi', '-i', `color=c=black:s=${size}:r=${fps}`, ...options);
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono'];
const tooLarge = { name: 'ItemError', code: 'E_MEDIA_TOO_LARGE' };

test('bytes', async () => {
  for (const [name, size] of [
    ['most.mp4', limits.bytes],
    ['more.mp4', limits.bytes + 1],
  ] as const) {
    const file = await open(at(name), 'w');
    await file.truncate(size);
    await file.close();
  }
  expect(await inputFile(at('most.mp4'))).toMatchObject({ kind: 'video' });
  await expect(inputFile(at('more.mp4'))).rejects.toMatchObject({
    ...tooLarge,
    message: expect.stringContaining(`${limits.bytes + 1} bytes, at most ${limits.bytes} are read`),
  });
});

test('pixels of a photo', async () => {
  const [width, height] = [7680, 4320];
  expect(width * height).toBe(limits.photoPixels);
  await writeFile(at('most.png'), blackPng(width, height));
  expect((await readImage(at('most.png'))).width).toBe(width);
  // One pixel more is a prime number of pixels, of which PNG and libvips take no side.
  await writeFile(at('more.png'), blackPng(width, height + 1));
  await expect(probe(at('more.png'))).rejects.toMatchObject(tooLarge);
});

test('a photo bomb is refused by its header; of a film of pictures the first is shown, or none', async () => {
  await writeFile(at('bomb.png'), blackPng(16000, 16000));
  const before = process.memoryUsage.rss();
  await expect(probe(at('bomb.png'))).rejects.toMatchObject(tooLarge);
  expect(process.memoryUsage.rss() - before).toBeLessThan(50e6);
  const pages = Buffer.alloc(1000 * 8 * 8 * 3);
  for (let i = 0; i < pages.length; i++) pages[i] = i / 192;
  const raw = { width: 8, height: 8000, channels: 3 as const, pageHeight: 8 };
  await sharp(pages, { raw }).webp({ effort: 0 }).toFile(at('film.webp'));
  expect((await probe(at('film.webp'))).video).toEqual({ fps: 1, frameCount: 1, width: 8, height: 8 });
  await sharp(pages, { raw }).gif({ effort: 1 }).toFile(at('film.gif'));
  await expect(probe(at('film.gif'))).rejects.toMatchObject({ code: 'E_FORMAT_NOT_ALLOWED' });
});

test('a drawing, a film of pictures or words under the name of a photo go to no decoder', async () => {
  // None of them is whole: one that was decoded would be said to be unreadable.
  for (const [name, content] of [
    ['drawing.png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g>'],
    ['drawing.jpg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g>'],
    ['film.webp', 'GIF89a'],
    ['scan.jpg', 'II*\0'],
    ['photo.webp', 'RIFF'],
  ] as const) {
    await writeFile(at(name), content);
    await expect(probe(at(name)), name).rejects.toMatchObject({ code: 'E_FORMAT_NOT_ALLOWED' });
  }
});

/** How many times files are read from while `work` is done. */
async function readsOf(work: () => Promise<unknown>): Promise<number> {
  const file = await open(goldenPath('clip.avi'));
  const read = vi.spyOn(Object.getPrototypeOf(file) as typeof file, 'read');
  await file.close();
  await work();
  return read.mock.calls.length;
}

test('an AVI of empty chunks is walked a little way, through a window', async () => {
  const empty = Buffer.alloc(2_000_000);
  empty.write('RIFF');
  empty.write('AVI ', 8);
  await writeFile(at('empty.avi'), empty);
  expect(await readsOf(async () => expect(await countAviChunks(at('empty.avi'))).toBeUndefined())).toBe(1);
});

test('of a Matroska file no more elements are walked than the largest clip has', {
  timeout: 60_000,
}, async () => {
  const most = 4 * limits.streams * limits.frames;
  const voids = (count: number): Buffer => Buffer.alloc(2 * count, Buffer.of(0xec, 0x80));
  await writeFile(at('most.mkv'), voids(most));
  expect(await matroskaDamage(at('most.mkv'))).toBeUndefined();
  await writeFile(at('more.mkv'), voids(most + 1));
  expect(await matroskaDamage(at('more.mkv'))).toBe(`more than ${most} elements`);
  // A track of language codes, a byte each.
  const size = Buffer.alloc(4);
  const content = Buffer.alloc(999_999, Buffer.of(0xec, 0x81, 0));
  size.writeUInt32BE(content.length + 6 + 0x10000000);
  const track = Buffer.concat([Buffer.of(0xae), size, Buffer.of(0xd7, 0x81, 1, 0x83, 0x81, 1), content]);
  await writeFile(at('tracks.mkv'), Buffer.concat(Array.from({ length: 5 }, () => track)));
  expect(await matroskaDamage(at('tracks.mkv'))).toBe(`more than ${most} elements`);
});

test('the time of a step', async () => {
  vi.useFakeTimers();
  const kill = vi.fn();
  const waiting = withinTime(new Promise(() => {}), { kill } as unknown as Running);
  waiting.catch(() => {});
  await vi.advanceTimersByTimeAsync(1000 * stallSeconds - 1);
  expect(kill).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(kill).toHaveBeenCalledExactlyOnceWith(`took longer than ${stallSeconds} s over one step`);
});

test('memory, processor time and bytes that the kernel does not give', () => {
  for (const stderr of [
    '[h264] get_buffer() failed: Cannot allocate memory',
    'killed by SIGKILL',
    'killed by SIGXFSZ',
  ])
    expect(() => requireSuccess('clip.mp4', { code: null, stderr })).toThrow(
      expect.objectContaining(tooLarge),
    );
});

withQuickFfmpeg('limits', () => {
  test('sound is at no time a JavaScript array, which takes ten times the room', async () => {
    const sound = sweep(1, 16000);
    await writeWav(at('sound.wav'), sound);
    const reverberation = perturbations['reverberation']!;
    const [series] = reverberation.series(reverberation.options.parse({}));
    const from = vi.spyOn(Object.getPrototypeOf(Float32Array) as typeof Float32Array, 'from');
    await writeWav(at('again.wav'), sound);
    await decodeAudio(at('sound.wav'), 16000);
    inverseStft(stft(sound.samples, { size: 512, hop: 128 }), { size: 512, hop: 128 }, 16000);
    const clip = await distortionAt(series!, 1)(openSound(sound), createRng(1, 'draw'), at('.'));
    await clip.audio();
    const calls = from.mock.calls as unknown as [ArrayLike<number>, unknown?][];
    // With a function, what is to be changed is first listed.
    const listed = calls.filter(([source, change]) => change !== undefined && ArrayBuffer.isView(source));
    expect(listed.map(([source]) => source.length).filter((length) => length >= 16000)).toEqual([]);
  });

  test('samples/s', async () => {
    await writeWav(at('most.wav'), sweep(0.05, limits.sampleRateHz));
    expect((await probe(at('most.wav'))).audio?.sampleRate).toBe(limits.sampleRateHz);
    for (const rate of [limits.sampleRateHz + 1, 2_000_000]) {
      await writeWav(at('more.wav'), sweep(0.05, rate));
      await expect(probe(at('more.wav'))).rejects.toMatchObject({
        ...tooLarge,
        message: expect.stringContaining(`${rate} Hz, at most ${limits.sampleRateHz} are read`),
      });
    }
  });

  test('chunks before the index of an AVI', async () => {
    const bytes = await readFile(goldenPath('clip.avi'));
    const index = bytes.lastIndexOf('idx1');
    const after = async (count: number): Promise<string> => {
      await writeFile(
        at('chunks.avi'),
        Buffer.concat([bytes.subarray(0, index), Buffer.alloc(8 * count), bytes.subarray(index)]),
      );
      return at('chunks.avi');
    };
    expect((await probe(await after(900))).video?.frameCount).toBe(25);
    await expect(probe(await after(1001))).rejects.toMatchObject({
      code: 'E_MEDIA_TRUNCATED',
      message: expect.stringContaining('many chunks and no index'),
    });
  });

  test('pixels', async () => {
    expect(3840 * 2160).toBe(limits.videoPixels);
    const one = ['-frames:v', '1', '-c:v', 'ffv1', '-pix_fmt', 'gbrp'];
    await black('3840x2160', 25, ...one, at('most.mkv'));
    expect((await probe(at('most.mkv'))).video).toMatchObject({ width: 3840, height: 2160 });
    expect(601 * 13801).toBe(limits.videoPixels + 1);
    await black('601x13801', 25, ...one, at('more.mkv'));
    await expect(probe(at('more.mkv'))).rejects.toMatchObject(tooLarge);
  });

  /** A film of 250 frames again and again, until there are so many, without encoding it again. */
  const repeated = async (frames: number, fps: number, ...output: string[]): Promise<void> => {
    await black('16x16', fps, '-frames:v', '250', ...h264, '-y', at('tile.mp4'));
    await writeFile(at('list.txt'), `file '${at('tile.mp4')}'\n`.repeat(Math.ceil(frames / 250)));
    await ffmpeg(
      '-f',
      'concat',
      '-safe',
      '0',
      '-i',
      at('list.txt'),
      '-c',
      'copy',
      '-frames:v',
      String(frames),
      ...output,
    );
  };

  test('frames', async () => {
    await repeated(limits.frames, 25, at('most.mp4'));
    expect((await probe(at('most.mp4'))).video?.frameCount).toBe(limits.frames);
    await repeated(limits.frames + 1, 25, at('more.mp4'));
    await expect(probe(at('more.mp4'))).rejects.toMatchObject({
      ...tooLarge,
      message: expect.stringContaining(`${limits.frames + 1} frames, at most ${limits.frames} are read`),
    });
    // Matroska counts nothing: here reading finds out.
    await ffmpeg('-i', at('more.mp4'), '-c', 'copy', at('more.mkv'));
    await expect(probe(at('more.mkv'))).rejects.toMatchObject(tooLarge);
  });

  test('frames/s', async () => {
    const lasting = async (fps: number, name: string): Promise<string> => {
      // As an option of the output: of the source ffmpeg would guess 120 for 121.
      await black('16x16', 25, '-r', String(fps), '-vsync', 'cfr', '-t', '1', ...h264, '-y', at(name));
      return at(name);
    };
    expect((await probe(await lasting(limits.fps, 'most.mp4'))).video?.fps).toBe(limits.fps);
    expect((await probe(await lasting(limits.fps, 'most.mkv'))).video?.fps).toBe(limits.fps);
    for (const fps of [limits.fps + 1, 1000])
      for (const name of ['more.mp4', 'more.mkv'])
        await expect(probe(await lasting(fps, name))).rejects.toMatchObject(tooLarge);
  });

  test('seconds of picture and of sound', async () => {
    for (const [name, ...options] of [
      ['film.mp4', ...h264],
      ['film.mkv', ...h264],
    ] as const) {
      const film = (seconds: number): Promise<void> =>
        black('16x16', 1, '-t', String(seconds), ...options, '-y', at(name));
      await film(limits.seconds);
      expect((await probe(at(name))).video?.frameCount).toBe(limits.seconds);
      await film(limits.seconds + 1);
      await expect(probe(at(name))).rejects.toMatchObject(tooLarge);
    }
    const flac = (seconds: number): Promise<void> =>
      ffmpeg(...silence, '-t', String(seconds), '-y', at('sound.flac'));
    await flac(limits.seconds);
    expect((await probe(at('sound.flac'))).audio?.sampleCount).toBe(8000 * limits.seconds);
    await flac(limits.seconds + 1);
    await expect(probe(at('sound.flac'))).rejects.toMatchObject(tooLarge);
    // MP3 states no length: it is decoded and counted, here half a minute on either side.
    await ffmpeg(...silence, '-t', '30', at('tile.mp3'));
    const mp3 = async (count: number): Promise<void> => {
      await writeFile(at('list.txt'), `file '${at('tile.mp3')}'\n`.repeat(count));
      await ffmpeg('-f', 'concat', '-safe', '0', '-i', at('list.txt'), '-c', 'copy', '-y', at('sound.mp3'));
    };
    await mp3(limits.seconds / 30 - 1);
    expect((await probe(at('sound.mp3'))).audio?.sampleRate).toBe(8000);
    await mp3(limits.seconds / 30 + 1);
    await expect(probe(at('sound.mp3'))).rejects.toMatchObject(tooLarge);
    await expect(decodeAudio(at('sound.mp3'), 8000)).rejects.toMatchObject(tooLarge);
  });

  test('streams', async () => {
    const tracks = (count: number): string[] => [
      '-t',
      '0.2',
      ...Array.from({ length: count }, () => ['-map', '0:a']).flat(),
    ];
    for (const name of ['tracks.mp4', 'tracks.mkv']) {
      await ffmpeg(...silence, ...tracks(limits.streams), '-y', at(name));
      expect((await probe(at(name))).audio?.sampleRate).toBe(8000);
      for (const count of [limits.streams + 1, 60]) {
        await ffmpeg(...silence, ...tracks(count), '-y', at(name));
        await expect(probe(at(name))).rejects.toMatchObject({
          ...tooLarge,
          message: expect.stringContaining(`${count} streams`),
        });
      }
    }
  });

  test('a bomb of time is refused by its header', async () => {
    await repeated(6 * 3600, 1, at('six-hours.mp4'));
    await expect(probe(at('six-hours.mp4'))).rejects.toMatchObject({
      ...tooLarge,
      message: expect.stringMatching(/21\d\d\d s long, at most 1800 s are read/),
    });
  });
});
