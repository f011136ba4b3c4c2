/** `masque measure`: what it is asked on the command line. */
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../../src/errors.ts';
import type { AsvRates } from '../../src/metrics/asv-costs.ts';
import { scoreFormats } from '../../src/score-files/read.ts';
import { resultsOption } from './options.ts';

export const measureCommand = (parser: Argv): Argv =>
  parser.command(
    'measure <scores>',
    'metrics of any score file: AUC, EER in three definitions, AP, costs of ASVspoof, calibration',
    (command) =>
      command
        .positional('scores', {
          type: 'string',
          demandOption: true,
          describe:
            'CSV with id, score, label, perhaps group and detector; outcomes.csv; ASVspoof; DeepfakeBench',
        })
        .option('key', {
          type: 'string',
          requiresArg: true,
          describe: 'file with the trials and what each is, where the scores do not say',
        })
        .option('format', { choices: scoreFormats, describe: 'guessed from the file unless given' })
        .option('higher', {
          choices: ['fake', 'real'] as const,
          describe: 'what a higher score means; real for ASVspoof, else fake',
        })
        .option('level', {
          choices: ['clip', 'identity'] as const,
          describe:
            'means over clips (column clip) or people (group) alone; else every line, and the clips of frames',
        })
        .option('threshold', {
          type: 'number',
          requiresArg: true,
          describe: 'the score, fixed beforehand, that parts real from fake: accuracy and error rates there',
        })
        .option('validation', {
          type: 'string',
          requiresArg: true,
          describe: 'scores of other items, on which the threshold is chosen unless it is given',
        })
        .option('validation-key', { type: 'string', requiresArg: true, describe: 'the key of those' })
        .option('calibration', {
          choices: ['platt', 'isotonic', 'temperature'] as const,
          describe: 'fitted on the validation scores: log-loss, Brier score and ECE of its probabilities',
        })
        .option('llr', {
          type: 'boolean',
          default: false,
          describe: 'the scores are log-likelihood ratios: actDCF and C_llr too',
        })
        .option('asv', {
          type: 'string',
          requiresArg: true,
          describe:
            'error rates of the speaker verification for min t-DCF: misses,false alarms,fakes that pass',
        })
        .option('json', { type: 'boolean', default: false, describe: 'as one JSON object' })
        .option('join', {
          type: 'string',
          requiresArg: true,
          describe: 'show the scores in the leaderboard as results/runs/imported-<name>, marked as imported',
        })
        .option('dataset', { type: 'string', requiresArg: true, describe: 'with --join: what was scored' })
        .option('data', {
          choices: ['synthetic', 'recorded'] as const,
          describe: 'with --join: whether people were rendered or recorded',
        })
        .option('generator', {
          type: 'string',
          default: 'fakes',
          describe: 'with --join: whose fakes were scored',
        })
        .option('results', resultsOption)
        .example('npm run -s measure -- results/runs/smoke-…/outcomes.csv', 'every detector of a run')
        .example(
          'npm run -s measure -- scores.txt --key ASVspoof2019.LA.cm.eval.trl.txt',
          'scores of another tool',
        ),
    async ({
      scores,
      key,
      format,
      higher,
      level,
      threshold,
      validation,
      calibration,
      llr,
      asv,
      json,
      join: name,
      dataset,
      data,
      generator,
      results,
      ...rest
    }) => {
      const { measureFile } = await import('../measure-scores.ts');
      if (threshold !== undefined && !Number.isFinite(threshold))
        throw new UserError('--threshold needs a number, as --threshold 0.5');
      if (calibration && validation === undefined)
        throw new UserError(`--calibration ${calibration}: name the scores to fit it on with --validation`);
      if (name !== undefined && (dataset === undefined || data === undefined))
        throw new UserError(
          `--join ${name}: say what was scored with --dataset, and with --data whether people were rendered (synthetic) or recorded`,
        );
      process.exitCode = await measureFile({
        scores,
        llr,
        json,
        ...(key === undefined ? {} : { key }),
        ...(format ? { format } : {}),
        ...(higher ? { higher } : {}),
        ...(level ? { level } : {}),
        ...(threshold === undefined ? {} : { threshold }),
        ...(validation === undefined ? {} : { validation }),
        ...(rest.validationKey === undefined ? {} : { validationKey: rest.validationKey }),
        ...(calibration ? { calibration } : {}),
        ...(asv === undefined ? {} : { asv: asvRates(asv) }),
        ...(name === undefined
          ? {}
          : { join: { name, dataset: dataset!, kind: data!, generator, results: resolve(results) } }),
      });
    },
  );

/** @throws UserError on anything but three shares. */
function asvRates(text: string): AsvRates {
  const [miss, falseAlarm, fakeFalseAlarm, ...more] = text.split(',').map(Number);
  const rates = { miss: miss!, falseAlarm: falseAlarm!, fakeFalseAlarm: fakeFalseAlarm! };
  if (more.length > 0 || !Object.values(rates).every((rate) => rate >= 0 && rate <= 1))
    throw new UserError(`--asv ${text}: needs three shares of 0 to 1, as --asv 0.0188,0.01881,0.46071`);
  return rates;
}
