import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { ffmpegVersion } from '../../src/media/tools.ts';
import { probe } from '../../src/media/probe.ts';
import { paint } from '../support/clips.ts';
import {
  all,
  childrenNamed,
  meanColour,
  movingFrames,
  psnr,
  sweep,
  withQuickFfmpeg,
  workFolder,
} from './tools.ts';

const size = { width: 96, height: 64 };

withQuickFfmpeg('encoding and decoding', () => {
  const at = workFolder();

  test('its version is known', async () => {
    expect(await ffmpegVersion()).toMatch(/^ffmpeg version \S+$/);
  });

  test('frames and sound come back, in number and content', async () => {
    const frames = movingFrames(30);
    const audio = sweep(1.2, 16000);
    const media = await encodeClip(at('clip.mp4'), { frames, fps: 25, ...size, audio });
    expect(media).toEqual({
      path: at('clip.mp4'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      video: { fps: 25, frameCount: 30, ...size },
      audio: { sampleRate: 16000, sampleCount: 19200 },
    });
    expect(await probe(at('clip.mp4'))).toEqual(media);
    const decoded = await all(decodeFrames(at('clip.mp4'), { frameCount: 30 }));
    expect(decoded.map(({ width, height }) => [width, height])).toEqual(
      Array.from({ length: 30 }, () => [96, 64]),
    );
    expect(psnr(decoded, frames)).toBeGreaterThan(38);
    // A frame taken for its neighbour would be this far off.
    expect(psnr(decoded.slice(1), frames)).toBeLessThan(30);
    const sound = await decodeAudio(at('clip.mp4'), 16000, { seconds: 1.2 });
    expect(sound.samples.length).toBe(19200);
    expect(delayOf(sound.samples, audio.samples)).toBe(0);
  });

  test('the same content gives the same bytes', async () => {
    const content = {
      frames: movingFrames(30),
      fps: 25,
      ...size,
      audio: sweep(1.2, 16000),
      comment: 'two words',
    };
    const [first, second] = [await encodeClip(at('a.mp4'), content), await encodeClip(at('b.mp4'), content)];
    expect(second.sha256).toBe(first.sha256);
    expect((await readFile(at('a.mp4'))).includes('two words')).toBe(true);
    const other = await encodeClip(at('c.mp4'), { ...content, frames: movingFrames(31).slice(1) });
    expect(other.sha256).not.toBe(first.sha256);
  });

  test.each([
    { what: 'cut', seconds: 2, sampleRate: 16000, fps: 25, frameCount: 30 },
    { what: 'filled up', seconds: 0.3, sampleRate: 16000, fps: 25, frameCount: 30 },
    {
      what: 'cut at a rate that is no whole number',
      seconds: 2,
      sampleRate: 44100,
      fps: 30000 / 1001,
      frameCount: 20,
    },
    { what: 'at a low rate cut', seconds: 3, sampleRate: 8000, fps: 10, frameCount: 12 },
  ])('sound is $what to the length of the frames', async ({ seconds, sampleRate, fps, frameCount }) => {
    const content = { frames: movingFrames(frameCount), fps, ...size, audio: sweep(seconds, sampleRate) };
    const media = await encodeClip(at('clip.mp4'), content);
    expect(media.video?.fps).toBeCloseTo(fps, 3);
    const sampleCount = Math.round((frameCount * sampleRate) / fps);
    expect(media.audio?.sampleRate).toBe(sampleRate);
    // MP4 counts in milliseconds.
    const exact = (frameCount * 1000) / fps === Math.round((frameCount * 1000) / fps);
    expect(Math.abs(media.audio!.sampleCount - sampleCount)).toBeLessThanOrEqual(
      exact ? 0 : sampleRate / 1000,
    );
  });

  test('flat colours keep their values', async () => {
    const colours: [number, number, number][] = [
      [200, 40, 60],
      [30, 180, 90],
      [20, 60, 210],
      [250, 250, 250],
      [4, 4, 4],
      [224, 172, 140],
    ];
    const frame = paint(96, 64, (x) => colours[Math.floor(x / 16)]!);
    await encodeClip(at('clip.mp4'), { frames: [frame, frame, frame], fps: 25, ...size });
    const [first] = await all(decodeFrames(at('clip.mp4')));
    for (const [i, colour] of colours.entries())
      for (const [c, value] of meanColour(first!, 16 * i + 5, 8, 6, 48).entries())
        expect(Math.abs(value - colour[c]!), `colour ${i}, channel ${c}`).toBeLessThan(3);
  });

  test('frames are scaled to cover a size and cut about the centre', async () => {
    // Black margins of 16 px, white in between: the 64×64 in the middle is white.
    const frame = paint(96, 64, (x) => (x < 14 || x >= 82 ? [0, 0, 0] : [255, 255, 255]));
    await encodeClip(at('clip.mp4'), { frames: [frame], fps: 25, ...size });
    const [half] = await all(decodeFrames(at('clip.mp4'), { width: 32, height: 32 }));
    expect([half!.width, half!.height]).toEqual([32, 32]);
    expect(Math.min(...half!.data)).toBeGreaterThan(245);
    const [wide] = await all(decodeFrames(at('clip.mp4'), { width: 192, height: 128 }));
    expect(meanColour(wide!, 0, 0, 20, 128)[0]).toBeLessThan(10);
    expect(meanColour(wide!, 40, 0, 20, 128)[0]).toBeGreaterThan(245);
  });

  test('of odd sizes the last row and column are cut off', async () => {
    const media = await encodeClip(at('clip.mp4'), {
      frames: movingFrames(2, 97, 65),
      fps: 25,
      width: 97,
      height: 65,
    });
    expect(media.video).toEqual({ fps: 25, frameCount: 2, ...size });
    const decoded = await all(decodeFrames(at('clip.mp4')));
    expect(psnr(decoded, movingFrames(2))).toBeGreaterThan(38);
  });

  test('one frame is a clip, none is an error', async () => {
    const media = await encodeClip(at('one.mp4'), {
      frames: movingFrames(1),
      fps: 25,
      ...size,
      audio: sweep(1, 16000),
    });
    expect([media.video?.frameCount, media.audio?.sampleCount]).toEqual([1, 640]);
    await expect(encodeClip(at('none.mp4'), { frames: [], fps: 25, ...size })).rejects.toMatchObject({
      code: 'E_MEDIA_UNREADABLE',
    });
    expect(await readdir(dirname(at('one.mp4')))).toEqual(['one.mp4']);
  });

  test('what goes wrong with the frames is told, and leaves no file', async () => {
    const wrong = [...movingFrames(20), ...movingFrames(1, 64, 64)];
    await expect(encodeClip(at('clip.mp4'), { frames: wrong, fps: 25, ...size })).rejects.toMatchObject({
      code: 'E_FRAME_SIZE',
      message: expect.stringContaining('frame 20 is 64×64'),
    });
    async function* breaking() {
      yield* movingFrames(12);
      throw new Error('the renderer broke');
    }
    await expect(encodeClip(at('clip.mp4'), { frames: breaking(), fps: 25, ...size })).rejects.toThrow(
      'the renderer broke',
    );
    expect(await readdir(dirname(at('clip.mp4')))).toEqual([]);
    expect(await childrenNamed('ffmpeg')).toBe(0);
  });

  test('decoding waits for its reader and stops with it', async () => {
    const frames = movingFrames(120, 192, 128);
    await encodeClip(at('clip.mp4'), { frames, fps: 25, width: 192, height: 128 });
    const reader = decodeFrames(at('clip.mp4'));
    await reader.next();
    // All 120 frames are decoded in a fraction of this time when nothing holds ffmpeg back.
    await sleep(600);
    expect(await childrenNamed('ffmpeg')).toBe(1);
    await reader.return(undefined);
    await expect.poll(() => childrenNamed('ffmpeg')).toBe(0);
  });

  test('a stop signal ends it', async () => {
    await encodeClip(at('clip.mp4'), { frames: movingFrames(60), fps: 25, ...size });
    const controller = new AbortController();
    const reader = decodeFrames(at('clip.mp4'), { signal: controller.signal });
    await reader.next();
    controller.abort();
    await expect(all(reader)).rejects.toThrow('aborted');
    expect(await childrenNamed('ffmpeg')).toBe(0);
  });
});

/** The delay in samples, within ±300, at which `b` correlates best with `a`. */
function delayOf(a: Float32Array, b: Float32Array): number {
  let best = { delay: 0, sum: Number.NEGATIVE_INFINITY };
  for (let delay = -300; delay <= 300; delay++) {
    let sum = 0;
    for (let i = 300; i < a.length - 300; i++) sum += a[i]! * b[i - delay]!;
    if (sum > best.sum) best = { delay, sum };
  }
  return best.delay;
}
