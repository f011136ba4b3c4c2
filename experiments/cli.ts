/** The command line: `masque <command>`; each command is also an npm script. */
import { relative, resolve } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { chosenDevice } from '../src/compute/device.ts';
import { exitCodes, isSystemError, ItemError, machineTrouble, UserError } from '../src/errors.ts';
import { auditCommand } from './commands/audit.ts';
import { compareCommand } from './commands/compare.ts';
import { datasetsCommand } from './commands/datasets.ts';
import { evidenceCommand } from './commands/evidence.ts';
import { exportCommand } from './commands/export.ts';
import { measureCommand } from './commands/measure.ts';
import { preprocessCommand } from './commands/preprocess.ts';
import { deviceOption, resultsOption, setOption, storeOption, workersOption } from './commands/options.ts';
import { reviewedCommand } from './commands/reviewed.ts';
import { runsCommand } from './commands/runs.ts';
import { screenCommand } from './commands/screen.ts';
import { keysCommand, serveCommand } from './commands/serve.ts';
import { studyCommand } from './commands/study.ts';
import { syncCommand } from './commands/sync.ts';
import { watchCommand } from './commands/watch.ts';
import { workerCommand } from './commands/worker.ts';
import { engineChoices } from './choose-engine.ts';

// Whoever reads may have had enough (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// Whoever watched is gone; the run goes on.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
});

/** What may be given more than once. */
const lists = ['_', 'set', 'runs', 'detectors', 'answers', 'files', 'host', 'webhook'];

/** @throws UserError where another option is given twice; which of them counts nobody could say. */
function eachOnce(given: Record<string, unknown>): true {
  const twice = Object.keys(given).find((name) => Array.isArray(given[name]) && !lists.includes(name));
  if (twice !== undefined) throw new UserError(`--${twice} was given twice`);
  return true;
}

/** What stands behind the name of a command, where something must. */
const aConfiguration = 'name a configuration, as configs/smoke.yaml';
const wantedBy: Record<string, string> = {
  experiment: aConfiguration,
  preprocess: aConfiguration,
  datasets: aConfiguration,
  measure: 'name a file of scores, as results/runs/<id>/outcomes.csv',
  compare: 'name two runs, or one with --detectors, as they stand in results/runs',
  study: 'name a run, as they stand in results/runs',
  screen: 'name files, as clips/*.mp4',
  watch: 'name a folder into which files are dropped',
  keys: 'say add, list or revoke',
  evidence: 'say pack, verify or key',
};

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
        .option('set', setOption)
        .option('json', {
          type: 'boolean',
          default: false,
          describe: 'end stdout with one JSON line: run, dir, cached, computed, failed',
        })
        .option('device', deviceOption)
        .option('workers', workersOption)
        .option('engine', {
          choices: engineChoices,
          requiresArg: true,
          default: 'local' as const,
          describe: 'who computes: this machine; workers that REDIS_URL joins (bullmq); array jobs (slurm)',
        })
        .option('store', storeOption)
        .option('results', resultsOption)
        .example('npm run experiment -- configs/smoke.yaml', 'the whole line in a minute and a half')
        .example('npm run experiment -- configs/puppetry.yaml --set seed=2', 'other people, other voices')
        .example(
          'npm run experiment -- configs/nvp-corpus.yaml --set dataset.path=my-corpus',
          'a generator judged alone, without detectors and without media',
        )
        .epilogue(
          'Where MLFLOW_TRACKING_URI names an MLflow server, the finished run is copied there; "npm run sync" sends what did not arrive.',
        ),
    async ({ config, set, json, results, workers, engine, store, device = chosenDevice() }) => {
      const { runExperiment } = await import('./run-experiment.ts');
      process.exitCode = await runExperiment({
        config,
        set,
        json,
        results: resolve(results),
        device,
        engine,
        ...(store === undefined ? {} : { store }),
        ...(workers === undefined ? {} : { workers }),
      });
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
    'leaderboard',
    'rebuild results/leaderboard.{md,csv,json,html,tex} from the run folders; a row that its scores do not give again is left out',
    (command) => command.option('results', resultsOption),
    async ({ results }) => {
      const { leaderboard } = await import('./leaderboard.ts');
      const written = await leaderboard(resolve(results));
      for (const path of written.files) process.stdout.write(`${relative('.', path)}\n`);
    },
  );
const commands = [
  runsCommand,
  datasetsCommand,
  preprocessCommand,
  measureCommand,
  compareCommand,
  exportCommand,
  studyCommand,
  syncCommand,
  serveCommand,
  keysCommand,
  evidenceCommand,
  auditCommand,
  reviewedCommand,
  workerCommand,
  screenCommand,
  watchCommand,
];
for (const add of commands) add(parser);
parser
  .command(
    'doctor',
    'say what is installed, what is missing and how to get it',
    (command) =>
      command
        .option('json', { type: 'boolean', default: false, describe: 'as one JSON object' })
        .option('results', resultsOption)
        .option('service', {
          type: 'string',
          requiresArg: true,
          describe:
            'the folder of a screening service: all of it is checked, every original read; unless given, "screening" is looked into where it is there, but for the originals',
        })
        .epilogue(
          'Exit 0 where nothing that is needed is missing, and nothing amiss in the service; else 4.',
        ),
    async ({ json, results, service }) => {
      const { doctor } = await import('./doctor.ts');
      process.exitCode = await doctor({
        json,
        results: resolve(results),
        ...(service === undefined ? {} : { service: resolve(service) }),
      });
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
  .check(eachOnce)
  .version(false)
  .help()
  .locale('en')
  .fail((message, error) => {
    throw error && error.name !== 'YError' ? error : new UserError(ownWords(message ?? error?.message));
  });

/** What yargs complains of, in one line, with what to name where a command lacks it. */
function ownWords(message: string): string {
  const [command = ''] = hideBin(process.argv);
  const wanted = message.startsWith('Not enough non-option arguments') ? wantedBy[command] : undefined;
  const line = wanted === undefined ? message.replaceAll(/\s*\n\s*/g, ' ') : `${command}: ${wanted}`;
  return `${line}. "npx masque --help" lists the commands`;
}

try {
  await parser.parseAsync();
} catch (thrown) {
  const error = machineTrouble(thrown) ?? thrown;
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
