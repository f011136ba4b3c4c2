/**
 * Killed at any moment, a run goes on when it is started again, and finds what it would have found: nothing is lost, nothing done twice but what was under way,
 * nothing left lying. Hundreds of kills by night, some by day.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failPoints } from '../../src/fail-point.ts';
import { createRng } from '../../src/random.ts';
import { readJournal } from '../../src/records/journal.ts';
import { historyOf } from '../../src/records/run-history.ts';
import { useCompiled } from '../support/compiled.ts';
import { diaryOf, digestOf, groupGone, runToy, startToy, strays, toyRun } from '../support/toy.ts';

useCompiled(toyRun);
const night = process.env['MASQUE_TESTS'] === 'night';
const folder = mkdtempSync(join(tmpdir(), 'masque-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fresh = (): string => mkdtempSync(join(folder, 'run-'));
const workers = 2;
/** Two jobs each. */
const items = night ? 40 : 20;

let undisturbed: string;
let tookMs: number;
beforeAll(async () => {
  const results = fresh();
  const before = performance.now();
  expect(await runToy(results, { workers, items })).toMatchObject({ code: 0 });
  tookMs = performance.now() - before;
  undisturbed = digestOf(results);
}, 600_000);

/** Kills the whole group at a random time, again and again, then lets the run end. Returns how often it was really hit. */
async function killed(results: string, times: number, seed: number): Promise<number> {
  const rng = createRng(seed, 'kills');
  let hits = 0;
  for (let i = 0; i < times; i++) {
    const toy = startToy(results, { workers, items });
    const timer = setTimeout(() => toy.kill('SIGKILL'), rng.uniform(0, tookMs));
    const { signal } = await toy.ended;
    clearTimeout(timer);
    if (signal !== 'SIGKILL') break;
    hits++;
    await groupGone(toy.pid);
  }
  expect(await runToy(results, { workers, items })).toMatchObject({ code: 0 });
  return hits;
}

const kills = night ? 600 : 30;
test(`${kills} kills at random times, up to five in a run: the same result`, {
  timeout: 3600_000,
}, async () => {
  let [hits, runs, again] = [0, 0, 0];
  for (; hits < kills || (night && runs < 200); runs++) {
    const results = fresh();
    const own = await killed(results, 1 + (runs % 5), runs);
    hits += own;
    expect(digestOf(results), `run ${runs}`).toBe(undisturbed);
    const { ran, jobs } = diaryOf(results);
    expect(jobs).toBe(2 * items);
    // What was under way, and what was being stored while its worker was at the next one.
    expect(ran - jobs, `run ${runs}`).toBeLessThanOrEqual(own * 2 * workers);
    again += ran - jobs;
    expect(strays(results)).toEqual([]);
    const history = historyOf(
      (await readJournal(join(results, 'runs', 'toy', 'journal.jsonl'))).entries.slice(0, -1),
    );
    expect(history.jobs.size).toBe(2 * items);
    expect(history.repeated.size).toBe(0);
    rmSync(results, { recursive: true });
  }
  console.log(`${runs} runs, ${hits} kills, ${again} jobs done again`);
});

const few = { items: 6, workers: 1 };
const undisturbedFew = async (): Promise<string> => {
  const results = fresh();
  expect(await runToy(results, few)).toMatchObject({ code: 0 });
  return digestOf(results);
};

test.runIf(!night)(
  'one run that is killed at every named step in turn: the same result',
  { timeout: 600_000 },
  async () => {
    const results = fresh();
    for (const step of failPoints) {
      const { signal } = await runToy(results, few, { environment: { FAILPOINT: step } });
      expect(signal, step).toBe('SIGKILL');
    }
    expect(await runToy(results, few)).toMatchObject({ code: 0 });
    expect([digestOf(results), strays(results)]).toEqual([await undisturbedFew(), []]);
  },
);

