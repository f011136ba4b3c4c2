/** Labels of your own files: by the folders around them, by a table, by their kind. */
import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { folder } from '../../datasets/folder/index.ts';
import { listedIn } from '../support/listed.ts';
import { ownFiles } from '../support/own-files.ts';

const { at, put, clips } = ownFiles();

test.each([
  ['Real', 'real', ['FAKE']],
  ['FAKE', 'fake', []],
  ['fakes', 'fake', []],
  ['fkae', 'fake', ['real']],
])('a folder %s is not passed over as one without a label', async (name, meant, others) => {
  for (const own of [name, ...others]) await put('photo.png', `${own}/a.png`);
  const message = new RegExp(`folder "(${[name, ...others].join('|')})" in .* no label, did you mean "`);
  for (const read of [clips, () => listedIn(folder, { path: at('set') })])
    await expect(read()).rejects.toThrow(message);
  await writeFile(at('set/t.csv'), `file,label\n${name}/a.png,${meant}\n`);
  expect((await clips({ csv: 't.csv' }))[0]).toMatchObject({ labels: { video: meant } });
});

test('people may be called nearly as labels are', async () => {
  for (const name of ['Jake', 'Kate', 'Neal']) await put('photo.png', `${name}/a.png`);
  expect((await clips()).map(({ sources }) => sources)).toEqual([['Jake'], ['Kate'], ['Neal']]);
});

test('how many files have no label is a remark', async () => {
  const remarks = async (more = {}) => (await listedIn(folder, { path: at('set'), ...more })).remarks;
  await put('photo.png', 'real/a.png');
  await put('photo.png', 'fake/a.png');
  expect(await remarks()).toEqual([]);
  await put('photo.png', 'ada/a.png');
  expect(await remarks()).toEqual(['1 of 3 files has no label and is taken for genuine']);
  await writeFile(at('set/t.csv'), 'file,label\nada/a.png,\nreal/a.png,real\nfake/a.png,\n');
  expect(await remarks({ csv: 't.csv' })).toEqual(['2 of 3 files have no label and are taken for genuine']);
});

test('a file that was not opened, or is damaged, is labelled by the kind that its name says', async () => {
  const whole = { video: 'real', audio: 'real', pairing: 'real' };
  const kinds = {
    'a.jpg': { video: 'real' },
    'b.PNG': { video: 'real' },
    'c.m4a': { audio: 'real' },
    'd.mp4': whole,
  };
  await mkdir(at('set/real'), { recursive: true });
  for (const name of Object.keys(kinds)) await writeFile(at(`set/real/${name}`), 'junk');
  const listed = (await listedIn(folder, { path: at('set') })).clips;
  for (const found of [listed, await clips()])
    expect(found.map(({ labels }) => labels)).toEqual(Object.values(kinds));
});
