/** DeeperForensics: its source videos are not the real class; the targets of FaceForensics++ are. */
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { deeperforensics } from '../../datasets/deeperforensics.ts';
import { workFolder } from '../media/tools.ts';
import { empty, listedIn, refusalOf, writeTree } from '../support/listed.ts';

const at = workFolder();
const lists = {
  'lists/splits/train.txt': '000_M101.mp4\n001_W004.mp4\n',
  'lists/splits/val.txt': '002_M007.mp4\n',
  'lists/splits/test.txt': '003_W105.mp4\n',
};
const names = ['000_M101', '001_W004', '002_M007', '003_W105'];
const fakes = (variant: string): string[] => names.map((id) => `manipulated_videos/${variant}/${id}.mp4`);

test('fakes of a target and an actor; recordings of actors are no clips', async () => {
  await writeTree(at('df'), {
    ...lists,
    ...empty(...fakes('end_to_end'), ...fakes('end_to_end_level_3')),
    ...empty('source_videos/M101/light_down/neutral/camera_front/M101_light_down_neutral_camera_front.mp4'),
  });
  const { clips, remarks } = await listedIn(deeperforensics, {
    path: at('df'),
    variants: ['end_to_end', 'end_to_end_level_3'],
  });
  expect(clips.every(({ labels }) => labels.video === 'fake')).toBe(true);
  expect(clips).toHaveLength(8);
  expect(clips[1]).toEqual({
    id: 'end_to_end_level_3/000_M101',
    sources: ['youtube/000', 'M101'],
    labels: { video: 'fake' },
    origin: 'end_to_end_level_3',
    split: 'train',
    licence: 'unknown',
    attributes: { gender: 'man' },
  });
  expect(remarks).toEqual([
    expect.stringContaining('the real class of DeeperForensics are target videos'),
    'nothing of train, validation and test is real',
  ]);
});

test('the real class is that of FaceForensics++, each in the part of its fake', async () => {
  await writeTree(at('df'), { ...lists, ...empty(...fakes('end_to_end')) });
  await writeTree(
    at('ff'),
    empty(...['000', '001', '002', '003'].map((id) => `original_sequences/youtube/c23/videos/${id}.mp4`)),
  );
  const chosen = { path: at('df'), targets: { path: at('ff') } };
  const { clips, remarks } = await listedIn(deeperforensics, chosen);
  expect(remarks).toEqual([]);
  expect(
    clips
      .filter(({ labels }) => labels.video === 'real')
      .map(({ id, sources, origin, split }) => [id, sources.join(), origin, split]),
  ).toEqual([
    ['target/000', 'youtube/000', 'deeperforensics', 'train'],
    ['target/001', 'youtube/001', 'deeperforensics', 'train'],
    ['target/002', 'youtube/002', 'deeperforensics', 'validation'],
    ['target/003', 'youtube/003', 'deeperforensics', 'test'],
  ]);
  await expect(
    listedIn(deeperforensics, { ...chosen, targets: { path: at('ff'), compression: 'raw' } }),
  ).rejects.toThrow(/4 of 8 listed clips are missing \(4 of 4 of deeperforensics; original_sequences/);
  await expect(listedIn(deeperforensics, { ...chosen, targets: { path: at('none') } })).rejects.toThrow(
    /none does not exist.*dataset\.targets/,
  );
});

test('what is wrong with the targets is said of them, and not of the data set', async () => {
  await writeTree(at('df'), { ...lists, ...empty(...fakes('end_to_end')) });
  await writeTree(at('ff'), empty('original_sequences/youtube/c40/videos/003.mp4'));
  const told = async (path: string, splits = ['test']): Promise<string> =>
    ((await refusalOf(deeperforensics, { path: at('df'), targets: { path }, splits })) as Error).message;
  expect(await told(at('none'))).toMatch(
    /none does not exist\. .*FaceForensics\+\+; set dataset\.targets\.path$/,
  );
  const missing = await told(at('ff'));
  expect(missing).toContain(`youtube/c23/videos/003.mp4) below ${at('ff')}. Looked for`);
  expect(missing).toContain('below dataset.targets.path original_sequences/youtube/');
  await rm(at('df/manipulated_videos'), { recursive: true });
  expect(await told(at('ff'))).toContain(` below ${at('df')} and ${at('ff')}. Looked for`);
});

test('a target of two fakes is one real clip', async () => {
  await writeTree(at('df'), { ...lists, 'lists/splits/test.txt': '003_W105.mp4\n003_W106.mp4\n' });
  await writeTree(at('df'), empty(...fakes('end_to_end'), 'manipulated_videos/end_to_end/003_W106.mp4'));
  await writeTree(at('ff'), empty('original_sequences/youtube/c23/videos/003.mp4'));
  const chosen = { path: at('df'), targets: { path: at('ff') }, splits: ['test'] };
  const { clips } = await listedIn(deeperforensics, chosen);
  expect(clips.map(({ id }) => id)).toEqual(['end_to_end/003_W105', 'target/003', 'end_to_end/003_W106']);
});

test('an actor in two parts, a name that is none', async () => {
  await writeTree(at('df'), { ...lists, 'lists/splits/test.txt': '003_M101.mp4\n' });
  await writeTree(at('df'), empty(...fakes('end_to_end'), 'manipulated_videos/end_to_end/003_M101.mp4'));
  await expect(listedIn(deeperforensics, { path: at('df') })).rejects.toThrow('M101 in train and test');
  await writeTree(at('df'), { 'lists/splits/val.txt': '002_M007.mp4\n\n002_M007\n' });
  await expect(listedIn(deeperforensics, { path: at('df') })).rejects.toThrow(
    `both times in validation (again at ${at('df/lists/splits/val.txt')}:3)`,
  );
  await writeTree(at('df'), { 'lists/splits/val.txt': '\n../000_M101.mp4\n' });
  await expect(listedIn(deeperforensics, { path: at('df') })).rejects.toThrow(
    'val.txt:2: expected a name like 000_M101.mp4',
  );
});
