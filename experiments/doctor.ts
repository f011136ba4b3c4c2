/** `masque doctor`: what is installed, what is missing and how to get it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { chooseBackendJob, tryDeviceJob } from '../src/compute/backend.job.ts';
import { deviceChoices } from '../src/compute/device.ts';
import { exitCodes, UserError } from '../src/errors.ts';
import { mediaTools, sandboxRemedy } from '../src/media/tools.ts';
import { createPool, type Pool } from '../src/queue/pool.ts';
import { type Finding, requirements } from './requirements.ts';
import { screeningFindings } from './screening-findings.ts';

type Options = { json: boolean; results: string; service?: string };

/**
 * Prints the findings and returns 0, or 4 when something that is needed is missing, or a screening service's folder is not what it should be. `service`: as `screeningFindings`.
 * @throws UserError where `service` is no such folder.
 */
export async function doctor({ json, results, service }: Options): Promise<number> {
  const screening = await screeningFindings(service);
  const findings = [
    ...(await requirements(results)),
    await sandbox(),
    machine(),
    ...(await compute()),
    await mlflow(),
    await redis(),
    ...screening,
  ];
  if (json) process.stdout.write(`${JSON.stringify(findings)}\n`);
  else
    for (const { what, found, remedy } of findings) {
      process.stdout.write(`${remedy ? '✗' : '✓'} ${what.padEnd(10)} ${found}\n`);
      if (remedy) process.stdout.write(`  ${''.padEnd(10)} → ${remedy}\n`);
    }
  return findings.some(({ needed, remedy }) => needed && remedy) ? exitCodes.environment : exitCodes.done;
}

/** Nothing fails without it, but media of unknown origin had better not be read then. */
async function sandbox(): Promise<Finding> {
  const what = 'sandbox';
  const tools = await mediaTools().catch(() => undefined);
  if (!tools) return { what, found: 'there is no ffmpeg to shut in', needed: false };
  const used = Object.values(tools.sandbox).join(' and ') || 'ffmpeg runs in none';
  if (tools.missing.length === 0) return { what, found: used, needed: false };
  return { what, found: `${used}: ${tools.missing.join('; ')}`, needed: false, remedy: sandboxRemedy };
}

function machine(): Finding {
  const gigabytes = totalmem() / 1e9;
  const found = `${availableParallelism()} processor threads, ${gigabytes.toFixed(1)} GB of memory`;
  return {
    what: 'machine',
    found,
    needed: false,
    ...(gigabytes >= 6 ? {} : { remedy: 'configs/puppetry.yaml wants 6 GB (up to 3 GB a process)' }),
  };
}

/** Loads the engine in workers, because the main process never does. */
async function compute(): Promise<Finding[]> {
  const pool = createPool(1);
  const folder = await mkdtemp(join(tmpdir(), 'masque-doctor-'));
  try {
    return [await backend(pool, folder), await devices(pool, folder)];
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function backend(pool: Pool, folder: string): Promise<Finding> {
  try {
    const { name, device, reason } = (await pool.run(chooseBackendJob, {}, folder)).output;
    return { what: 'compute', found: `${name} on ${device}: ${reason}`, needed: true };
  } catch (error) {
    const remedy =
      error instanceof UserError
        ? 'choose another device (MASQUE_DEVICE), or "npm run setup:gpu"'
        : 'run "npm ci" again; onnxruntime-node must be installed';
    return { what: 'compute', found: (error as Error).message, needed: true, remedy };
  }
}

/** The devices of ONNX Runtime, which `--device` chooses from, and whether they compute. */
async function devices(pool: Pool, folder: string): Promise<Finding> {
  const told: string[] = [];
  for (const device of deviceChoices) {
    if (device === 'auto') continue;
    const failure = await pool.run(tryDeviceJob, { device }, folder).then(
      ({ output }) => output,
      (error: Error) => error.message,
    );
    told.push(`${device} ${failure === null ? 'computes' : `does not (${failure})`}`);
  }
  return { what: 'devices', found: told.join('; '), needed: false };
}

/** A side store: nothing fails without it. */
async function mlflow(): Promise<Finding> {
  const what = 'mlflow';
  if (!process.env['MLFLOW_TRACKING_URI']?.trim())
    return { what, found: 'off; set MLFLOW_TRACKING_URI to copy runs to a tracking server', needed: false };
  const { askServer } = await import('../src/records/mlflow.ts');
  try {
    const server = await askServer();
    return { what, found: `${server!.address}, version ${server!.version}`, needed: false };
  } catch (error) {
    return {
      what,
      found: `no runs can be sent to MLFLOW_TRACKING_URI`,
      needed: false,
      remedy: (error as Error).message,
    };
  }
}

/** Hands out jobs to other machines (`--engine bullmq`), where there are any. */
async function redis(): Promise<Finding> {
  const what = 'redis';
  const url = process.env['REDIS_URL']?.trim();
  if (!url) return { what, found: 'off; set REDIS_URL to compute on many machines', needed: false };
  const { openBroker } = await import('../src/queue/bullmq/redis.ts');
  try {
    const broker = await openBroker(url, () => {});
    broker.close();
    return { what, found: `${broker.address}, fit to hand out jobs`, needed: false };
  } catch (error) {
    const found = 'jobs cannot be handed out by REDIS_URL';
    return { what, found, needed: false, remedy: (error as Error).message };
  }
}
