/** `masque watch`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { workersOption } from './options.ts';
import { bundleOption, policyOption, withoutSandboxOption } from './screen.ts';

export const watchCommand = (parser: Argv): Argv =>
  parser.command(
    'watch <inbox>',
    'judge what is dropped into a folder: it moves to clean/, tagged/ or quarantine/ there, with what was found beside it',
    (command) =>
      command
        .positional('inbox', {
          type: 'string',
          demandOption: true,
          describe: 'a folder for videos, photos, sounds, mails (.eml) and archives (zip, tar, tar.gz)',
        })
        .option('policy', policyOption)
        .option('bundle', bundleOption)
        .option('without-sandbox', withoutSandboxOption)
        .option('workers', workersOption)
        .example('npm run watch -- inbox', 'until Ctrl-C')
        .epilogue(
          'A file is taken once it has not changed for two seconds; one that was begun under a hidden name and then renamed is whole. Links, hidden files and folders are left where they are.',
        ),
    async ({ inbox, policy, bundle, withoutSandbox, workers }) => {
      const { watch } = await import('../watch.ts');
      process.exitCode = await watch(resolve(inbox), {
        bundle: resolve(bundle),
        withoutSandbox,
        ...(policy === undefined ? {} : { policy }),
        ...(workers === undefined ? {} : { workers }),
      });
    },
  );
