/** Clips looked at ahead of time: faces and sounds in a folder, what is dropped with its cause, nothing done twice. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { parseCsv } from '../src/records/csv.ts';
import { goldenPath } from './golden/make.ts';
import { gridClips } from './support/grid.ts';

const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'masque preprocess '));
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Ended = { answer: Record<string, unknown>; folder: string; stderr: string; code: number };

async function preprocess(config: string): Promise<Ended> {
  const path = join(work, 'looked.yaml');
  writeFileSync(path, config);
  const command = [
    'experiments/masque.mjs',
    'preprocess',
    path,
    '--json',
    '--size',
    '64',
    '--faces',
    '3',
    '--results',
    join(work, 'results'),
  ];
  const { stdout, stderr, code } = await run(command);
  const answer = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
  return { answer, folder: resolve(root, String(answer['dir'])), stderr, code };
}

const run = (command: string[]): Promise<{ stdout: string; stderr: string; code: number }> =>
  promisify(execFile)(process.execPath, command, { cwd: root }).then(
    (said) => ({ ...said, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );

const rowsOf = (folder: string): Record<string, string>[] => {
  const [head, ...rows] = parseCsv(readFileSync(join(folder, 'clips.csv'), 'utf8'), 'clips.csv');
  return rows.map(({ fields }) => Object.fromEntries(head!.fields.map((name, i) => [name, fields[i]!])));
};

test('faces of rendered people are cut out, and a second time nothing is computed', async () => {
  const config = `name: looked
dataset: { name: talking-heads, identities: { train: 0, validation: 0, test: 1 }, clipsPerIdentity: 2, fitClips: 1, framesPerClip: 38, extraVoices: 0 }
detectors: [{ name: random }]
`;
  const { answer, folder } = await preprocess(config);
  expect(answer).toMatchObject({ clips: 2, faces: 6, dropped: 0, failed: 0 });
  const rows = rowsOf(folder);
  expect(rows.map(({ faces, dropped }) => [faces, dropped])).toEqual([
    ['3', ''],
    ['3', ''],
  ]);
  const [first] = rows;
  expect(readdirSync(join(folder, 'faces', first!['name']!))).toEqual([
    '000006.png',
    '000019.png',
    '000031.png',
  ]);
  // 38 frames at 25 a second, windows of 30 ms every 15 ms: 1 + ⌊(1520 − 30) / 15⌋.
  const sound = readFileSync(join(folder, 'sound', `${first!['name']}.npy`));
  expect(sound.toString('latin1')).toContain("'<f4'");
  expect(sound.toString('latin1')).toContain('(100, 60)');
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(page).toContain('2 clips: 2 with a face, 0 dropped.');
  expect(page.match(/data:image\/jpeg/g)).toHaveLength(2);
  expect(page).not.toContain('#fit');
  const again = await preprocess(config);
  expect(again.answer).toMatchObject({ computed: 0, failed: 0 });
  // Nothing is left beside it of the folder that it replaced.
  expect(readdirSync(join(folder, '..'))).toEqual(['looked']);
});

test('what has no face or does not decode is dropped and told why; a sound alone is kept', async () => {
  const data = join(work, 'mixed');
  mkdirSync(data);
  copyFileSync(goldenPath('clip.mp4'), join(data, 'nobody.mp4'));
  copyFileSync(goldenPath('tone.wav'), join(data, 'tone.wav'));
  writeFileSync(join(data, '<b>broken.mp4'), 'junk');
  const config = `name: mixed\ndataset: { name: folder, path: ${JSON.stringify(data)} }\ndetectors: [{ name: random }]\n`;
  const { answer, folder, stderr, code } = await preprocess(config);
  expect(code).toBe(3);
  expect(answer).toMatchObject({ clips: 3, faces: 0, dropped: 2 });
  const dropped = Object.fromEntries(rowsOf(folder).map((row) => [row['id'], row['dropped']]));
  expect(dropped).toEqual({
    '<b>broken.mp4': 'E_MEDIA_TRUNCATED',
    'nobody.mp4': 'E_NO_FACE',
    'tone.wav': '',
  });
  expect(rowsOf(folder).find(({ id }) => id === 'nobody.mp4')?.['cause']).toContain(
    'a face was found in 0 of',
  );
  expect(stderr).toContain('E_NO_FACE 1: nobody.mp4');
  expect(stderr).toContain('2 dropped, more than the 0 % allowed (allowedFailures)');
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(page).toContain('&lt;b&gt;broken.mp4');
  expect(page).not.toContain('<b>broken');
  expect(page).toContain('3 clips: 0 with a face, 1 of sound alone, 2 dropped.');
});

test('files of one name in two data sets are two, and so are their rows', async () => {
  const [judged, learned] = ['judged', 'learned'].map((name) => join(work, name));
  for (const [data, sound] of [
    [judged!, 'tone.wav'],
    [learned!, 'stereo.wav'],
  ] as const) {
    mkdirSync(join(data, 'real'), { recursive: true });
    copyFileSync(goldenPath(sound), join(data, 'real', 'a b.wav'));
  }
  const { answer, folder, code } = await preprocess(
    `name: twice
dataset: { name: folder, path: ${JSON.stringify(judged)} }
training: { dataset: { name: folder, path: ${JSON.stringify(learned)}, split: train } }
detectors: [{ name: random }]
`,
  );
  expect(code).toBe(0);
  expect(answer).toMatchObject({ clips: 2, dropped: 0 });
  const rows = rowsOf(folder);
  expect(rows.map(({ id, dataset }) => [id, dataset])).toEqual([
    ['real/a b.wav', 'dataset'],
    ['real/a b.wav', 'training.dataset'],
  ]);
  expect(readdirSync(join(folder, 'sound')).toSorted()).toEqual(
    rows.map(({ name }) => `${name}.npy`).toSorted(),
  );
});

test('where the data set has not looked for faces, they are looked for', async ({ skip }) => {
  const [film] = await gridClips(skip);
  const data = join(work, 'films');
  mkdirSync(data);
  copyFileSync(film!, join(data, `somebody.${film!.split('.').at(-1)}`));
  const { answer, folder } = await preprocess(
    `name: films\ndataset: { name: folder, path: ${JSON.stringify(data)}, fitShare: 0.5 }\ndetectors: [{ name: random }]\n`,
  );
  expect(answer).toMatchObject({ clips: 2, faces: 6, dropped: 0, failed: 0 });
  expect(rowsOf(folder).map(({ id }) => id!.split('#')[1])).toEqual(['fit', 'rest']);
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('<code>#fit</code> is');
});

test('what is missing or given twice on the command line is told in one line', async () => {
  const saidOf = async (...words: string[]): Promise<string> => {
    const { stderr, code } = await run(['experiments/masque.mjs', 'preprocess', ...words]);
    expect(code).toBe(2);
    expect(stderr.trim()).not.toContain('\n');
    return stderr;
  };
  expect(await saidOf()).toContain('preprocess: name a configuration, as configs/smoke.yaml');
  expect(await saidOf('x.yaml', '--size')).toContain('Not enough arguments following: size');
  expect(await saidOf('x.yaml', '--size', '64', '--size', '32')).toContain('--size was given twice');
  expect(await saidOf('x.yaml', '--device', 'abacus')).toContain('Invalid values: Argument: device');
});
