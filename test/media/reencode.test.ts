/** A clip published by one process is, to the byte, what decoding and encoding it frame by frame gives, whatever its file is like. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { probe } from '../../src/media/probe.ts';
import { reencodeClip } from '../../src/media/reencode.ts';
import { ffmpeg, withQuickFfmpeg } from './tools.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'masque-reencode-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const picture = (size: string, rate: string, seconds: number): string[] =>
  `-f lavfi -i testsrc=s=${size}:r=${rate}:d=${seconds}`.split(' ');
const sound = (rate: number, seconds: number): string[] =>
  `-f lavfi -i sine=440:r=${rate}:d=${seconds}`.split(' ');

/** Name of the file: what ffmpeg makes it of. */
const files: Record<string, string[]> = {
  'steady.mp4': [...picture('128x96', '25', 1), ...sound(16000, 1)],
  'odd-size-and-rate.mp4': [...picture('121x95', '30000/1001', 1.1), ...sound(44100, 0.8)],
  'late-stereo.mkv': [...picture('128x96', '24', 1.5), '-itsoffset', '0.4', ...sound(48000, 1), '-ac', '2'],
  'mpeg1.mpg': [...picture('160x128', '25', 1), ...sound(44100, 1.2), '-c:v', 'mpeg1video', '-c:a', 'mp2'],
  'fast-silent.mp4': picture('96x64', '120', 0.4),
  'uneven.mp4': [...picture('96x64', '25', 1.5), '-vf', "select='not(mod(n,3))'", '-vsync', 'vfr'],
  'full-range.mp4': [...picture('96x64', '25', 0.4), '-pix_fmt', 'yuvj420p', '-vf', 'setsar=4/3'],
  'photo.png': [...picture('97x64', '25', 1), '-frames:v', '1'],
  'late-picture.mov': ['-itsoffset', '0.3', ...picture('96x64', '25', 0.8), ...sound(22050, 1.3)],
};

withQuickFfmpeg('re-encoding', () => {
  test.each(Object.keys(files))('%s', async (name) => {
    const path = join(folder, name);
    await ffmpeg(...files[name]!, path);
    const media = await probe(path);
    const { fps, width, height } = media.video!;
    const audio = media.audio ? { audio: await decodeAudio(path, media.audio.sampleRate) } : {};
    const slowly = await encodeClip(join(folder, 'slowly.mp4'), {
      frames: decodeFrames(path),
      fps,
      width,
      height,
      ...audio,
    });
    const { path: at, ...atOnce } = await reencodeClip(join(folder, 'at-once.mp4'), media);
    expect(readFileSync(at).equals(readFileSync(slowly.path))).toBe(true);
    expect({ ...atOnce, path: slowly.path }).toEqual(slowly);
  });

  test('a file that ends early is named, and nothing is left', async () => {
    const path = join(folder, 'cut.mkv');
    await ffmpeg(...picture('128x96', '25', 2), ...sound(16000, 2), path);
    const media = await probe(path);
    truncateSync(path, 12_000);
    const before = readdirSync(folder);
    await expect(reencodeClip(join(folder, 'whole.mp4'), media)).rejects.toMatchObject({
      code: 'E_MEDIA_TRUNCATED',
      message: expect.stringContaining('cut.mkv'),
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  test('a file without a picture is refused by name', async () => {
    const path = join(folder, 'sound.wav');
    await ffmpeg(...sound(16000, 0.5), path);
    await expect(reencodeClip(join(folder, 'none.mp4'), await probe(path))).rejects.toMatchObject({
      code: 'E_STREAM_MISSING',
    });
  });
});
