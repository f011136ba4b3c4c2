/** `masque audit`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { serviceOption } from './options.ts';

export const auditCommand = (parser: Argv): Argv =>
  parser.command(
    'audit',
    'say whether the audit log of the screening service holds, and its last hash, which is worth keeping elsewhere',
    (command) =>
      command
        .option('service', serviceOption)
        .option('head', {
          type: 'string',
          requiresArg: true,
          describe: 'a hash of the log that was kept elsewhere: it must be among its entries',
        })
        .example('npm run -s audit -- --head 5f0c…', 'the log goes on from where it was then')
        .epilogue(
          'Exit 0 where every entry is in its place, 1 where one was changed, left out or moved. Who can write to the folder can make all of it anew, log and database; that shows beside a hash kept elsewhere alone.',
        ),
    async ({ service, head }) => {
      const { audit } = await import('../audit.ts');
      process.exitCode = await audit(resolve(service), head);
    },
  );
