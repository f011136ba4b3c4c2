/** The command line: `masque <command>`; each command is also an npm script. */
import { basename, join, relative, resolve } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { chosenDevice, deviceChoices } from '../src/compute/device.ts';
import { exitCodes, ItemError, UserError } from '../src/errors.ts';
import type { AsvRates } from '../src/metrics/asv-costs.ts';
import { scoreFormats } from '../src/score-files/read.ts';

const resultsFolder = {
  type: 'string',
  requiresArg: true,
  default: 'results',
  describe: 'where runs, cache and leaderboard lie',
} as const;

// Whoever reads may have had enough (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const parser = yargs(hideBin(process.argv))
  .scriptName('masque')
  .usage('Makes deepfakes of licensed data and measures how well detectors find them.\n\n$0 <command>')
  .command(
    'experiment <config>',
    'run what a YAML file describes, or go on where it was interrupted',
    (command) =>
      command
        .positional('config', {
          type: 'string',
          demandOption: true,
          describe: 'for instance configs/puppetry.yaml',
        })
        .option('set', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: 'replace one value: --set seed=2 --set dataset.identities.test=4',
        })
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'end stdout with one JSON line: run, dir, cached, computed, failed',
        })
        .option('device', {
          choices: deviceChoices,
          describe: 'what computes; auto, or what MASQUE_DEVICE says, unless given',
        })
        .option('results', resultsFolder)
        .example('npm run experiment -- configs/smoke.yaml', 'the whole line in a minute and a half')
        .example('npm run experiment -- configs/puppetry.yaml --set seed=2', 'other people, other voices')
        .example(
          'npm run experiment -- configs/nvp-corpus.yaml --set dataset.path=my-corpus',
          'a generator judged alone, without detectors and without media',
        )
        .epilogue('Where MLFLOW_TRACKING_URI names an MLflow server, the finished run is copied there.'),
    async ({ config, set, json, results, device = chosenDevice() }) => {
      const { runExperiment } = await import('./run-experiment.ts');
      process.exitCode = await runExperiment({ config, set, json, results: resolve(results), device });
    },
  )
  .command(
    'catalog',
    'list data sets, generators, detectors and metrics, with their options and defaults',
    (command) => command.option('json', { type: 'boolean', default: false, describe: 'as one JSON object' }),
    async ({ json }) => {
      const { describeCatalog } = await import('./catalog.ts');
      const entries = describeCatalog();
      if (json) return void process.stdout.write(`${JSON.stringify(entries)}\n`);
      for (const [kind, list] of Object.entries(entries)) {
        process.stdout.write(`${kind}${list.length === 0 ? ': none yet' : ''}\n`);
        for (const entry of list) {
          process.stdout.write(`  ${entry.name.padEnd(18)} ${entry.cite}\n`);
          const options = 'options' in entry ? Object.entries(entry.options) : [];
          for (const [key, value] of options)
            process.stdout.write(`${' '.repeat(21)}${key}: ${JSON.stringify(value)}\n`);
        }
      }
    },
  )
  .command(
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
          implies: 'validation',
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
          implies: ['dataset', 'data'],
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
        .option('results', resultsFolder)
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
      const { measureFile } = await import('./measure-scores.ts');
      if (threshold !== undefined && !Number.isFinite(threshold))
        throw new UserError('--threshold needs a number, as --threshold 0.5');
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
  )
  .command(
    'leaderboard',
    'rebuild results/leaderboard.{md,csv,json,html,tex} from the run folders; a row that its scores do not give again is left out',
    (command) => command.option('results', resultsFolder),
    async ({ results }) => {
      const { leaderboard } = await import('./leaderboard.ts');
      const written = await leaderboard(resolve(results));
      for (const path of written.files) process.stdout.write(`${relative('.', path)}\n`);
    },
  )
  .command(
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
        .option('results', resultsFolder)
        .example(
          'npm run -s compare -- puppetry-424e87d8 --detectors spectrum@256 meso-inception@cpu-128',
          'two of one run',
        )
        .epilogue(
          'The test resamples people (delete-half jackknife, 2000 halves, the same for both); Holm raises p for all pairs that are printed.',
        ),
    async ({ runs, detectors, json, results }) => {
      const { compare } = await import('./compare-runs.ts');
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
  )
  .command(
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
        .option('results', resultsFolder)
        .example('npm run -s export -- puppetry-424e87d8', 'into exports/puppetry-424e87d8')
        .epilogue(
          'Fakes of real people leave only with their recorded consent. Every file carries a comment in its container, a signed C2PA manifest ' +
            '(certificate made for this export, so readers call the signer unknown) and a manifest beside it.',
        ),
    async ({ run, to, label, reason, verify, anchor, results }) => {
      const { exportRun, verifyExports } = await import('./export.ts');
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
  )
  .command(
    'study <run>',
    'make a page on which people judge clips of a run, or read what they answered',
    (command) =>
      command
        .positional('run', {
          type: 'string',
          demandOption: true,
          describe: 'its id (results/runs/<id>) or its folder',
        })
        .option('clips', { type: 'number', default: 40, describe: 'how many are judged, half of them real' })
        .option('answers', {
          type: 'string',
          array: true,
          describe: 'files that judges downloaded; their means go into human.csv, for measure',
        })
        .option('results', resultsFolder)
        .example('npm run study -- puppetry-424e87d8', 'then open study/index.html in the run folder')
        .example('npm run study -- puppetry-424e87d8 --answers a.json b.json', 'what two people said'),
    async ({ run, clips, answers, results }) => {
      const { makeStudy, readAnswers } = await import('./study.ts');
      process.exitCode = answers
        ? await readAnswers(run, resolve(results), answers)
        : await makeStudy({ run, results: resolve(results), clips });
    },
  )
  .command(
    'doctor',
    'say what is installed, what is missing and how to get it',
    (command) => command.option('json', { type: 'boolean', default: false, describe: 'as one JSON object' }),
    async ({ json }) => {
      const { doctor } = await import('./doctor.ts');
      process.exitCode = await doctor(json);
    },
  )
  .command(
    'setup-gpu',
    'look for a GPU and fetch what computing on it needs; says each step before it is done',
    (command) =>
      command
        .option('device', {
          choices: ['cuda', 'webgpu'] as const,
          default: 'cuda' as const,
          describe: 'what to prepare',
        })
        .option('tfjs', {
          type: 'boolean',
          default: false,
          describe: 'also the addon of tfjs-node-gpu, which "auto" then computes with',
        })
        .option('dry-run', { type: 'boolean', default: false, describe: 'only say the steps' }),
    async ({ device, tfjs, dryRun }) => {
      const { setupGpu } = await import('./setup-gpu.ts');
      process.exitCode = await setupGpu({ device, tfjs, dryRun });
    },
  )
  .demandCommand(1, 'name a command')
  .strict()
  .version(false)
  .help()
  .fail((message, error) => {
    throw error && error.name !== 'YError'
      ? error
      : new UserError(`${message ?? error?.message}. "npx masque --help" lists the commands`);
  });

try {
  await parser.parseAsync();
} catch (error) {
  if (error instanceof UserError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (isSystemError(error)) {
    process.stderr.write(
      `${error.message}. Mend that, then run the same command again: what is finished is kept\n`,
    );
    process.exitCode = exitCodes.environment;
  } else if (error instanceof ItemError) {
    process.stderr.write(`${error.code} ${error.message}\n`);
    process.exitCode = exitCodes.environment;
  } else throw error;
}

/** A full disk, a folder that may not be written: the machine's fault, told by the operating system. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** @throws UserError on anything but three shares. */
function asvRates(text: string): AsvRates {
  const [miss, falseAlarm, fakeFalseAlarm, ...more] = text.split(',').map(Number);
  const rates = { miss: miss!, falseAlarm: falseAlarm!, fakeFalseAlarm: fakeFalseAlarm! };
  if (more.length > 0 || !Object.values(rates).every((rate) => rate >= 0 && rate <= 1))
    throw new UserError(`--asv ${text}: needs three shares of 0 to 1, as --asv 0.0188,0.01881,0.46071`);
  return rates;
}
