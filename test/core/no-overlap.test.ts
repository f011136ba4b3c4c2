import { copyFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sha256OfFile } from '../../src/files.ts';
import { writeProvenance } from '../../src/media/provenance.ts';
import { namesShared, refuseOverlap } from '../../src/pipeline/no-overlap.ts';
import type { Clip } from '../../src/types.ts';
import { goldenPath } from '../golden/make.ts';
import { workFolder } from '../media/tools.ts';
import { describeClip, paint } from '../support/clips.ts';

const at = workFolder();
const frames = [paint(2, 2, () => [1, 2, 3])];
const clip = (id: string, more: Partial<Clip>, sha256 = id): Clip => {
  const described = describeClip(id, frames);
  return { ...described, media: { ...described.media, sha256 }, ...more };
};

test('different files, and one file twice in a split, are fine', async () => {
  await refuseOverlap([
    clip('a', { split: 'train' }),
    clip('b', { split: 'test' }),
    clip('c', { split: 'test' }, 'b'),
  ]);
});

test('one file in two splits is refused by its content, under whatever name', async () => {
  const clips = [clip('a', { split: 'train' }, 'same'), clip('b', { split: 'test' }, 'same')];
  await expect(refuseOverlap(clips)).rejects.toThrow(
    /b \(split test\) is the same file as a \(split train\)/,
  );
});

test('one file once real and once fake is refused', async () => {
  const clips = [clip('a', {}, 'same'), clip('b', { labels: { video: 'fake' } }, 'same')];
  await expect(refuseOverlap(clips)).rejects.toThrow(/b \(fake\) is the same file as a \(real\)/);
});

test('a fake with its manifest beside it is no real clip; a manifest of other content says nothing', async () => {
  await copyFile(goldenPath('clip.mp4'), at('fake.mp4'));
  await writeProvenance(at('fake.mp4'), {
    generator: 'puppetry@cpu-96',
    options: {},
    model: {},
    sources: ['a'],
    sourceFiles: [],
    licence: 'synthetic',
  });
  const media = { ...clip('a', {}).media, path: at('fake.mp4'), sha256: await sha256OfFile(at('fake.mp4')) };
  await expect(refuseOverlap([clip('a', { media })])).rejects.toThrow(
    /called real, but .* made by puppetry@cpu-96/,
  );
  await refuseOverlap([clip('a', { media, labels: { video: 'fake' } })]);
  await copyFile(goldenPath('silent.mp4'), at('fake.mp4'));
  await refuseOverlap([clip('a', { media })]);
});

test('names that two data sets share are said', () => {
  const learned = [clip('a', { sources: ['youtube/000'] }), clip('b', { sources: ['youtube/001'] })];
  const asked = [clip('c', { sources: ['youtube/001', 'M101'] }), clip('d', { sources: ['M102'] })];
  expect(namesShared(learned, asked)).toMatch(/^1 of 3 people or recordings .*\(first: youtube\/001\)/);
  expect(namesShared(learned, asked.slice(1))).toBeUndefined();
});
