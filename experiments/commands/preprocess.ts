/** `masque preprocess`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { chosenDevice } from '../../src/compute/device.ts';
import { deviceOption, requireWhole, resultsOption, setOption, workersOption } from './options.ts';

export const preprocessCommand = (parser: Argv): Argv =>
  parser.command(
    'preprocess <config>',
    'decode, find and cut out faces and take features of the sound ahead of time; goes on where it was interrupted',
    (command) =>
      command
        .positional('config', { type: 'string', demandOption: true, describe: 'of an experiment' })
        .option('set', setOption)
        .option('size', {
          type: 'number',
          requiresArg: true,
          default: 256,
          describe: 'side of a face in pixels',
        })
        .option('faces', {
          type: 'number',
          requiresArg: true,
          default: 32,
          describe: 'how many faces of a clip are cut out, from evenly spaced frames',
        })
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'end stdout with one JSON line: dir, clips, faces, dropped, cached, computed, failed',
        })
        .option('device', deviceOption)
        .option('workers', workersOption)
        .option('results', resultsOption)
        .example(
          'npm run -s preprocess -- configs/real-clips.yaml',
          'then look at results/preprocessed/real-clips/index.html',
        ),
    async ({ config, set, size, faces, json, results, workers, device = chosenDevice() }) => {
      requireWhole('--size', size, 16, 2048);
      requireWhole('--faces', faces, 1, 36_000);
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
