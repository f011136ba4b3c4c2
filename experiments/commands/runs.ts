/** `masque runs`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { resultsOption } from './options.ts';

export const runsCommand = (parser: Argv): Argv =>
  parser.command(
    'runs',
    'list the runs there are: done, under way, interrupted or failed, with what became of their jobs',
    (command) =>
      command
        .option('json', { type: 'boolean', default: false, describe: 'as one JSON array' })
        .option('results', resultsOption)
        .epilogue('What was interrupted or failed goes on with the command that started it.'),
    async ({ json, results }) => {
      const { listRuns } = await import('../runs.ts');
      await listRuns(resolve(results), json);
    },
  );
