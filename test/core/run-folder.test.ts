/** A run folder under way: what its journal is told, and that nothing is left of a run that came to nothing. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { inRunFolder } from '../../experiments/run-folder.ts';
import { earlierRecord, withCost } from '../../experiments/run-cost.ts';
import { UserError } from '../../src/errors.ts';
import { readJournal } from '../../src/records/journal.ts';
import type { RunRecord } from '../../src/records/record.ts';
import { type History, historyOf } from '../../src/records/run-history.ts';
import { workFolder } from '../media/tools.ts';

const at = workFolder();
const open = (
  work: Parameters<typeof inRunFolder>[1],
  stopped?: number,
  warn: (message: string) => void = () => {},
) =>
  inRunFolder({ folder: at('run'), config: 'a.yaml', set: ['seed=2'], warn, stopped: () => stopped }, work);
const entries = async () => (await readJournal(at('run/journal.jsonl'))).entries;
const job = (key: string, how: 'computed' | 'found' | 'failed' | 'notApplicable' = 'computed') => ({
  job: 'toy',
  key,
  how,
});

test('a run that came to nothing leaves no folder', async () => {
  await expect(
    open(async () => {
      throw new UserError('no such data set');
    }),
  ).rejects.toThrow('no such data set');
  expect(existsSync(at('run'))).toBe(false);
});

test('what became of jobs is told once, failures each time, and how it ended', async () => {
  const failing = open(async ({ log }) => {
    await log(job('a'));
    await log({ ...job('b', 'failed'), cause: 'E_MEDIA_UNREADABLE b.mp4: damaged' });
    await log(job('c', 'found'));
    throw new UserError('the disk is full', { exitCode: 4 });
  });
  await expect(failing).rejects.toThrow('full');
  await open(async ({ log, history }) => {
    expect(history).toMatchObject({
      starts: 1,
      ended: { how: 'failed', exitCode: 4, cause: 'the disk is full' },
    });
    await log(job('a', 'found'));
    await log(job('b', 'failed'));
    await log(job('c', 'found'));
    await log(job('d', 'notApplicable'));
    expect([...history.computed]).toEqual(['toy a']);
    return 3;
  });
  // Nothing new: as it is.
  await open(async ({ log, history }) => {
    expect(history.starts).toBe(0);
    await log(job('a', 'found'));
    await log(job('d', 'notApplicable'));
    return 3;
  });
  expect(
    (await entries()).map(({ event, ...rest }) => [
      event,
      'key' in rest ? rest.key : 'how' in rest && rest.how,
    ]),
  ).toEqual([
    ['started', false],
    ['job', 'a'],
    ['job', 'b'],
    ['job', 'c'],
    ['ended', 'failed'],
    ['started', false],
    ['job', 'b'],
    ['job', 'd'],
    ['ended', 'done'],
  ]);
  expect((await entries())[0]).toMatchObject({ config: 'a.yaml', set: ['seed=2'] });
  expect(readdirSync(at('run'))).toEqual(['journal.jsonl']);
});

test('stopped by a signal it is interrupted', async () => {
  const stopping = open(async ({ log }) => {
    await log(job('a'));
    throw new Error('the pool is closed');
  }, 130);
  await expect(stopping).rejects.toThrow('closed');
  expect((await entries()).at(-1)).toMatchObject({ event: 'ended', how: 'interrupted', exitCode: 130 });
});

test('a damaged journal ends it before any work, and lets go of the folder', async () => {
  await mkdir(at('run'));
  writeFileSync(at('run/journal.jsonl'), 'junk\n{}\n');
  let worked = false;
  const failure = open(async () => {
    worked = true;
    return 0;
  });
  await expect(failure).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('journal.jsonl:1:'),
  });
  expect([worked, readdirSync(at('run'))]).toEqual([false, ['journal.jsonl']]);
});

test('the cost of a run is that of all starts it took', () => {
  const record = { startedAt: 'now', seconds: 10, counts: { jobs: { cached: 7, computed: 3 } } } as RunRecord;
  const history: History = {
    starts: 2,
    seconds: 50,
    startedAt: 'before',
    jobs: new Map(),
    computed: new Set(['a', 'b', 'c', 'd', 'e']),
    repeated: new Set(),
  };
  expect(withCost(record, history, undefined)).toMatchObject({
    startedAt: 'before',
    starts: 3,
    seconds: 60,
    counts: { jobs: { cached: 5, computed: 5 } },
  });
  expect(withCost(record, { ...history, starts: 0 }, undefined)).toEqual(record);
});

test('a record that is damaged has no cost to keep, and somebody hears of it', async () => {
  const history = historyOf([]);
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  expect(await earlierRecord(at('.'), history, warn)).toBeUndefined();
  expect(warnings).toEqual([]);
  writeFileSync(at('record.json'), '{');
  expect(await earlierRecord(at('.'), history, warn)).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining(`${at('record.json')} is damaged and is replaced`)]);
});
