/** `masque sync`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { resultsOption } from './options.ts';

export const syncCommand = (parser: Argv): Argv =>
  parser.command(
    'sync',
    'send to MLflow what has not arrived',
    (command) =>
      command
        .option('json', { type: 'boolean', default: false, describe: 'as one JSON object' })
        .option('results', resultsOption)
        .example('MLFLOW_TRACKING_URI=http://127.0.0.1:5000 npm run sync', 'after the server was away')
        .epilogue('0: everything has arrived; 4: something is still pending, and the same command goes on.'),
    async ({ json, results }) => {
      const { sync } = await import('../sync.ts');
      process.exitCode = await sync({ json, results: resolve(results) });
    },
  );
