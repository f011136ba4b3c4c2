/** `masque reviewed`: what it is asked on the command line. */
import { relative, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { serviceOption } from './options.ts';

export const reviewedCommand = (parser: Argv): Argv =>
  parser.command(
    'reviewed',
    'copy what reviewers decided out of the screening service, as the data set "reviewed" for experiments',
    (command) =>
      command
        .option('service', serviceOption)
        .option('to', {
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'the folder for it; an export that lies there is replaced',
        })
        .example(
          'npm run -s reviewed -- --to my-reviewed',
          'then dataset: { name: reviewed, path: my-reviewed }',
        )
        .epilogue(
          'No names, sources or submitters go along. In "test" stand only files whose original was found or whose maker admitted it; their licence is "unknown" unless you state one.',
        ),
    async ({ service, to }) => {
      const { exportReviewed } = await import('../../src/screening/reviewed.ts');
      const files = await exportReviewed(resolve(service), resolve(to));
      const path = relative('.', to) || '.';
      process.stdout.write(
        `${files} decided ${files === 1 ? 'file' : 'files'} in ${to}; in an experiment: dataset: { name: reviewed, path: ${JSON.stringify(path)} }\n`,
      );
    },
  );
