/**
 * Clips that are cut anywhere or have bits flipped: every frame of them comes or is said not to be shown, or one named cause. By night the full counts: 64 cuts of each container, 500 seeds of
 * zzuf at three rates, the containers in turn.
 */
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { ItemError } from '../../src/errors.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { probe } from '../../src/media/probe.ts';
import { describeClip } from '../support/clips.ts';
import { all, childrenNamed, ffmpeg, programFor, withQuickFfmpeg, workFolder } from './tools.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const [cuts, seeds] = night ? [64, 500] : [3, 5];
const minutes = 60_000;
/** Shares of bits that are flipped: one to five of a clip, ten times as many, a hundred times. */
const rates = [0.00001, 0.0001, 0.001];
const frameCount = 50;
const picture = ['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=25:d=2'];
const sound = ['-f', 'lavfi', '-i', 'sine=f=440:r=16000:d=2'];
const codecs: Record<string, string[]> = {
  mp4: ['-c:v', 'libx264', '-c:a', 'aac', '-movflags', '+faststart'],
  mov: ['-c:v', 'libx264', '-c:a', 'pcm_s16le'],
  mkv: ['-c:v', 'libx264', '-c:a', 'flac'],
  webm: ['-c:v', 'libvpx', '-c:a', 'libvorbis'],
  avi: ['-c:v', 'mpeg4', '-c:a', 'libmp3lame'],
};
const containers = Object.keys(codecs);

withQuickFfmpeg('damage', () => {
  const at = workFolder();
  const whole = (container: string): string => at(`whole.${container}`);
  beforeEach(async () => {
    for (const container of containers)
      await ffmpeg(
        ...picture,
        ...sound,
        '-pix_fmt',
        'yuv420p',
        '-g',
        '12',
        ...codecs[container]!,
        whole(container),
      );
  });

  test('clips are cut', { timeout: 60 * minutes }, async () => {
    const wrong: string[] = [];
    for (const container of containers) {
      const bytes = await readFile(whole(container));
      for (let i = 1; i <= cuts; i++) {
        const length = Math.floor((bytes.length * i) / (cuts + 1));
        wrong.push(
          ...(await judge(at(`${length} of ${bytes.length} bytes.${container}`), bytes.subarray(0, length))),
        );
      }
    }
    expect(wrong).toEqual([]);
  });

  test.for(rates)('bits are flipped, %s of them', { timeout: 60 * minutes }, async (rate, { skip }) => {
    const zzuf = programFor('zzuf', skip);
    const wrong: string[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const container = containers[seed % containers.length]!;
      const input = await readFile(whole(container));
      const options = ['-s', String(seed), '-r', String(rate)];
      wrong.push(...(await judge(at(`seed ${seed}.${container}`), execFileSync(zzuf, options, { input }))));
    }
    expect(wrong).toEqual([]);
    expect(await childrenNamed('ffmpeg')).toBe(0);
  });
});

/** What is wrong with how the file was taken; nothing where every frame of it came or was counted as not shown, or where one cause was named, with the file. */
async function judge(path: string, bytes: Uint8Array): Promise<string[]> {
  await writeFile(path, bytes);
  try {
    const media = await probe(path);
    const open = openClip({ ...describeClip('clip', []), media });
    const frames = media.video ? (await all(open.frames())).length : 0;
    if (media.audio) await open.audio();
    const accounted = frames + (media.video?.unshown ?? 0);
    return accounted >= frameCount ? [] : [`${basename(path)}: ${accounted} of ${frameCount} frames`];
  } catch (error) {
    if (!(error instanceof ItemError)) return [`${basename(path)}: ${String(error)}`];
    return error.message.includes(path) ? [] : [`${basename(path)}: not named in "${error.message}"`];
  } finally {
    await rm(path);
  }
}
