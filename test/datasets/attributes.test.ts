/** What data sets know of their clips that results can be sliced by. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { folder } from '../../datasets/folder/index.ts';
import { talkingHeads } from '../../datasets/talking-heads/index.ts';
import { headOf } from '../../datasets/talking-heads/person.ts';
import { goldenPath } from '../golden/make.ts';
import { workFolder } from '../media/tools.ts';
import { describeClip } from '../support/clips.ts';
import { directContext } from '../support/context.ts';

const at = workFolder();
const heads = async (options = {}) =>
  talkingHeads.attributes!(talkingHeads.options.parse(options) as never, directContext('.'));

test('a rendered person has the same attributes in every clip, and each class has people', async () => {
  const known = await heads();
  const people = Array.from({ length: 60 }, (_, i) => `test-${i}`);
  const found = people.map((person) => known({ ...describeClip(`${person}/0`, []), sources: [person] }));
  people.forEach((person, i) => {
    const other = { ...describeClip('dubbed', []), sources: [person, 'test-99'] };
    expect(known(other)).toEqual(found[i]);
    const { shape, skin } = headOf(1, person);
    expect(found[i]!['sex']).toBe(shape.masculinity > 0.5 ? 'male' : 'female');
    expect(found[i]!['skin tone'] === 'dark').toBe(skin.tone >= 4);
    expect(found[i]!['age'] === 'old').toBe(shape.age >= 2 / 3);
  });
  for (const [name, classes] of Object.entries({
    'skin tone': 3,
    sex: 2,
    age: 3,
    'face width': 2,
    language: 1,
  })) {
    const values = found.map((attributes) => attributes[name]!);
    expect(new Set(values).size, name).toBe(classes);
    for (const value of new Set(values))
      expect(values.filter((one) => one === value).length, `${name} ${value}`).toBeGreaterThanOrEqual(6);
  }
});

test('the second language is that of the test people’s scored clips', async () => {
  const known = await heads({ testLanguage: 'second' });
  const clip = { ...describeClip('x', []), sources: ['test-00'] };
  const language = (more: object) => known({ ...clip, split: 'test', use: 'score', ...more })['language'];
  expect([language({}), language({ use: 'fit' }), language({ split: 'train' })]).toEqual([
    'second',
    'first',
    'first',
  ]);
});

async function ofTable(table: string, attributes: string[] | undefined, csv = 't.csv') {
  await mkdir(at('set'), { recursive: true });
  for (const name of ['x.mp4', 'y.mp4']) await copyFile(goldenPath('clip.mp4'), at(`set/${name}`));
  await writeFile(at('set/t.csv'), table);
  const chosen = folder.options.parse({ path: at('set'), ...(csv ? { csv } : {}), attributes });
  await folder
    .clips(chosen, directContext(at('.')))
    [Symbol.asyncIterator]()
    .next();
  return folder.attributes!(chosen, directContext('.'));
}

test('columns of a table that are named so; an empty field is not known', async () => {
  const known = await ofTable('file,label,age,tone\nx.mp4,real,30,\ny.mp4,fake,40,dark\n', ['tone', 'age']);
  expect(known(describeClip('x.mp4', []))).toEqual({ age: '30' });
  expect(known(describeClip('y.mp4', []))).toEqual({ tone: 'dark', age: '40' });
});

test.each([
  ['file,tone\nx.mp4,dark\n', undefined, 't.csv', 'unknown column "tone"'],
  ['file\nx.mp4\n', ['tone'], 't.csv', 'the column "tone" of dataset.attributes is missing'],
  ['file\nx.mp4\n', ['tone'], '', 'attributes are columns of a table'],
  ['file,driving\nx.mp4,a\n', ['driving'], 't.csv', '"driving" has a meaning of its own'],
  ['file,label\nx.mp4,real\n', ['label'], 't.csv', '"label" has a meaning of its own'],
])('%j with %j of %j is refused', async (table, attributes, csv, message) => {
  await expect(ofTable(table, attributes, csv)).rejects.toThrow(message);
});
