/** The command that counts what a configuration lists, and what a run says of lists that are not as they should be. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseOutcomes } from '../../src/records/outcomes.ts';
import { readRecord } from '../../src/records/record.ts';
import { workFolder } from '../media/tools.ts';
import { goldenPath } from '../golden/make.ts';
import { empty, golden, writeTree } from '../support/listed.ts';

const at = workFolder();
const root = resolve(import.meta.dirname, '../..');

async function masque(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['experiments/masque.mjs', ...args], { cwd: root }).then(
    (ended) => ({ code: 0, ...ended }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

/** id0 is in a clip to learn from and in one to judge; one more is listed and not there. */
async function writeSet(): Promise<string> {
  await writeTree(at('cdf'), {
    'List_of_testing_videos.txt':
      '1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n1 Celeb-real/id9_0000.mp4\n',
    'YouTube-real/00170.mp4': golden('clip.mp4'),
    'Celeb-synthesis/id0_id1_0000.mp4': golden('silent.mp4'),
    'Celeb-real/id0_0000.mp4': golden('one-frame.mp4'),
  });
  const config = at('cdf.yaml');
  const dataset = `{ name: celeb-df, path: ${JSON.stringify(at('cdf'))}, licence: as granted }`;
  await writeFile(config, `name: cdf\ndataset: ${dataset}\ndetectors: [{ name: random }]\n`);
  return config;
}

test('counts by part and label; a set that is not whole or not apart ends in 2, with one message', async () => {
  const config = await writeSet();
  const refused = await masque('datasets', config);
  expect(refused.code).toBe(2);
  expect(refused.stdout).toBe('');
  expect(refused.stderr).toMatch(/^data set "celeb-df": 1 of 4 listed clips are missing .*\n$/);
  const skipping = ['--set', 'dataset.missing=skip'];
  expect((await masque('datasets', config, ...skipping)).stderr).toMatch(/id0 in train and test/);
  const kept = [...skipping, '--set', 'dataset.publishedSplit=true'];
  const { stdout } = await masque('datasets', config, ...kept, '--json');
  const { datasets } = JSON.parse(stdout) as { datasets: object[] };
  expect(datasets).toEqual([
    {
      dataset: 'celeb-df',
      counts: [
        { split: 'train', origin: 'celeb-df', labels: { video: 'real' }, clips: 1, sources: 1 },
        { split: 'test', origin: 'celeb-df', labels: { video: 'real' }, clips: 1, sources: 1 },
        { split: 'test', origin: 'Celeb-synthesis', labels: { video: 'fake' }, clips: 1, sources: 2 },
      ],
      remarks: [
        expect.stringMatching(
          /^1 of 4 listed clips are missing .*Celeb-real\/id9_0000\.mp4\), and left out$/,
        ),
        'nothing of validation is listed',
        'nothing of train is fake',
        expect.stringMatching(/^the split is kept as published/),
      ],
    },
  ]);
  const table = (await masque('datasets', config, ...kept)).stdout;
  expect(table).toMatch(/^celeb-df\nsplit +origin +picture +sound +together +clips +sources\ntrain/);
  expect(table).toMatch(/\ntest +Celeb-synthesis +fake +– +– +1 +2\n! 1 of 4/);
});

test('where several data sets are wrong, all are told', async () => {
  const config = await writeSet();
  const text = await readFile(config, 'utf8');
  await writeFile(
    config,
    `${text}training: { dataset: { name: asvspoof, path: ${JSON.stringify(at('none'))} } }\n`,
  );
  const { code, stderr } = await masque('datasets', config);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^data set "celeb-df": 1 of 4 .*\ndata set "asvspoof": .*none does not exist.*\n$/);
});

test('what to add where no clip can be judged goes by the options of the data set', async () => {
  const config = await writeSet();
  const ended = await masque(
    'experiment',
    config,
    '--set',
    'dataset.splits=[train]',
    '--results',
    at('results'),
  );
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('no clip of split "test" that could be scored');
  expect(ended.stderr).toContain('Add it to dataset.splits');
});

