/** DFDC: real clips with `"original": null`, labels of the test part in a CSV, and the preview's own list. */
import { expect, test } from 'vitest';
import { dfdc } from '../../datasets/dfdc.ts';
import type { ListedClip } from '../../src/types.ts';
import { workFolder } from '../media/tools.ts';
import { empty, listedIn, writeTree } from '../support/listed.ts';

const at = workFolder();
const real = { video: 'real', audio: 'real', pairing: 'real' };
const metadata = {
  'owxbbpjpch.mp4': { label: 'FAKE', split: 'train', original: 'wynotylpnm.mp4' },
  'vpmyeepbep.mp4': { label: 'REAL', split: 'train' },
  'wynotylpnm.mp4': { label: 'REAL', split: 'train', original: null },
};
const brief = ({ id, sources, labels, origin, split }: ListedClip) => [id, sources, labels, origin, split];

test.each(['', 'train/'])('parts to learn from, in %j', async (above) => {
  await writeTree(at('dfdc'), {
    [`${above}dfdc_train_part_0/metadata.json`]: JSON.stringify(metadata),
    ...empty(...Object.keys(metadata).map((file) => `${above}dfdc_train_part_0/${file}`)),
    [`${above}dfdc_train_part_10/metadata.json`]: JSON.stringify({
      'abc.mp4': { label: 'FAKE', split: 'train', original: 'vpmyeepbep.mp4' },
    }),
    ...empty(`${above}dfdc_train_part_10/abc.mp4`),
  });
  const { clips } = await listedIn(dfdc, { path: at('dfdc') });
  const folder = `${above}dfdc_train_part_0`;
  expect(clips.map(brief)).toEqual([
    [`${folder}/owxbbpjpch`, ['wynotylpnm.mp4'], { video: 'fake' }, 'DFDC-fakes', 'train'],
    [`${folder}/vpmyeepbep`, ['vpmyeepbep.mp4'], real, 'dfdc', 'train'],
    [`${folder}/wynotylpnm`, ['wynotylpnm.mp4'], real, 'dfdc', 'train'],
    [`${above}dfdc_train_part_10/abc`, ['vpmyeepbep.mp4'], { video: 'fake' }, 'DFDC-fakes', 'train'],
  ]);
});

test('the test part is labelled by its own table, where 1 is fake; so is the validation part', async () => {
  await writeTree(at('dfdc'), {
    'test/labels.csv': 'filename,label\n\naalscayrfi.mp4,1\nbbb.mp4,0\n\n',
    ...empty('test/aalscayrfi.mp4', 'test/bbb.mp4', 'validation/ccc.mp4'),
    // Beside the table lies metadata of another shape.
    'test/metadata.json': '{"aalscayrfi.mp4": {"is_fake": 1}}',
    'validation/labels.csv': 'filename,label\nccc.mp4,1\n',
  });
  const { clips, remarks } = await listedIn(dfdc, { path: at('dfdc') });
  expect(remarks).toEqual(['nothing of train is listed', 'nothing of validation is real']);
  expect(clips.map(brief)).toEqual([
    ['test/aalscayrfi', ['test/aalscayrfi.mp4'], { video: 'fake' }, 'DFDC-fakes', 'test'],
    ['test/bbb', ['test/bbb.mp4'], real, 'dfdc', 'test'],
    ['validation/ccc', ['validation/ccc.mp4'], { video: 'fake' }, 'DFDC-fakes', 'validation'],
  ]);
});

test('the preview: labels in small letters, the method from the folder, people from list or folder', async () => {
  const list = {
    'original_videos/643903/643903_A_000.mp4': { label: 'real', set: 'train' },
    'method_A/643903_1058686/643903_1058686_A_001.mp4': { label: 'fake', set: 'train' },
    'method_B/777777_888888/x.mp4': { label: 'fake', set: 'test', target_id: 777777, swapped_id: '888888' },
  };
  await writeTree(at('dfdcp'), { 'dataset.json': JSON.stringify(list), ...empty(...Object.keys(list)) });
  const { clips } = await listedIn(dfdc, { path: at('dfdcp') });
  expect(clips.map(brief)).toEqual([
    ['original_videos/643903/643903_A_000', ['643903'], real, 'dfdc', 'train'],
    [
      'method_A/643903_1058686/643903_1058686_A_001',
      ['643903', '1058686'],
      { video: 'fake' },
      'method_A',
      'train',
    ],
    ['method_B/777777_888888/x', ['777777', '888888'], { video: 'fake' }, 'method_B', 'test'],
  ]);
});

test('wrong entries are told by file and name', async () => {
  const part = 'dfdc_train_part_0/metadata.json';
  await writeTree(at('dfdc'), {
    [part]: '{"a.mp4": {"label": "fake"}}',
    ...empty('dfdc_train_part_0/a.mp4'),
  });
  await expect(listedIn(dfdc, { path: at('dfdc') })).rejects.toThrow(`${part}: "a.mp4": label: `);
  await writeTree(at('dfdc'), { [part]: '{"a.mp4": {"label": "FAKE", ' });
  await expect(listedIn(dfdc, { path: at('dfdc') })).rejects.toThrow(`${part}: it ends early`);
  await writeTree(at('dfdc'), { [part]: '{"../../b.mp4": {"label": "REAL"}}', 'b.mp4': '' });
  await expect(listedIn(dfdc, { path: at('dfdc/..') })).rejects.toThrow('holds nothing of the parts');
  await expect(listedIn(dfdc, { path: at('dfdc') })).rejects.toThrow('1 of 1 listed clips are missing');
  await writeTree(at('other'), { 'test/labels.csv': 'filename,label\na.mp4,REAL\n' });
  await expect(listedIn(dfdc, { path: at('other') })).rejects.toThrow(
    'labels.csv:2: needs a file and a label',
  );
});
