/** `masque datasets`: what it is asked on the command line. */
import type { Argv } from 'yargs';
import { setOption } from './options.ts';

export const datasetsCommand = (parser: Argv): Argv =>
  parser.command(
    'datasets <config>',
    'count what the data sets of a configuration list, by split and label; nothing is opened or made',
    (command) =>
      command
        .positional('config', { type: 'string', demandOption: true, describe: 'as for experiment' })
        .option('set', setOption)
        .option('json', { type: 'boolean', default: false, describe: 'as one JSON object' })
        .example('npm run -s datasets -- configs/faceforensics.yaml', 'what is there, what is missing'),
    async ({ config, set, json }) => {
      const { listDatasets, tableOf } = await import('../list-datasets.ts');
      const datasets = await listDatasets(config, set);
      process.stdout.write(json ? `${JSON.stringify({ datasets })}\n` : datasets.map(tableOf).join('\n'));
    },
  );
