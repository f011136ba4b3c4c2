/** A journal loses nothing but a line that a crash cut short, and never takes a changed line for one that was written. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import {
  type Entry,
  type JobEntry,
  openJournal,
  readJournal,
  type StartEntry,
  type Written,
} from '../../src/records/journal.ts';
import { historyOf } from '../../src/records/run-history.ts';
import { workFolder } from '../media/tools.ts';

const at = workFolder();
const job = (key: string, how: JobEntry['how'] = 'computed'): JobEntry => ({
  event: 'job',
  job: 'toy',
  key,
  how,
});
const start: StartEntry = { event: 'started', process: 'x', config: 'ü.yaml', set: [] };

let path: string;
let lines: string[];
/** Bytes before each line. */
let starts: number[];
beforeEach(async () => {
  path = at('journal.jsonl');
  const journal = await openJournal(path, () => {});
  await journal.append(start);
  for (const key of ['a', 'b', 'c', 'd']) await journal.append(job(key));
  await journal.close();
  const text = readFileSync(path, 'utf8');
  lines = text.split('\n').slice(0, -1);
  starts = lines.map((_, i) =>
    Buffer.byteLength(
      lines
        .slice(0, i)
        .map((line) => `${line}\n`)
        .join(''),
    ),
  );
});

test('what was appended is there, numbered, also what came while others were written', async () => {
  const journal = await openJournal(path, () => {});
  expect(journal.earlier).toMatchObject([start, job('a'), job('b'), job('c'), job('d')]);
  await Promise.all(Array.from({ length: 50 }, (_, i) => journal.append(job(String(i)))));
  await journal.close();
  await journal.append(job('late')); // dropped, without a word
  const { entries, torn } = await readJournal(path);
  expect(torn).toBe(false);
  expect(entries.map(({ n }) => n)).toEqual(Array.from({ length: 55 }, (_, i) => i + 1));
  expect(entries.slice(5)).toMatchObject(Array.from({ length: 50 }, (_, i) => job(String(i))));
});

test('cut at any byte of its last two lines, it drops the line that was cut, says so, and goes on', async () => {
  const whole = readFileSync(path);
  for (let size = starts[3]!; size < whole.length; size++) {
    writeFileSync(path, whole);
    truncateSync(path, size);
    const kept = size < starts[4]! ? 3 : 4;
    const warnings: string[] = [];
    const journal = await openJournal(path, (message) => warnings.push(message));
    expect(journal.earlier, `cut at ${size}`).toHaveLength(kept);
    const clean = size === starts[kept];
    expect(warnings).toEqual(
      clean ? [] : [expect.stringContaining(`${path}: the last line, at byte ${starts[kept]}`)],
    );
    await journal.append(job('next'));
    await journal.close();
    const { entries, torn } = await readJournal(path);
    expect([entries.length, torn, entries.at(-1)]).toEqual([
      kept + 1,
      false,
      expect.objectContaining(job('next')),
    ]);
  }
});

test.each([
  ['a middle line', 3],
  ['the last line', 5],
])('any byte changed in %s is an error that names the line, and the file stays as it is', async (_, n) => {
  const whole = readFileSync(path);
  const end = starts[n] ?? whole.length;
  for (let i = starts[n - 1]!; i < end - 1; i++)
    for (const flip of [0x01, 0x20, 0x80]) {
      const changed = Buffer.from(whole);
      changed[i]! ^= flip;
      await writeFile(path, changed);
      const failure = await openJournal(path, () => {}).catch((error: unknown) => error);
      expect(failure, `byte ${i}`).toMatchObject({ name: 'UserError', exitCode: 4 });
      expect((failure as Error).message).toContain(`${path}:${n}: the line is damaged`);
      expect(await readFile(path)).toEqual(changed);
    }
});

test('a folder in its place is an error that names it', async () => {
  await expect(readJournal(at('.'))).rejects.toMatchObject({
    code: 'EISDIR',
    path: at('.'),
    message: `EISDIR: illegal operation on a directory, read '${at('.')}'`,
  });
});

test('a line that is missing, twice or moved is an error too', async () => {
  const orders = [
    [0, 1, 3, 4],
    [0, 1, 1, 2, 3, 4],
    [0, 2, 1, 3, 4],
    [1, 2, 3, 4],
  ];
  for (const order of orders) {
    writeFileSync(path, order.map((i) => `${lines[i]}\n`).join(''));
    await expect(readJournal(path), String(order)).rejects.toMatchObject({ exitCode: 4 });
  }
});

test('the history is that since the run was last done; time in which nobody ran does not count', () => {
  const written = (entries: [string, Entry][]): Written[] =>
    entries.map(([time, entry], i) => ({ n: i + 1, at: `2026-01-01T${time}:00.000Z`, ...entry }));
  const done: Entry = { event: 'ended', how: 'done', exitCode: 0 };
  const { jobs, computed, repeated, ...rest } = historyOf(
    written([
      ['00:00', start],
      ['00:01', job('old')],
      ['00:02', done],
      ['10:00', start],
      ['10:01', job('a')],
      ['10:02', job('b', 'failed')],
      ['12:00', start],
      ['12:01', job('a')],
      ['12:03', job('b')],
      ['12:04', { event: 'ended', how: 'interrupted', exitCode: 130 }],
    ]),
  );
  expect(Object.fromEntries(jobs)).toEqual({ 'toy a': 'computed', 'toy b': 'computed' });
  expect([[...computed], [...repeated]]).toEqual([['toy a', 'toy b'], ['toy a']]);
  expect(rest).toMatchObject({
    starts: 2,
    seconds: 6 * 60,
    startedAt: '2026-01-01T10:00:00.000Z',
    ended: { how: 'interrupted' },
  });
  expect(
    historyOf(
      written([
        ['00:00', start],
        ['00:01', done],
      ]),
    ),
  ).toMatchObject({ starts: 0, seconds: 0 });
});
