/** Files with tracks beside the first, as ffmpeg and a table of chapters make them, and files whose cover is no track. */
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { holdsMoreTracks } from '../../src/media/more-tracks.ts';
import { goldenPath } from '../golden/make.ts';
import { ffmpeg, workFolder } from './tools.ts';

const at = workFolder();
const inputs = (...names: string[]): string[] => names.flatMap((name) => ['-i', goldenPath(name)]);

test.each(['clip.mp4', 'clip.mkv', 'clip.avi', 'clip.mpg', 'silent.mp4', 'tone.ogg', 'photo.png'])(
  '%s has one of each at most',
  async (name) => {
    expect(await holdsMoreTracks(goldenPath(name))).toBe(false);
  },
);

test.each(['clip.mp4', 'clip.mkv', 'clip.mpg'])('%s twice, its first picture switched off', async (name) => {
  const film = [...inputs(name, name), '-map', '0', '-map', '1:v', '-c', 'copy'];
  await ffmpeg(...film, '-disposition:v:0', '0', at(name));
  expect(await holdsMoreTracks(at(name))).toBe(true);
});

test('two sounds', async () => {
  await ffmpeg(...inputs('clip.mp4', 'tone.m4a'), '-map', '0', '-map', '1', '-c', 'copy', at('a.mkv'));
  expect(await holdsMoreTracks(at('a.mkv'))).toBe(true);
});

test.each([
  ['clip.mp4', '-disposition:v:1'],
  ['tone.m4a', '-disposition:v:0'],
  ['tone.mp3', '-disposition:v:0'],
])('%s with a cover', async (name, disposition) => {
  const covered = ['-map', '0', '-map', '1', '-c', 'copy', disposition, 'attached_pic'];
  await ffmpeg(...inputs(name, 'photo.png'), ...covered, at(name));
  expect(await holdsMoreTracks(at(name))).toBe(false);
});

/** The same MP4, whose first track names another as its pictures of chapters: ffmpeg takes that for a cover. */
function withChapters(film: Buffer, chapters: number): Buffer {
  const made = Buffer.from(film);
  const boxIn = (from: number, type: string): number => {
    let offset = from;
    while (made.toString('latin1', offset + 4, offset + 8) !== type) offset += made.readUInt32BE(offset);
    return offset;
  };
  const movie = boxIn(0, 'moov');
  const track = boxIn(movie + 8, 'trak');
  const end = track + made.readUInt32BE(track);
  const reference = Buffer.from('\0\0\0\x14tref\0\0\0\x0cchap\0\0\0\0', 'latin1');
  reference.writeUInt32BE(chapters, 16);
  for (const box of [movie, track]) made.writeUInt32BE(made.readUInt32BE(box) + reference.length, box);
  return Buffer.concat([made.subarray(0, end), reference, made.subarray(end)]);
}

test.each([
  ['clip.mp4', 3],
  ['tone.m4a', 2],
])('a film hidden as the chapters of %s', async (name, chapters) => {
  await ffmpeg(...inputs(name, 'clip.mp4'), '-map', '0', '-map', '1:v', '-c', 'copy', at('two.mp4'));
  await writeFile(at('a.mp4'), withChapters(await readFile(at('two.mp4')), chapters));
  expect(await holdsMoreTracks(at('a.mp4'))).toBe(true);
});
