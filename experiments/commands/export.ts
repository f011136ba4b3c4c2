/** `masque export`: what it is asked on the command line. */
import { basename, join, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../../src/errors.ts';
import { resultsOption } from './options.ts';

export const exportCommand = (parser: Argv): Argv =>
  parser.command(
    'export [run]',
    'copy the fakes of a run out, each with a visible label and signed marks',
    (command) =>
      command
        .positional('run', { type: 'string', describe: 'its id (results/runs/<id>) or its folder' })
        .option('to', {
          type: 'string',
          requiresArg: true,
          describe: 'folder for the copies; exports/<run> unless given',
        })
        .option('label', {
          type: 'boolean',
          default: true,
          describe:
            'write "SYNTHETIC MEDIA" into the picture; --no-label needs --reason, and both are logged',
        })
        .option('reason', { type: 'string', requiresArg: true, describe: 'why there is no label' })
        .option('verify', {
          type: 'boolean',
          default: false,
          describe: 'export nothing; say whether the log of exports was changed',
        })
        .option('anchor', {
          type: 'string',
          describe: 'with --verify: a hash of the log that was kept elsewhere',
        })
        .option('results', resultsOption)
        .example('npm run -s export -- puppetry-424e87d8', 'into exports/puppetry-424e87d8')
        .epilogue(
          'Fakes of real people leave only with their recorded consent. Every file carries a comment in its container, a signed C2PA manifest ' +
            '(certificate made for this export, so readers call the signer unknown) and a manifest beside it.',
        ),
    async ({ run, to, label, reason, verify, anchor, results }) => {
      const { exportRun, verifyExports } = await import('../export.ts');
      if (verify) return void (process.exitCode = await verifyExports(resolve(results), anchor));
      if (run === undefined || run === '')
        throw new UserError('export which run? Name its id, as in results/runs');
      if (!label && !reason?.trim())
        throw new UserError('--no-label needs --reason "…": why these fakes may look real; it is logged');
      process.exitCode = await exportRun({
        run,
        results: resolve(results),
        to: resolve(to ?? join('exports', basename(run))),
        ...(label ? {} : { noLabel: reason!.trim() }),
      });
    },
  );
