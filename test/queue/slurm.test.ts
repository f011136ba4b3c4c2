/** Jobs as arrays of Slurm: what is written and submitted, with a stand-in for sbatch that runs it; with Slurm itself by night. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chooseBackendJob } from '../../src/compute/backend.job.ts';
import { ffmpegVersion } from '../../src/media/tools.ts';
import { askThrough } from '../../src/queue/ask.ts';
import { createPool, type Engine } from '../../src/queue/pool.ts';
import { openSlurm, requireSlurm } from '../../src/queue/slurm/engine.ts';
import { openStore } from '../../src/queue/store/open.ts';
import { contextOver, temporary, toyRun, until } from '../support/queue.ts';
import { poison, sum } from '../support/queue.job.ts';
import { hasSlurm, startSlurm } from '../support/slurm.ts';
import { misbehave } from '../support/toy.job.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
if (!night) process.stderr.write('skipped until npm run test:night: Slurm itself\n');

const pool = createPool(2);
/** What an array task finds out for itself. */
let tools: Record<string, string>;
beforeAll(async () => {
  const { name: backend, device } = (await pool.run(chooseBackendJob, {}, '.')).output;
  tools = { ffmpeg: await ffmpegVersion(), backend, device };
});
afterAll(() => pool.close());

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

const options = (store: string) => ({
  store,
  run: 'toy',
  threads: 2,
  device: 'auto',
  program: resolve(import.meta.dirname, '../../experiments/masque.mjs'),
  showWithinMs: 500,
});

async function open(): Promise<{ engine: Engine; folder: string; notes: string[] }> {
  const folder = temporary('store');
  const notes: string[] = [];
  const note = (message: string): void => void notes.push(message);
  const store = await openStore(folder, note);
  const handout = openSlurm({ ...options(folder), note });
  return { folder, notes, engine: askThrough(handout, { store, run: 'toy', tools }) };
}

describe('with a stand-in for sbatch', () => {
  const pretend = (): string => {
    const [bin, given] = [temporary('bin'), temporary('slurm')];
    for (const command of ['sbatch', 'squeue'])
      symlinkSync(resolve(import.meta.dirname, '../support/fake-sbatch.sh'), join(bin, command));
    symlinkSync('/bin/true', join(bin, 'scancel'));
    Object.assign(process.env, { PATH: `${bin}:${process.env['PATH']}`, FAKE_SLURM: given });
    return given;
  };

  test('a run goes as one array after the other, each with a job that marks its end', async () => {
    const given = pretend();
    const { engine, folder, notes } = await open();
    const expected = await toyRun(contextOver(pool), { count: 5, ms: 1 });
    const context = contextOver(engine, tools);
    expect(await toyRun(context, { count: 5, ms: 1 })).toBe(expected);
    expect(context.counts).toEqual({ cached: 0, computed: 6, failed: 0 });
    await engine.close();
    const sizes = notes.flatMap((message) => /^slurm: array \d+ with (\d+) jobs/.exec(message)?.[1] ?? []);
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + Number(size), 0)).toBe(6);
    expect(readFileSync(join(given, 'given'), 'utf8').split('\n')[1]).toMatch(
      /^--parsable --dependency=afterany:1 /,
    );
    const array = readFileSync(join(given, '1.sh'), 'utf8');
    expect(array).toContain('#SBATCH --array=0-0');
    expect(array).toContain('#SBATCH --cpus-per-task=2');
    for (const left of ['said', 'slurm']) expect(readdirSync(join(folder, left))).toEqual([]);
  });

  test('what is asked for at the same time goes as one array', async () => {
    const given = pretend();
    const notes: string[] = [];
    const store = temporary('store');
    const handout = openSlurm({ ...options(store), note: (message) => void notes.push(message) });
    const asked = ['a', 'b', 'c'].map((id) => handout.submit(id, sum as never).catch(() => {}));
    await until(() => notes.length > 0);
    await handout.close();
    await Promise.all(asked);
    expect(notes[0]).toMatch(/^slurm: array 1 with 3 jobs, /);
    expect(readFileSync(join(given, '1.sh'), 'utf8')).toContain('#SBATCH --array=0-0');
  });

  test('what fails comes back; what takes its array task with it is sent once more and then fails', async () => {
    pretend();
    const { engine, notes } = await open();
    const context = contextOver(engine, tools);
    // One after the other: in one task the second could end the worker before the first is answered.
    const thrown = (result: Promise<unknown>): Promise<unknown> => result.catch((error: unknown) => error);
    const item = await thrown(context.run(misbehave, { how: 'item' }));
    const crash = await thrown(context.run(poison, { kills: 'worker' }));
    expect(item).toMatchObject({ code: 'E_MEDIA_UNREADABLE' });
    expect(crash).toMatchObject({ code: 'E_WORKER_CRASH', message: expect.stringContaining('toy-poison') });
    // One for the first, two for the second.
    expect(notes.filter((message) => message.startsWith('slurm: array'))).toHaveLength(3);
    await engine.close();
  });

  test.runIf(night)(
    'what shared a task with one that takes it down is sent again alone, and done',
    async () => {
      pretend();
      const { engine } = await open();
      const context = contextOver(engine, tools);
      const expected = await toyRun(contextOver(pool), { count: 2, ms: 1 });
      const crash = context.run(poison, { kills: 'worker' }).catch((error: unknown) => error);
      expect(await toyRun(context, { count: 2, ms: 1 })).toBe(expected);
      expect(await crash).toMatchObject({ code: 'E_WORKER_CRASH' });
      await engine.close();
    },
  );
});

test('without sbatch it is refused, with what to do', async () => {
  const empty = join(temporary('bin'), 'none');
  mkdirSync(empty);
  process.env['PATH'] = empty;
  await expect(requireSlurm()).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('not on PATH'),
  });
});

describe.runIf(night && hasSlurm())('with Slurm', () => {
  let slurm: Awaited<ReturnType<typeof startSlurm>>;
  beforeAll(async () => {
    slurm = await startSlurm(temporary('slurm'));
  });
  afterAll(() => slurm.stop());

  test('a run, with one job that fails and one that takes its task with it', async () => {
    Object.assign(process.env, slurm.environment);
    const { engine } = await open();
    const context = contextOver(engine, tools);
    const expected = await toyRun(contextOver(pool), { count: 10, ms: 1 });
    const crash = context.run(poison, { kills: 'worker' }).catch((error: unknown) => error);
    expect(await toyRun(context, { count: 10, ms: 1 })).toBe(expected);
    expect(await crash).toMatchObject({ code: 'E_WORKER_CRASH' });
    await engine.close();
  });
});
