/** `masque setup-gpu` on a machine without a GPU, and with stand-ins for the driver's tool and for npm, which note that they were called. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cudaProvider } from '../../src/compute/device.ts';
import { exitCodes } from '../../src/errors.ts';

const root = resolve(import.meta.dirname, '../..');
const tools = mkdtempSync(join(tmpdir(), 'masque-tools-'));
const calls = join(tools, 'calls');
afterAll(() => rmSync(tools, { recursive: true, force: true }));
beforeEach(() => rmSync(calls, { force: true }));

const standIn = (name: string, body: string): void =>
  writeFileSync(
    join(tools, name),
    `#!/bin/sh\necho "${name} $* $ONNXRUNTIME_NODE_INSTALL" >> ${calls}\n${body}\n`,
    {
      mode: 0o755,
    },
  );

/** The stand-ins come first. */
function setup(...more: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = ['experiments/masque.mjs', 'setup-gpu', ...more];
  const path = `${tools}:/bin`;
  return new Promise((settle) => {
    execFile(
      process.execPath,
      command,
      { cwd: root, env: { ...process.env, PATH: path } },
      (error, stdout, stderr) => settle({ code: error ? (error.code as number) : 0, stdout, stderr }),
    );
  });
}
const called = (): string[] => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []);

test('without a GPU it says so, exits with 4 and has started nothing', async () => {
  standIn('nvidia-smi', 'exit 9');
  standIn('npm', '');
  const { code, stderr, stdout } = await setup();
  expect(code).toBe(exitCodes.environment);
  expect(stderr).toMatch(/no NVIDIA GPU .*Nothing was changed/);
  expect(stdout.match(/^\d\./gm)).toEqual(['1.']);
  expect(called().map((line) => line.split(' ')[0])).toEqual(['nvidia-smi']);
});

test('a dry run says every step and calls nothing', async () => {
  standIn('nvidia-smi', 'echo "A card, 550.1, 8 GiB"');
  standIn('npm', '');
  const { code, stdout } = await setup('--dry-run', '--tfjs');
  expect(code).toBe(0);
  expect(stdout.match(/^\d\./gm)).toEqual(['1.', '2.', '3.', '4.', '5.']);
  expect(called()).toEqual([]);
});

test.skipIf(existsSync(cudaProvider()))(
  'with a driver the package’s own script runs, told first; what fails ends it',
  async () => {
    standIn('nvidia-smi', 'echo "A card, 550.1, 8 GiB"');
    standIn('npm', 'echo told; exit 0');
    const first = await setup();
    expect(first.stdout).toContain('A card, 550.1, 8 GiB');
    expect(called().at(-1)).toBe('npm explore onnxruntime-node -- npm run postinstall cuda12');
    // The stand-in has fetched nothing, so that the last step finds nothing to compute with.
    expect(first.code).toBe(exitCodes.environment);
    expect(first.stderr).toContain(
      'cuda does not compute: libonnxruntime_providers_cuda.so is not installed',
    );
    standIn('npm', 'exit 7');
    const second = await setup();
    expect(second.code).toBe(exitCodes.environment);
    expect(second.stderr).toContain('The postinstall script of onnxruntime-node failed (exit 7)');
    expect(second.stdout.match(/^\d\./gm)).toEqual(['1.', '2.', '3.']);
  },
);

test('another device is wrong use', async () => {
  const { code, stderr } = await setup('--device', 'vulkan');
  expect(code).toBe(exitCodes.wrongUse);
  expect(stderr).toContain('Choices: "cuda", "webgpu"');
});
