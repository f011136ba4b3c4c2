/** The list of runs says of each folder how far it is. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { listRuns, runsIn } from '../../experiments/runs.ts';
import { type Entry, openJournal } from '../../src/records/journal.ts';
import { takeLock } from '../../src/records/run-lock.ts';
import { workFolder } from '../media/tools.ts';
import { madeUpRun } from '../reports/made-up-run.ts';
import { leaveRun } from '../reports/run-folders.ts';

const at = workFolder();

async function journal(id: string, ...entries: Entry[]): Promise<string> {
  const folder = join(at('runs'), id);
  mkdirSync(folder, { recursive: true });
  const file = await openJournal(join(folder, 'journal.jsonl'), () => {});
  await file.append({ event: 'started', process: 'x', config: `${id}.yaml`, set: ['seed=2'] });
  for (const entry of entries) await file.append(entry);
  await file.close();
  return folder;
}
const job = (key: string, how: 'computed' | 'found' | 'failed'): Entry => ({
  event: 'job',
  job: 'toy',
  key,
  how,
});

test('where no run is, none is listed', async () => {
  expect(await runsIn(at('nowhere'))).toEqual([]);
});

test('done, imported, under way, interrupted, failed, damaged', async () => {
  mkdirSync(at('runs'));
  const { record, outcomes } = madeUpRun('done');
  await leaveRun(at('runs'), { record: { ...record, starts: 3 }, outcomes });
  await journal('done', job('a', 'computed'), { event: 'ended', how: 'done', exitCode: 0 });
  const imported = madeUpRun('imported');
  await leaveRun(at('runs'), { ...imported, record: { ...imported.record, imported: true } });
  const lock = await takeLock(await journal('running', job('a', 'computed'), job('b', 'found')));
  await journal('killed', job('a', 'failed'), job('a', 'computed'), job('b', 'failed'));
  await journal('stopped', { event: 'ended', how: 'interrupted', exitCode: 130 });
  const cause = 'E_DISK_FULL /x\u001b[2J: there is no room left';
  await journal('failed', { event: 'ended', how: 'failed', exitCode: 4, cause });
  appendFileSync(join(await journal('damaged', job('a', 'computed')), 'journal.jsonl'), 'junk\n\n');
  mkdirSync(at('runs/unreadable'));
  writeFileSync(at('runs/unreadable/record.json'), '{');
  const lockedBadly = join(await journal('locked', job('a', 'computed')), 'lock');
  mkdirSync(lockedBadly);
  writeFileSync(join(lockedBadly, '123-0123abcd-0123abcd'), '{bad');
  writeFileSync(join(await journal('no-lock', job('a', 'computed')), 'lock'), '');

  const runs = await runsIn(at('.'));
  const of = (id: string) => runs.find((run) => run.id === id);
  expect(runs.map(({ id, status }) => `${id} ${status}`).toSorted()).toEqual([
    'damaged damaged',
    'done done',
    'failed failed',
    'imported imported',
    'killed interrupted',
    'locked damaged',
    'no-lock damaged',
    'running running',
    'stopped interrupted',
    'unreadable damaged',
  ]);
  const { scores, failed } = record.counts;
  expect(of('done')).toMatchObject({
    starts: 3,
    config: 'done.yaml',
    set: ['seed=2'],
    scores,
    failed,
    startedAt: record.startedAt,
  });
  expect(of('running')).toMatchObject({
    detail: expect.stringContaining(`pid ${process.pid}`),
    jobs: { computed: 1, cached: 1, failed: 0 },
  });
  expect(of('killed')).toMatchObject({
    starts: 1,
    scores: null,
    jobs: { computed: 1, cached: 0, failed: 1 },
  });
  expect(of('locked')).toMatchObject({
    jobs: { computed: 1 },
    detail: expect.stringContaining(`${lockedBadly}: who holds this lock cannot be told`),
  });
  expect(of('failed')!.detail).toBe(`exit 4: ${cause}`);
  expect(of('damaged')!.detail).toContain('journal.jsonl:3: the line is damaged');
  expect(of('done')!.bytes).toBeGreaterThan(1000);

  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await listRuns(at('.'), false);
  await listRuns(at('.'), true);
  const told = printed.mock.calls.map(([text]) => String(text));
  printed.mockRestore();
  expect(JSON.parse(told.at(-1)!)).toEqual(JSON.parse(JSON.stringify(runs)));
  const text = told.slice(0, -1).join('');
  expect(text).toMatch(/^killed +interrupted +2\d{3}-.*1 jobs, 1 failed/m);
  expect(text).not.toContain('\u001b');
  await lock.release();
});
