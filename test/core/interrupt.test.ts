/** Ctrl-C: no new work, no process left behind, exit 130; the same command then goes on from there. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const results = mkdtempSync(join(tmpdir(), 'masque-interrupt-'));
afterAll(() => rmSync(results, { recursive: true, force: true }));

/** As few people and clips as training needs. */
const few = [
  'identities.train=1',
  'identities.validation=1',
  'identities.test=1',
  'clipsPerIdentity=3',
  'fitClips=1',
  'extraVoices=1',
].flatMap((change) => ['--set', `dataset.${change}`]);

type Watched = { ended: number | null; told: string; pid: number };

/** Runs the smoke experiment and sends the signal as soon as `when` says so of what was told on stderr. */
function runUntil(
  signal: 'SIGINT' | 'SIGTERM',
  when: (told: string) => boolean,
  delayMs = 0,
): Promise<Watched> {
  const command = [
    'experiments/masque.mjs',
    'experiment',
    'configs/smoke.yaml',
    '--results',
    results,
    ...few,
  ];
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const watch = setInterval(() => {
    if (!when(told)) return;
    clearInterval(watch);
    setTimeout(() => child.kill(signal), delayMs);
  }, 50);
  return new Promise((settle) =>
    child.on('exit', (ended) => {
      clearInterval(watch);
      settle({ ended, told, pid: child.pid! });
    }),
  );
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while people are filmed ends with %i', async (signal, code) => {
  const { ended, told, pid } = await runUntil(signal, (text) => text.includes('run smoke'), 3000);
  expect(told).toContain('interrupted; what is finished is kept');
  expect(ended).toBe(code);
  // The group held the workers too; soon nobody is left in it for a signal to find.
  await expect.poll(() => someoneLeft(pid), { timeout: 30_000 }).toBe(false);
});

/** By day a small training goes on from its checkpoint in `test/compute/train-loop.test.ts`; this one is of the real line. */
test.runIf(process.env['MASQUE_TESTS'] === 'night')(
  'interrupted in the middle of a training, the same command goes on from its checkpoint',
  {
    timeout: 600_000,
  },
  async () => {
    const renderers = (): string[] => {
      try {
        const folders = readdirSync(join(results, 'cache', 'checkpoints'));
        return folders.filter((name) => name.startsWith('puppetry-renderer'));
      } catch {
        return [];
      }
    };
    // While it is written, its name begins with a dot.
    const isWhole = (folder: string): boolean =>
      readdirSync(join(results, 'cache', 'checkpoints', folder)).some((name) => !name.startsWith('.'));
    await runUntil('SIGINT', () => renderers().some(isWhole), 500);
    expect(renderers()).toHaveLength(1);
    const goesOn = /renderer: goes on from its checkpoint at step (20|40) of 60/;
    const { told } = await runUntil('SIGINT', (text) => goesOn.test(text) && renderers().length === 0);
    expect(told).toMatch(goesOn);
    expect(renderers()).toEqual([]);
  },
);

function someoneLeft(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}
