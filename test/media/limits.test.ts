/** What a file may hold, and one more: of the limits in `formats.ts` each, and bombs that are refused by their header. */
import { open, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterEach, expect, test, vi } from 'vitest';
import { decodeAudio } from '../../src/media/decode.ts';
import { requireSuccess } from '../../src/media/failure.ts';
import { inputFile, limits } from '../../src/media/formats.ts';
import { readImage } from '../../src/media/images.ts';
import { probe } from '../../src/media/probe.ts';
import { type Running, stallSeconds, withinTime } from '../../src/media/program.ts';
import { ffmpeg, withEachFfmpeg, workFolder } from './tools.ts';

const at = workFolder();
afterEach(() => void vi.useRealTimers());

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
  const picture = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'white' } }).png({ compressionLevel: 1 });
  const [width, height] = [7680, 4320];
  expect(width * height).toBe(limits.photoPixels);
  await picture(width, height).toFile(at('most.png'));
  expect((await readImage(at('most.png'))).width).toBe(width);
  // Of one pixel more no picture has a side that PNG and libvips would take.
  await picture(5761, 5760).toFile(at('more.png'));
  await expect(probe(at('more.png'))).rejects.toMatchObject(tooLarge);
});

test('a photo bomb is refused by its header, a film of pictures shows its first', async () => {
  const bomb = sharp({
    create: { width: 16000, height: 16000, channels: 3, background: 'white' },
    limitInputPixels: false,
  });
  await bomb.png({ colours: 2 }).toFile(at('bomb.png'));
  const before = process.memoryUsage.rss();
  await expect(probe(at('bomb.png'))).rejects.toMatchObject(tooLarge);
  expect(process.memoryUsage.rss() - before).toBeLessThan(50e6);
  const pages = Buffer.alloc(1000 * 8 * 8 * 3);
  for (let i = 0; i < pages.length; i++) pages[i] = i / 192;
  const raw = { width: 8, height: 8000, channels: 3 as const, pageHeight: 8 };
  await sharp(pages, { raw }).webp({ loop: 0 }).toFile(at('film.webp'));
  expect((await probe(at('film.webp'))).video).toEqual({ fps: 1, frameCount: 1, width: 8, height: 8 });
  await sharp(pages, { raw }).gif().toFile(at('film.gif'));
  await expect(probe(at('film.gif'))).rejects.toMatchObject({ code: 'E_FORMAT_NOT_ALLOWED' });
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

withEachFfmpeg('limits', () => {
  test('pixels', async () => {
    expect(3840 * 2160).toBe(limits.videoPixels);
    const one = ['-frames:v', '1', '-c:v', 'ffv1', '-pix_fmt', 'gbrp'];
    await black('3840x2160', 25, ...one, at('most.mkv'));
    expect((await probe(at('most.mkv'))).video).toMatchObject({ width: 3840, height: 2160 });
    expect(601 * 13801).toBe(limits.videoPixels + 1);
    await black('601x13801', 25, ...one, at('more.mkv'));
    await expect(probe(at('more.mkv'))).rejects.toMatchObject(tooLarge);
    await black('8192x8192', 25, '-frames:v', '2', ...h264, at('bomb.mp4'));
    await expect(probe(at('bomb.mp4'))).rejects.toMatchObject(tooLarge);
  });

  test('frames', async () => {
    const film = (frames: number, name: string): Promise<void> =>
      black('16x16', 25, '-frames:v', String(frames), ...h264, at(name));
    await film(limits.frames, 'most.mp4');
    expect((await probe(at('most.mp4'))).video?.frameCount).toBe(limits.frames);
    await film(limits.frames + 1, 'more.mp4');
    await expect(probe(at('more.mp4'))).rejects.toMatchObject({
      ...tooLarge,
      message: expect.stringContaining(`${limits.frames + 1} frames, at most ${limits.frames} are read`),
    });
    // Matroska counts nothing: here reading finds out.
    await ffmpeg('-i', at('more.mp4'), '-c', 'copy', at('more.mkv'));
    await expect(probe(at('more.mkv'))).rejects.toMatchObject(tooLarge);
  });

  test('frames/s', async () => {
    await black('16x16', limits.fps, '-frames:v', '12', ...h264, at('most.mp4'));
    expect((await probe(at('most.mp4'))).video).toMatchObject({ fps: limits.fps, frameCount: 12 });
    for (const fps of [limits.fps + 1, 1000]) {
      await black('16x16', fps, '-frames:v', '12', ...h264, '-y', at('more.mp4'));
      await expect(probe(at('more.mp4'))).rejects.toMatchObject(tooLarge);
    }
  });

  test('seconds of picture and of sound', async () => {
    const lasting = (seconds: number): string[] => ['-t', String(seconds), '-y'];
    for (const [name, ...options] of [
      ['film.mp4', ...h264],
      ['film.mkv', ...h264],
    ] as const) {
      await black('16x16', 1, ...lasting(limits.seconds), ...options, at(name));
      expect((await probe(at(name))).video?.frameCount).toBe(limits.seconds);
      await black('16x16', 1, ...lasting(limits.seconds + 1), ...options, at(name));
      await expect(probe(at(name))).rejects.toMatchObject(tooLarge);
    }
    for (const name of ['sound.flac', 'sound.mp3']) {
      await ffmpeg(...silence, ...lasting(limits.seconds - 1), at(name));
      expect((await probe(at(name))).audio?.sampleRate).toBe(8000);
      await ffmpeg(...silence, ...lasting(limits.seconds + 1), at(name));
      await expect(probe(at(name))).rejects.toMatchObject(tooLarge);
      await expect(decodeAudio(at(name), 8000)).rejects.toMatchObject(tooLarge);
    }
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

  test('bombs of time are refused by their header', async () => {
    await black('16x16', 25, '-t', '20', ...h264, at('tile.mp4'));
    // Six hours: the same twenty seconds again and again.
    await writeFile(at('list.txt'), `file ${at('tile.mp4')}\n`.repeat((6 * 3600) / 20));
    await ffmpeg('-f', 'concat', '-safe', '0', '-i', at('list.txt'), '-c', 'copy', at('six-hours.mp4'));
    await expect(probe(at('six-hours.mp4'))).rejects.toMatchObject({
      ...tooLarge,
      message: expect.stringMatching(/21\d\d\d s long, at most 1800 s are read/),
    });
    // A million packets of a sample each.
    await ffmpeg(...silence, '-t', '125', '-c:a', 'pcm_u8', '-f', 'u8', at('raw'));
    const packets = ['-f', 'u8', '-ar', '8000', '-blocksize', '1', '-i', at('raw'), '-c', 'copy'];
    await ffmpeg(...packets, at('packets.mkv'));
    expect(((await probe(at('packets.mkv'))).audio?.sampleCount ?? 0) / 8000).toBeCloseTo(125, 0);
  });
});
