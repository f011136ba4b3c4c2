/** One task of a Slurm array: answers its list of questions, as many at once as it has processor threads. */
import { hostname } from 'node:os';
import { UserError } from '../../errors.ts';
import { answer, type Bench } from '../answer.ts';
import { names } from '../asked.ts';
import { describe } from '../error-shape.ts';
import { readTask } from './batches.ts';

/** @throws UserError (exit 4) where this machine cannot answer; the coordinator is told of it. */
export async function runTask(
  { batch, task, slots, note }: { batch: string; task: number; slots: number; note(message: string): void },
  bench: Bench,
): Promise<void> {
  const ids = (await readTask(bench.store.address, batch, task)).values();
  const one = async (): Promise<void> => {
    for (const id of ids) {
      const listener = { started: () => {}, progress: () => {}, note };
      try {
        await answer(id, bench, listener);
      } catch (error) {
        if (bench.stopped.aborted) throw error;
        // No other task has this list, so that the run ends with what this machine cannot do.
        const told = new UserError(`node ${hostname()}: ${(error as Error).message}`, { exitCode: 4 });
        await bench.store.write(names.answer(id), JSON.stringify({ error: describe(told) }));
        throw told;
      }
    }
  };
  await Promise.all(Array.from({ length: slots }, one));
}
