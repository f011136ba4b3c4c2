/** Every kind of file that is read, and every way a file can be wrong. */
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ItemError } from '../../src/errors.ts';
import { decodeAudio, decodeFrames, soundSeconds } from '../../src/media/decode.ts';
import { mediaExtensions } from '../../src/media/formats.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { probe } from '../../src/media/probe.ts';
import type { Clip, Media } from '../../src/types.ts';
import { files, goldenPath } from '../golden/make.ts';
import { describeClip } from '../support/clips.ts';
import { all, meanColour, strongestHz, turned, withEachFfmpeg, workFolder } from './tools.ts';
import { gridClips } from '../support/grid.ts';

/** Made apart from the others: ffmpeg is not asked for it. */
const photoPng: (typeof files)[number] = { name: 'photo.png', frames: 1, options: [] };

/** What opening a file, and reading all of it, fails with. */
async function codeOf(path: string): Promise<string> {
  const media: Media = await probe(path).catch(() => ({ path, sha256: '' }));
  const open = openClip({ ...describeClip('clip', []), media } satisfies Clip);
  try {
    if (media.video || !media.audio) await all(open.frames());
    if (media.audio || !media.video) await open.audio();
    return 'whole';
  } catch (error) {
    expect((error as Error).message).toContain(path);
    return (error as ItemError).code;
  }
}

test('there is a file of every kind that is read, and no other', async () => {
  const names = (await readdir(goldenPath('.'))).filter(
    (name) => !['make.ts', 'models', 'scores'].includes(name),
  );
  expect(names.toSorted()).toEqual([...files.map(({ name }) => name), 'photo.png'].toSorted());
  const same = ['.m4v', '.mpeg', '.jpeg'];
  expect([...new Set([...names.map((name) => extname(name)), ...same])].toSorted()).toEqual(
    mediaExtensions.toSorted(),
  );
});

