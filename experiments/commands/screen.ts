/** `masque screen`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../../src/errors.ts';
import { workersOption } from './options.ts';

export const bundleOption = {
  type: 'string',
  requiresArg: true,
  default: 'models/screening',
  describe: 'the detectors: a folder that configs/screening.yaml made',
} as const;

export const policyOption = {
  type: 'string',
  requiresArg: true,
  describe:
    'what is done about each verdict, as configs/screening-policy.yaml; that of the code unless given',
} as const;

export const withoutSandboxOption = {
  type: 'boolean',
  default: false,
  describe: 'decode although ffmpeg cannot be shut in here',
} as const;

export const screenCommand = (parser: Argv): Argv =>
  parser.command(
    'screen <files..>',
    'judge videos, photos and sounds: signs of manipulation, none found, or no answer',
    (command) =>
      command
        .positional('files', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'video, photo and sound files',
        })
        .option('json', { type: 'boolean', default: false, describe: 'one JSON object a line and file' })
        .option('bundle', bundleOption)
        .option('policy', policyOption)
        .option('without-sandbox', withoutSandboxOption)
        .option('workers', workersOption)
        .example('npm run -s screen -- interview.mp4', 'after npm run experiment -- configs/screening.yaml')
        .epilogue(
          'Exit 0: nothing found in any. 1: signs of manipulation in at least one. 2: none found, but at least one could not be judged; or wrong use. Nothing found is no proof that a file is genuine.',
        ),
    async ({ files, json, bundle, policy, withoutSandbox, workers }) => {
      if (files.length === 0) throw new UserError('screen: name files, as clips/*.mp4');
      const { screen } = await import('../screen.ts');
      process.exitCode = await screen(files, {
        json,
        bundle: resolve(bundle),
        withoutSandbox,
        ...(policy === undefined ? {} : { policy }),
        ...(workers === undefined ? {} : { workers }),
      });
    },
  );
