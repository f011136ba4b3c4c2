/** Celeb-DF: 1 in its list means real, folders are spelled in two ways, and what is not listed is to learn from. */
import { expect, test } from 'vitest';
import { celebDf } from '../../datasets/celeb-df.ts';
import { workFolder } from '../media/tools.ts';
import { empty, listedIn, writeTree } from '../support/listed.ts';

const at = workFolder();
const list = 'List_of_testing_videos.txt';
const videos = [
  'Celeb-real/id0_0000.mp4',
  'Celeb-real/id3_0001.mp4',
  'YouTube-real/00170.mp4',
  'YouTube-real/00001.mp4',
  'Celeb-synthesis/id0_id1_0000.mp4',
  'Celeb-synthesis/id3_id4_0001.mp4',
];
const tested = '1 YouTube-real/00170.mp4\n1 Celeb-real/id0_0000.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n';

test('1 means real; the rest is to learn from; people are named', async () => {
  await writeTree(at('cdf'), { ...empty(...videos), [list]: tested });
  const { clips } = await listedIn(celebDf, { path: at('cdf') });
  expect(
    clips.map(({ id, sources, labels: { video }, origin, split }) => [split, id, sources, video, origin]),
  ).toEqual([
    ['test', 'YouTube-real/00170', ['youtube/00170'], 'real', 'celeb-df'],
    ['test', 'Celeb-real/id0_0000', ['id0'], 'real', 'celeb-df'],
    ['test', 'Celeb-synthesis/id0_id1_0000', ['id0', 'id1'], 'fake', 'Celeb-synthesis'],
    ['train', 'Celeb-real/id3_0001', ['id3'], 'real', 'celeb-df'],
    ['train', 'YouTube-real/00001', ['youtube/00001'], 'real', 'celeb-df'],
    ['train', 'Celeb-synthesis/id3_id4_0001', ['id3', 'id4'], 'fake', 'Celeb-synthesis'],
  ]);
});

test('a list that says the contrary of its folders is refused', async () => {
  await writeTree(at('cdf'), {
    ...empty(...videos),
    [list]: `${tested}1 Celeb-synthesis/id3_id4_0001.mp4\n`,
  });
  await expect(listedIn(celebDf, { path: at('cdf') })).rejects.toThrow(
    `${at('cdf')}/${list}:4: 1 means real there, and Celeb-synthesis holds fake videos`,
  );
});

test.each(['Youtube-real', 'YouTube-Real'])('folder and list may each be spelled %s', async (spelling) => {
  const names = videos.map((file) => file.replace('YouTube-real', spelling));
  await writeTree(at('cdf'), { ...empty(...names), [list]: tested });
  const one = await listedIn(celebDf, { path: at('cdf') });
  await writeTree(at('other'), {
    ...empty(...videos),
    [list]: tested.replaceAll('YouTube-real', spelling),
  });
  const other = await listedIn(celebDf, { path: at('other') });
  expect(one).toEqual(other);
  expect(one.clips.map(({ id }) => id)).toContain('YouTube-real/00170');
});

test('without its fakes it says so; a list may begin with a byte order mark', async () => {
  await writeTree(at('cdf'), {
    ...empty(...videos.slice(0, 4)),
    [list]: `\uFEFF${tested.split('0 Celeb')[0]}`,
  });
  const { clips, remarks } = await listedIn(celebDf, { path: at('cdf') });
  expect(clips).toHaveLength(4);
  expect(remarks).toEqual(['nothing of validation is listed', 'nothing of train and test is fake']);
});

test('version 1 has the same layout', async () => {
  await writeTree(at('v1'), { ...empty(...videos), [list]: tested.replaceAll('\n', '\r\n') });
  expect((await listedIn(celebDf, { path: at('v1'), splits: ['test'] })).clips).toHaveLength(3);
});

test('somebody in both parts: refused, one part alone read, or kept as published and said', async () => {
  const more = 'Celeb-synthesis/id5_id0_0003.mp4';
  await writeTree(at('cdf'), { ...empty(...videos, more), [list]: tested });
  await expect(listedIn(celebDf, { path: at('cdf') })).rejects.toThrow(
    /1 of 7 people or recordings is in more than one part of its split \(id0 in train and test\).*dataset\.splits: \[test\].*dataset\.publishedSplit: true/,
  );
  expect(await listedIn(celebDf, { path: at('cdf'), splits: ['test'] })).toMatchObject({ remarks: [] });
  const { clips, remarks } = await listedIn(celebDf, { path: at('cdf'), publishedSplit: true });
  expect(clips).toHaveLength(7);
  expect(remarks).toEqual([
    'nothing of validation is listed',
    expect.stringMatching(/^the split is kept as published, although 1 of 7 .*id0 in train and test/),
  ]);
});

test('what the list names and the disk lacks; lines that are no lines; other files', async () => {
  await writeTree(at('cdf'), {
    ...empty(...videos.slice(1), 'Celeb-real/notes.txt', 'Celeb-real/copy of id3.mp4'),
    [list]: tested,
  });
  await expect(listedIn(celebDf, { path: at('cdf') })).rejects.toThrow(
    /1 of 6 listed clips are missing \(1 of 4 of celeb-df; Celeb-real\/id0_0000\.mp4\)/,
  );
  const { remarks } = await listedIn(celebDf, { path: at('cdf'), missing: 'skip' });
  expect(remarks[0]).toMatch(/^Celeb-real holds files that are not named .*"copy of id3\.mp4"/);
  await writeTree(at('cdf'), { [list]: `${tested}2 Celeb-real/id0_0000.mp4\n` });
  await expect(listedIn(celebDf, { path: at('cdf') })).rejects.toThrow(`${list}:4: expected a line like`);
  await writeTree(at('cdf'), { [list]: '1 Celeb-real/../../etc/passwd\n' });
  await expect(listedIn(celebDf, { path: at('cdf') })).rejects.toThrow(`${list}:1: expected a line like`);
});