test('detectors learn from the fakes that one data set brings along, and are asked about another', async () => {
  await writeTree(at('ff'), {
    'splits/train.json': '[["000", "001"]]',
    'splits/val.json': '[["002", "003"]]',
    'splits/test.json': '[["004", "005"]]',
  });
  // The same film under as many contents: the refusal of one file in two parts goes by content.
  const [film, silent] = await Promise.all(
    ['clip.mp4', 'silent.mp4'].map((name) => readFile(goldenPath(name))),
  );
  const padding = Buffer.from([0, 0, 0, 8, ...Buffer.from('free')]);
  for (const [i, id] of ['000', '001', '002', '003'].entries()) {
    const [a, b] = i % 2 === 0 ? [i, i + 1] : [i, i - 1];
    const pad = Array<Buffer>(i + 1).fill(padding);
    const fake = `manipulated_sequences/FaceSwap/c23/videos/00${a}_00${b}.mp4`;
    await writeTree(at('ff'), empty(`original_sequences/youtube/c23/videos/${id}.mp4`, fake));
    await writeFile(at(`ff/original_sequences/youtube/c23/videos/${id}.mp4`), Buffer.concat([film!, ...pad]));
    await writeFile(at(`ff/${fake}`), Buffer.concat([silent!, ...pad]));
  }
  const config = await writeSet();
  const school = `{ name: faceforensics, path: ${JSON.stringify(at('ff'))}, manipulations: [FaceSwap], splits: [train, validation] }`;
  const learning = (await readFile(config, 'utf8')).replace(
    '{ name: random }',
    '{ name: random }, { name: metadata }',
  );
  await writeFile(config, `${learning}training: { dataset: ${school} }\n`);
  const set = ['dataset.missing=skip', 'dataset.splits=[test]'].flatMap((one) => ['--set', one]);
  const { code, stdout, stderr } = await masque(
    'experiment',
    config,
    ...set,
    '--json',
    '--results',
    at('results'),
  );
  expect(code, stderr).toBe(0);
  const { dir } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { dir: string };
  const { results } = await readRecord(join(resolve(root, dir), 'record.json'));
  expect(results.map(({ detector, generator, trainedOn }) => [detector, generator, trainedOn])).toEqual([
    ['random', 'Celeb-synthesis', null],
    ['metadata', 'Celeb-synthesis', 'FaceSwap'],
  ]);
});

test('the record and the report name what was missing and what the split shares', async () => {
  const config = await writeSet();
  await mkdir(at('results'));
  const set = ['dataset.missing=skip', 'dataset.publishedSplit=true'].flatMap((one) => ['--set', one]);
  const { code, stdout } = await masque('experiment', config, ...set, '--json', '--results', at('results'));
  expect(code).toBe(0);
  const { dir } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { dir: string };
  const folder = resolve(root, dir);
  const { data } = await readRecord(join(folder, 'record.json'));
  expect(data.remarks).toEqual([
    expect.stringMatching(/^celeb-df: 1 of 4 listed clips are missing/),
    'celeb-df: nothing of validation is listed',
    'celeb-df: nothing of train is fake',
    expect.stringMatching(/^celeb-df: the split is kept as published.*id0 in train and test/),
  ]);
  const report = await readFile(join(folder, 'report.html'), 'utf8');
  expect(report).toContain('the split is kept as published');
  const outcomes = parseOutcomes(await readFile(join(folder, 'outcomes.csv'), 'utf8'), 'outcomes.csv');
  expect(outcomes.map(({ id, generator, label }) => [id, generator, label]).slice(0, 2)).toEqual([
    ['YouTube-real/00170', 'none', 'real'],
    ['Celeb-synthesis/id0_id1_0000', 'Celeb-synthesis', 'fake'],
  ]);
});
