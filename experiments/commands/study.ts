/** `masque study`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../../src/errors.ts';
import { resultsOption } from './options.ts';

export const studyCommand = (parser: Argv): Argv =>
  parser.command(
    'study <run>',
    'make a page on which people judge clips of a run, or read what they answered',
    (command) =>
      command
        .positional('run', {
          type: 'string',
          demandOption: true,
          describe: 'its id (results/runs/<id>) or its folder',
        })
        .option('clips', {
          type: 'number',
          requiresArg: true,
          default: 40,
          describe: 'how many are judged, half of them real',
        })
        .option('answers', {
          type: 'string',
          array: true,
          describe: 'files that judges downloaded; their means go into human.csv, for measure',
        })
        .option('results', resultsOption)
        .example('npm run study -- puppetry-424e87d8', 'then open study/index.html in the run folder')
        .example('npm run study -- puppetry-424e87d8 --answers a.json b.json', 'what two people said'),
    async ({ run, clips, answers, results }) => {
      if (!(Number.isInteger(clips) && clips >= 2))
        throw new UserError('--clips needs a whole number from 2 on');
      const { makeStudy, readAnswers } = await import('../study.ts');
      process.exitCode = answers
        ? await readAnswers(run, resolve(results), answers)
        : await makeStudy({ run, results: resolve(results), clips });
    },
  );
