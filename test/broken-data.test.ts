/** Broken files among good ones: counted failures with their cause, exit 3, and the other items' scores as without them. */
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
import { parseOutcomes, type OutcomeRow } from '../src/records/outcomes.ts';
import { goldenPath } from './golden/make.ts';

const root = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'masque broken '));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Runs the control `random` over a folder; returns the exit code and what was written. */
async function judge(
  data: string,
  ...more: string[]
): Promise<{ code: number; rows: OutcomeRow[]; failures: string; stderr: string }> {
  const config = join(work, 'broken.yaml');
  writeFileSync(
    config,
    `name: broken\ndataset: { name: folder, path: ${JSON.stringify(data)} }\ndetectors:\n  - { name: random }\n`,
  );
  const command = [
    'experiments/masque.mjs',
    'experiment',
    config,
    '--json',
    '--results',
    join(work, 'results'),
    ...more,
  ];
  const ended = await promisify(execFile)(process.execPath, command, { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  const { dir } = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as { dir: string };
  const read = (name: string): string => readFileSync(resolve(root, dir, name), 'utf8');
  return {
    code: ended.code,
    stderr: ended.stderr,
    rows: parseOutcomes(read('outcomes.csv'), 'outcomes.csv'),
    failures: read('failures.csv'),
  };
}

function fill(name: string, broken: boolean): string {
  const folder = join(work, name);
  for (const label of ['real', 'fake']) mkdirSync(join(folder, label), { recursive: true });
  copyFileSync(goldenPath('clip.mp4'), join(folder, 'real', 'a clip.mp4'));
  if (broken) writeFileSync(join(folder, 'fake', "it's broken.mp4"), 'junk');
  return folder;
}

test('a file that cannot be decoded is a counted failure; the rest is scored as without it', async () => {
  const whole = await judge(fill('whole', false));
  expect(whole.code).toBe(0);
  const mixed = await judge(fill('mixed', true));
  expect(mixed.code).toBe(3);
  expect(mixed.stderr).toContain('more than the 0 % allowed');
  expect(mixed.failures).toContain('E_MEDIA_TRUNCATED');
  expect(mixed.failures).toContain("it's broken.mp4");
  const scores = (rows: OutcomeRow[]) => rows.flatMap((row) => ('score' in row ? [[row.id, row.score]] : []));
  expect(scores(mixed.rows)).toEqual(scores(whole.rows));
  const tolerant = await judge(join(work, 'mixed'), '--set', 'allowedFailures=0.5');
  expect(tolerant.code).toBe(0);
});

test('clips that teach nobody are told before anything is made', async () => {
  const config = join(work, 'unlearnable.yaml');
  const data = fill('unlearnable', false);
  writeFileSync(
    config,
    `name: unlearnable\ndataset: { name: folder, path: ${JSON.stringify(data)}, licence: CC0-1.0 }\ngenerators:\n  - { name: recomposite }\ndetectors:\n  - { name: spectrum }\n`,
  );
  const results = join(work, 'unlearnable results');
  const command = ['experiments/masque.mjs', 'experiment', config, '--results', results];
  const ended = await promisify(execFile)(process.execPath, command, { cwd: root }).catch(
    (error: { code: number; stderr: string }) => error,
  );
  expect(ended).toMatchObject({ code: 2 });
  expect(ended.stderr).toContain(
    'detector "spectrum" cannot learn: data set "folder" has no clip of split "train" to learn from. Say that its clips are (dataset.split: train), or name another',
  );
  const [run] = readdirSync(join(results, 'runs'));
  expect(readdirSync(join(results, 'runs', run!))).toEqual(['journal.jsonl']);
});

/** Eighty clips take a minute. */
const night = process.env['MASQUE_TESTS'] === 'night';
if (!night)
  process.stderr.write('skipped until npm run test:night: one in twenty of eighty clips is broken\n');

test.runIf(night)(
  'one item in twenty is broken, each in another way: the others are scored to the last bit as without them',
  { timeout: 600_000 },
  async () => {
    const good = (name: string): void => {
      for (const label of ['real', 'fake']) mkdirSync(join(work, name, label), { recursive: true });
      const clip = readFileSync(goldenPath('clip.mp4'));
      // A box of the container that nobody reads makes each file another one.
      for (let i = 0; i < 76; i++)
        writeFileSync(
          join(work, name, i % 2 ? 'real' : 'fake', `clip-${i}.mp4`),
          Buffer.concat([clip, freeBox(i)]),
        );
    };
    good('all whole');
    good('some broken');
    const whole = readFileSync(goldenPath('clip.mp4'));
    const broken: [string, Uint8Array][] = [
      ['cut.mp4', whole.subarray(0, whole.length / 2)],
      ['empty.mp4', Buffer.alloc(0)],
      ['wrong type.mp4', readFileSync(goldenPath('photo.png'))],
      ['junk.mp4', Buffer.from('junk')],
    ];
    for (const [name, bytes] of broken) writeFileSync(join(work, 'some broken', 'fake', name), bytes);
    const [without, mixed] = [
      await judge(join(work, 'all whole')),
      await judge(join(work, 'some broken'), '--set', 'allowedFailures=4'),
    ];
    expect([without.code, mixed.code]).toEqual([0, 0]);
    expect((await judge(join(work, 'some broken'), '--set', 'allowedFailures=3')).code).toBe(3);
    const scores = (rows: OutcomeRow[]) =>
      rows.flatMap((row) => ('score' in row ? [[row.id, row.score]] : []));
    expect(scores(mixed.rows)).toHaveLength(76);
    expect(scores(mixed.rows)).toEqual(scores(without.rows));
    for (const [name] of broken) expect(mixed.failures).toMatch(new RegExp(`,fake/${name},E_\\w+,.+`));
  },
);

function freeBox(i: number): Buffer {
  const box = Buffer.from('....freeitem');
  box.writeUInt32BE(box.length, 0);
  box.writeUInt8(i, box.length - 1);
  return box;
}
