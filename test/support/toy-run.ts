/**
 * A run of many tiny items through the real run folder, journal, cache and worker processes, small enough to be killed hundreds of times:
 * `node --import tsx test/support/toy-run.ts <results> [--items n] [--workers n] [--bytes n] [--bad n]`. Ends as the command line does.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inRunFolder } from '../../experiments/run-folder.ts';
import { stopOnSignals } from '../../experiments/stop-on-signals.ts';
import { isSystemError, machineTrouble, UserError } from '../../src/errors.ts';
import { failPoint } from '../../src/fail-point.ts';
import { atomicWrite, requireWritable } from '../../src/files.ts';
import { openCache } from '../../src/pipeline/cache.ts';
import { createContext, type RunContext } from '../../src/pipeline/context.ts';
import { failureOf } from '../../src/pipeline/items.ts';
import type { Progress } from '../../src/pipeline/progress.ts';
import { createPool } from '../../src/queue/pool.ts';
import { judgeItem, makeItem } from './toy-run.job.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    items: { type: 'string', default: '40' },
    workers: { type: 'string', default: '2' },
    bytes: { type: 'string', default: '2000' },
    bad: { type: 'string', default: '0' },
  },
});
const results = resolve(positionals[0]!);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const silent: Progress = {
  begin: () => ({ started: () => {}, progress: () => {}, end: () => {} }),
  note: say,
  stop: () => {},
};

/** What is known of an item in the end: its score, or why it has none. */
async function throughTheLine(context: RunContext, i: number): Promise<object> {
  const item = `item-${i}`;
  const diary = join(results, 'ran.log');
  try {
    const making = { item, bytes: Number(values.bytes), bad: i < Number(values.bad), diary };
    const file = await context.run(makeItem, making);
    return { item, ...(await context.run(judgeItem, { item, file, diary })) };
  } catch (error) {
    return { item, ...failureOf(error) };
  }
}

async function run(): Promise<number> {
  const pool = createPool(Number(values.workers));
  const signals = stopOnSignals(() => pool.close(), silent);
  const cache = openCache(join(results, 'cache'), say);
  try {
    await requireWritable(results);
    await cache.sweep();
    const folder = join(results, 'runs', 'toy');
    const start = { folder, config: 'toy.yaml', set: [], warn: say, stopped: signals.exitCode };
    return await inRunFolder(start, async ({ log }) => {
      const context = createContext({ seed: 1, cache, pool, tools: {}, progress: silent, log });
      const items = Array.from({ length: Number(values.items) }, (_, i) => throughTheLine(context, i));
      const found = await Promise.all(items);
      failPoint('record-removed');
      await atomicWrite(join(folder, 'scores.json'), JSON.stringify(found));
      failPoint('run-written');
      await atomicWrite(join(folder, 'record.json'), JSON.stringify({ items: found.length }));
      failPoint('run-recorded');
      const { cached, computed, failed } = context.counts;
      say(`done: ${computed} computed, ${cached} cached, ${failed} failed`);
      return failed > 0 ? 3 : 0;
    });
  } catch (thrown) {
    if (signals.exitCode() !== undefined) return signals.exitCode()!;
    const error = machineTrouble(thrown) ?? thrown;
    if (!(error instanceof UserError) && !isSystemError(error)) throw error;
    say((error as Error).message);
    return error instanceof UserError ? error.exitCode : 4;
  } finally {
    signals.forget();
    await pool.close();
  }
}

process.exitCode = await run();
