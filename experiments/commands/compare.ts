/** `masque compare`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../../src/errors.ts';
import { resultsOption } from './options.ts';

export const compareCommand = (parser: Argv): Argv =>
  parser.command(
    'compare <runs..>',
    'two runs, or two detectors of one, side by side with a paired test on the items both scored',
    (command) =>
      command
        .positional('runs', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'ids (results/runs/<id>) or folders of two runs, or of one with --detectors',
        })
        .option('detectors', {
          type: 'string',
          array: true,
          nargs: 2,
          describe: 'two labels as they stand in tables; of two runs, one of each',
        })
        .option('json', { type: 'boolean', default: false, describe: 'as one JSON object' })
        .option('results', resultsOption)
        .example(
          'npm run -s compare -- puppetry-424e87d8 --detectors spectrum@256 meso-inception@cpu-128',
          'two of one run',
        )
        .epilogue(
          'The test resamples people (delete-half jackknife, at most 2000 halves, the same for both); Holm raises p for all pairs that are printed but the controls.',
        ),
    async ({ runs, detectors, json, results }) => {
      const { compare } = await import('../compare-runs.ts');
      const two = detectors && ([detectors[0]!, detectors[1]!] as [string, string]);
      if (runs.length > 2) throw new UserError(`two runs can be compared, not ${runs.length}`);
      if (runs.length === 1 && !two)
        throw new UserError('with one run, name two of its detectors: --detectors <a> <b>');
      process.exitCode = await compare({
        runs,
        json,
        results: resolve(results),
        ...(two ? { detectors: two } : {}),
      });
    },
  );