withEachFfmpeg('files', () => {
  const at = workFolder();

  test.each([...files, photoPng])('$name is read', async ({ name, frames, sampleRate }) => {
    const path = goldenPath(name);
    const media = await probe(path);
    const photo = name.startsWith('photo');
    if (frames) {
      expect(media.video).toEqual({ fps: photo ? 1 : 25, width: 96, height: 64, frameCount: frames });
      const decoded = await all(decodeFrames(path, { frameCount: frames }));
      for (const frame of decoded) {
        const [left, right] = [meanColour(frame, 8, 8, 32, 48), meanColour(frame, 56, 8, 32, 48)];
        for (const [c, value] of [255, 0, 0].entries()) expect(Math.abs(left[c]! - value)).toBeLessThan(6);
        for (const [c, value] of [0, 0, 255].entries()) expect(Math.abs(right[c]! - value)).toBeLessThan(6);
      }
    } else expect(media.video).toBeUndefined();
    if (sampleRate) {
      expect(media.audio?.sampleRate).toBe(sampleRate);
      // Lossy codecs work in blocks, and some containers count them.
      expect(Math.abs(soundSeconds(media)! - 1)).toBeLessThan(0.1);
      const { samples } = await decodeAudio(path, 8000, { seconds: soundSeconds(media)! });
      expect(strongestHz(samples.subarray(2000, 6000), 8000)).toBe(440);
    } else expect(media.audio).toBeUndefined();
  });

  // An MP3 or MPEG program stream has no count and no end: cut at the border of a frame it is a shorter clip.
  test.each(files.filter(({ name }) => !/^(photo|one-frame|clip.mpg|tone.mp3)/.test(name)))(
    '$name cut short is found out',
    async ({ name }) => {
      const bytes = await readFile(goldenPath(name));
      for (const share of [0.4, 0.8]) {
        await writeFile(at(name), bytes.subarray(0, bytes.length * share));
        const code = await codeOf(at(name));
        expect(['E_MEDIA_TRUNCATED', 'E_MEDIA_UNREADABLE', 'E_STREAM_MISSING'], `${share} of it`).toContain(
          code,
        );
      }
    },
  );

  test.each([
    ['empty.mp4', '', 'E_MEDIA_UNREADABLE'],
    ['text.mkv', 'just words\n', 'E_MEDIA_UNREADABLE'],
    ['text.png', 'just words\n', 'E_FORMAT_NOT_ALLOWED'],
    ['clip.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'E_FORMAT_NOT_ALLOWED'],
    ['noname', 'x', 'E_FORMAT_NOT_ALLOWED'],
    ['vector.png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'E_FORMAT_NOT_ALLOWED'],
    ['list.mp4', 'ffconcat version 1.0\nfile clip.mp4\n', 'E_FORMAT_NOT_ALLOWED'],
    [
      'playlist.mp4',
      '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nclip.mp4\n#EXT-X-ENDLIST\n',
      'E_FORMAT_NOT_ALLOWED',
    ],
    ['list.wav', 'ffconcat version 1.0\nfile clip.mp4\n', 'E_FORMAT_NOT_ALLOWED'],
  ])('%s is refused', async (name, content, code) => {
    await copyFile(goldenPath('clip.mp4'), at('clip.mp4'));
    await writeFile(at(name), content);
    expect(await codeOf(at(name))).toBe(code);
  });

  test('content that is not what the name says is refused', async () => {
    for (const [from, to] of [
      ['clip.mkv', 'x.mp4'],
      ['tone.wav', 'x.mp4'],
      ['clip.mp4', 'x.avi'],
      ['photo.png', 'x.jpg'],
      ['tone.flac', 'x.mp3'],
    ] as const) {
      await copyFile(goldenPath(from), at(to));
      expect(await codeOf(at(to)), `${from} as ${to}`).toBe('E_FORMAT_NOT_ALLOWED');
    }
  });

  test('missing files, folders and streams are named', async () => {
    await mkdir(at('folder.mp4'));
    expect(await codeOf(at('folder.mp4'))).toBe('E_MEDIA_UNREADABLE');
    expect(await codeOf(at('missing.mp4'))).toBe('E_MEDIA_MISSING');
    await expect(decodeAudio(goldenPath('silent.mp4'), 16000)).rejects.toMatchObject({
      code: 'E_STREAM_MISSING',
    });
    await expect(decodeAudio(goldenPath('photo.png'), 16000)).rejects.toMatchObject({
      code: 'E_STREAM_MISSING',
    });
    await expect(all(decodeFrames(goldenPath('tone.wav')))).rejects.toMatchObject({
      code: 'E_STREAM_MISSING',
    });
    await expect(all(decodeFrames(goldenPath('clip.mp4'), { frameCount: 26 }))).rejects.toMatchObject({
      code: 'E_MEDIA_TRUNCATED',
    });
  });

  test('strange names are only names', async () => {
    for (const name of [
      '-y.mp4',
      'concat:a|b.mp4',
      '%d.mp4',
      '$(touch x).mp4',
      'new\nline.mp4',
      "quo'te; [0].mp4",
      'pipe:0.mp4',
    ]) {
      await copyFile(goldenPath('silent.mp4'), at(name));
      expect((await probe(at(name))).video?.frameCount, name).toBe(25);
      expect(await all(decodeFrames(at(name)))).toHaveLength(25);
    }
    await symlink(at('-y.mp4'), at('link.mp4'));
    expect((await probe(at('link.mp4'))).video?.frameCount).toBe(25);
  });

  test('a video that is to be turned is turned, in its size and its frames', async () => {
    await writeFile(at('turned.mp4'), turned(await readFile(goldenPath('silent.mp4'))));
    expect((await probe(at('turned.mp4'))).video).toMatchObject({ width: 64, height: 96 });
    const [frame] = await all(decodeFrames(at('turned.mp4')));
    expect([frame!.width, frame!.height]).toEqual([64, 96]);
    expect(meanColour(frame!, 8, 8, 48, 32)[0]).toBeGreaterThan(240);
  });
});

describe('real recordings', () => {
  test('GRID clips decode', async ({ skip }) => {
    const [clip] = (await gridClips(skip)) as [string];
    expect((await probe(clip)).video).toEqual({ fps: 25, width: 360, height: 288, frameCount: 75 });
    expect(await all(decodeFrames(clip, { width: 128, height: 128, frameCount: 75 }))).toHaveLength(75);
  });
});
