/**
 * `masque setup-gpu` (`npm run setup:gpu`): looks for a GPU, fetches what npm's install leaves out on purpose, and computes on it.
 * It says each step before it is done. Downloads come from the publishers of the packages, by the packages' own scripts.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tryDeviceJob } from '../src/compute/backend.job.ts';
import { exitCodes, UserError } from '../src/errors.ts';
import { createPool } from '../src/queue/pool.ts';

export type SetupOptions = { device: 'cuda' | 'webgpu'; tfjs: boolean; dryRun: boolean };
/** `run` returns what it found; it throws UserError (exit 4) where there is no way on. */
type Step = { what: string; run(): Promise<string> };

/** Returns 0 when the device computes. @throws UserError (exit 4) at the first step that fails; the later ones are not begun. */
export async function setupGpu({ device, tfjs, dryRun }: SetupOptions): Promise<number> {
  const steps: Step[] = [
    ...(device === 'cuda' ? cudaSteps : vulkanSteps),
    ...(tfjs ? [tfjsStep] : []),
    { what: `Compute something on ${device}.`, run: () => compute(device) },
  ];
  for (const [i, { what, run }] of steps.entries()) {
    process.stdout.write(`${i + 1}. ${what}\n`);
    if (!dryRun) process.stdout.write(`   ${await run()}\n`);
  }
  if (dryRun) process.stdout.write('Nothing was done (--dry-run).\n');
  else process.stdout.write(`Ready: npm run experiment -- <config.yaml> --device ${device}\n`);
  return exitCodes.done;
}

const cudaSteps: Step[] = [
  { what: 'Ask the driver for an NVIDIA GPU (nvidia-smi). Changes nothing.', run: findNvidia },
  { what: 'Look for the libraries of CUDA 12 and cuDNN 9. Changes nothing.', run: findCuda },
  {
    what:
      'Run onnxruntime-node’s own postinstall (npm explore onnxruntime-node -- npm run postinstall), which npm ci leaves out here: ' +
      'it downloads the CUDA provider, a large file, into node_modules.',
    run: () => ownScript('onnxruntime-node', 'postinstall', { ONNXRUNTIME_NODE_INSTALL: 'cuda12' }),
  },
];

const tfjsStep: Step = {
  what:
    'Run @tensorflow/tfjs-node-gpu’s own install (npm explore @tensorflow/tfjs-node-gpu -- npm run install): it downloads TensorFlow 2.9.1, ' +
    'which wants CUDA 11.2 and cuDNN 8.1. From then on the device "auto" computes with it.',
  run: () => ownScript('@tensorflow/tfjs-node-gpu', 'install', {}),
};

const vulkanSteps: Step[] = [
  {
    what: 'Look for a Vulkan driver; WebGPU itself is inside onnxruntime-node. Changes nothing.',
    run: findVulkan,
  },
];

const missing = (message: string): UserError => new UserError(message, { exitCode: exitCodes.environment });

async function findNvidia(): Promise<string> {
  if (`${process.platform} ${process.arch}` !== 'linux x64') {
    throw missing(
      `ONNX Runtime brings its CUDA provider for linux x64 only, this is ${process.platform} ${process.arch}. Nothing was changed. Try --device webgpu`,
    );
  }
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const answer = await promisify(execFile)('nvidia-smi', query).catch((error: Error) => error);
  if (!(answer instanceof Error) && answer.stdout.trim() !== '')
    return answer.stdout.trim().replaceAll('\n', '; ');
  throw missing(
    'There is no NVIDIA GPU with a driver here: nvidia-smi does not run or names none. Nothing was changed. ' +
      'Install the driver (Debian: apt-get install nvidia-driver), or try --device webgpu',
  );
}

/** They may also lie where only LD_LIBRARY_PATH leads, so that not finding them is said and no more. */
async function findCuda(): Promise<string> {
  const wanted = ['libcudart.so.12', 'libcublas.so.12', 'libcufft.so.11', 'libcudnn.so.9'];
  const { stdout } = await promisify(execFile)('/sbin/ldconfig', ['-p']).catch(() => ({ stdout: '' }));
  const absent = wanted.filter((library) => !stdout.includes(library));
  return absent.length === 0
    ? 'all found'
    : `not known to ldconfig: ${absent.join(', ')}. Unless LD_LIBRARY_PATH leads to them, install CUDA 12 and cuDNN 9`;
}

async function findVulkan(): Promise<string> {
  if (process.platform !== 'linux') return 'not needed on this system';
  const named = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  if (named) return `named by the environment: ${named}`;
  const folders = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
  const found = (await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))).flat();
  if (found.length > 0) return found.join(', ');
  throw missing(
    `There is no Vulkan driver here: ${folders.join(', ')} name none. Nothing was changed. ` +
      'Install that of the GPU (Debian: apt-get install nvidia-driver, or mesa-vulkan-drivers for AMD and Intel)',
  );
}

/** Runs a package's install script as npm would, were scripts allowed; what it says goes to stderr. */
async function ownScript(name: string, script: string, variables: Record<string, string>): Promise<string> {
  const child = spawn('npm', ['explore', name, '--', 'npm', 'run', script], {
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, ...variables },
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('exit', resolve);
  });
  if (code === 0) return 'done';
  throw missing(`The ${script} script of ${name} failed (exit ${code}); what it said stands above`);
}

async function compute(device: SetupOptions['device']): Promise<string> {
  const pool = createPool(1);
  const folder = await mkdtemp(join(tmpdir(), 'masque-setup-'));
  try {
    const failure = (await pool.run(tryDeviceJob, { device }, folder)).output;
    if (failure === null) return 'it computes';
    // NVIDIA's Vulkan driver loads them even where there is no screen, and where they lack it says no more than that there is no adapter.
    const hint =
      device === 'webgpu' && process.platform === 'linux'
        ? '. NVIDIA’s driver also wants libvulkan1, libegl1, libgl1 and libxext6 (Debian: apt-get install)'
        : '';
    throw missing(`${device} does not compute: ${failure}${hint}`);
  } finally {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
}