/** Killed at the n-th time that it comes to a step, n = 1, 2, … until it comes there less often: each time a run of its own, which then goes on undisturbed. */
test.runIf(night).each(failPoints)(
  'killed at step %s, however often it is passed',
  { timeout: 3600_000 },
  async (step) => {
    const expected = await undisturbedFew();
    for (let n = 1; ; n++) {
      const results = fresh();
      const { signal, code } = await runToy(results, few, { environment: { FAILPOINT: `${step}:${n}` } });
      if (signal !== 'SIGKILL') {
        expect(code).toBe(0);
        expect(n, 'the step is never passed').toBeGreaterThan(1);
        return;
      }
      expect(await runToy(results, few)).toMatchObject({ code: 0 });
      expect([digestOf(results), strays(results)], `${step}:${n}`).toEqual([expected, []]);
    }
  },
);

test.each([1, 2, 4])('%i workers: the same result', async (count) => {
  for (let round = 0; round < (night ? 3 : 1); round++) {
    const results = fresh();
    expect(await runToy(results, { workers: count, items })).toMatchObject({ code: 0 });
    expect(digestOf(results)).toBe(undisturbed);
  }
});

test('started twice at once, one does it all and the other says who does', async () => {
  const results = fresh();
  const shape = { items: 120 };
  const [first, second] = [startToy(results, shape), startToy(results, shape)];
  const [quick, slow] = (await Promise.all([first.ended, second.ended])).toSorted(
    (a, b) => a.code! - b.code!,
  );
  expect([quick!.code, slow!.code]).toEqual([0, 2]);
  expect(slow!.told).toMatch(/lock: locked by pid \d+ since 2.*is at work in this folder/);
  expect(diaryOf(results)).toEqual({ ran: 240, jobs: 240 });
});

test('again, all comes from the cache and the journal stays as it is', async () => {
  const results = fresh();
  await runToy(results, { workers, items });
  const journal = (): Buffer => readFileSync(join(results, 'runs', 'toy', 'journal.jsonl'));
  const before = journal();
  const { told } = await runToy(results, { workers, items });
  expect(told).toContain(`0 computed, ${2 * items} cached`);
  expect(journal()).toEqual(before);
  expect(diaryOf(results)).toEqual({ ran: 2 * items, jobs: 2 * items });
});

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;
test.each(signals)('%s at random times: exit %i, nobody left, the same result', async (signal, exitCode) => {
  const rng = createRng(1, signal);
  for (let i = 0; i < (night ? 10 : 1); i++) {
    const results = fresh();
    const toy = startToy(results, { workers, items });
    // Before it has begun the signal would end it as any program.
    await expect.poll(() => diaryOf(results).ran, { timeout: 60_000 }).toBeGreaterThan(0);
    const timer = setTimeout(() => process.kill(toy.pid, signal), rng.uniform(0, 0.5) * tookMs);
    const { code, told } = await toy.ended;
    clearTimeout(timer);
    await groupGone(toy.pid);
    // It was quicker; once it has done all, a signal ends it as any program.
    if (code === 0 || (code === null && told.includes('done: '))) continue;
    expect(code).toBe(exitCode);
    const path = join(results, 'runs', 'toy', 'journal.jsonl');
    const last = (await readJournal(path)).entries.at(-1);
    if (last) expect(last).toMatchObject({ event: 'ended', how: 'interrupted', exitCode });
    expect(await runToy(results, { workers, items })).toMatchObject({ code: 0 });
    expect(digestOf(results)).toBe(undisturbed);
    expect(strays(results)).toEqual([]);
  }
});

test('a second signal leaves at once', async () => {
  const results = fresh();
  const toy = startToy(results, { workers, items: 4000 });
  await expect.poll(() => diaryOf(results).ran, { timeout: 60_000 }).toBeGreaterThan(4);
  process.kill(toy.pid, 'SIGINT');
  process.kill(toy.pid, 'SIGTERM');
  // Of two pending signals the system chooses which it hands over first.
  expect([130, 143]).toContain((await toy.ended).code);
  await groupGone(toy.pid);
});
