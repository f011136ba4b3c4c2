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

const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'masque preprocess '));
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function preprocess(
  config: string,
): Promise<{ answer: Record<string, unknown>; folder: string; stderr: string }> {
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
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: root });
  const answer = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
  return { answer, folder: resolve(root, String(answer['dir'])), stderr };
}

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
  expect(readFileSync(join(folder, 'index.html'), 'utf8').match(/data:image\/jpeg/g)).toHaveLength(2);
  const again = await preprocess(config);
  expect(again.answer).toMatchObject({ computed: 0, failed: 0 });
});

test('what has no face or does not decode is dropped and told why; a sound alone is kept', async () => {
  const data = join(work, 'mixed');
  mkdirSync(data);
  copyFileSync(goldenPath('clip.mp4'), join(data, 'nobody.mp4'));
  copyFileSync(goldenPath('tone.wav'), join(data, 'tone.wav'));
  writeFileSync(join(data, '<b>broken.mp4'), 'junk');
  const { answer, folder, stderr } = await preprocess(
    `name: mixed\ndataset: { name: folder, path: ${JSON.stringify(data)}, faces: true }\ndetectors: [{ name: random }]\n`,
  );
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
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  expect(page).toContain('&lt;b&gt;broken.mp4');
  expect(page).not.toContain('<b>broken');
});
