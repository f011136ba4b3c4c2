/** `masque preprocess`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { chosenDevice, deviceChoices } from '../../src/compute/device.ts';
import { UserError } from '../../src/errors.ts';
import { resultsFolder } from './results-folder.ts';

export const preprocessCommand = (parser: Argv): Argv =>
  parser.command(
    'preprocess <config>',
    'decode, find and cut out faces and take features of the sound ahead of time; goes on where it was interrupted',
    (command) =>
      command
        .positional('config', { type: 'string', demandOption: true, describe: 'of an experiment' })
        .option('set', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'replace one value: --set dataset.path=my-clips',
        })
        .option('size', { type: 'number', default: 256, describe: 'side of a face in pixels' })
        .option('faces', {
          type: 'number',
          default: 32,
          describe: 'how many faces of a clip are cut out, from evenly spaced frames',
        })
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'end stdout with one JSON line: dir, clips, faces, dropped, cached, computed, failed',
        })
        .option('device', {
          choices: deviceChoices,
          describe: 'what computes; auto, or what MASQUE_DEVICE says, unless given',
        })
        .option('workers', {
          type: 'number',
          requiresArg: true,
          describe: 'processor threads to use at once, all unless given',
        })
        .option('results', resultsFolder)
        .example(
          'npm run -s preprocess -- configs/real-clips.yaml',
          'then look at results/preprocessed/real-clips/index.html',
        ),
    async ({ config, set, size, faces, json, results, workers, device = chosenDevice() }) => {
      requireWhole('--size', size, 16, 2048);
      requireWhole('--faces', faces, 1, 36_000);
      if (workers !== undefined) requireWhole('--workers', workers, 1, 1024);
      const { preprocess } = await import('../preprocess.ts');
      process.exitCode = await preprocess({
        config,
        set,
        json,
        results: resolve(results),
        device,
        sizePx: size,
        facesPerClip: faces,
        ...(workers === undefined ? {} : { workers }),
      });
    },
  );

function requireWhole(option: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw new UserError(`${option} needs a whole number from ${least} to ${most}`);
}
