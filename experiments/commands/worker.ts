import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { chosenDevice } from '../../src/compute/device.ts';
import { storeAddress } from '../choose-engine.ts';
import { deviceOption, resultsOption, storeOption, workersOption } from './options.ts';

export const workerCommand = (parser: Argv): Argv =>
  parser.command(
    'worker',
    'compute what experiments with --engine bullmq ask for, on as many machines as wanted; REDIS_URL names the Redis',
    (command) =>
      command
        .option('store', storeOption)
        .option('workers', workersOption)
        .option('device', deviceOption)
        .option('scratch', {
          type: 'string',
          requiresArg: true,
          describe: "a folder on this machine's own disk; in the folder for temporary files unless given",
        })
        .option('results', resultsOption)
        .option('batch', { type: 'string', requiresArg: true, hidden: true }),
    async ({ store, workers, device = chosenDevice(), scratch, results, batch }) => {
      const { runWorker } = await import('../run-worker.ts');
      process.exitCode = await runWorker({
        store: storeAddress(resolve(results), store),
        device,
        ...(workers === undefined ? {} : { workers }),
        ...(scratch === undefined ? {} : { scratch: resolve(scratch) }),
        ...(batch === undefined ? {} : { batch }),
      });
    },
  );
