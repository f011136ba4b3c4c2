/** Ctrl-C: no new work, no process left behind, exit 130; the same command then goes on from there. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const results = mkdtempSync(join(tmpdir(), 'masque-interrupt-'));
afterAll(() => rmSync(results, { recursive: true, force: true }));

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while people are filmed ends with %i', async (signal, code) => {
  const command = ['experiments/masque.mjs', 'experiment', 'configs/smoke.yaml', '--results', results];
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    if (told.includes('film-person') || told.includes('run smoke'))
      setTimeout(() => child.kill(signal), 3000);
  });
  const ended = await new Promise<number | null>((settle) => child.on('exit', settle));
  expect(told).toContain('interrupted; what is finished is kept');
  expect(ended).toBe(code);
  // The group held the workers too; soon nobody is left in it for a signal to find.
  await expect.poll(() => someoneLeft(child.pid!), { timeout: 5000 }).toBe(false);
});

function someoneLeft(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}
