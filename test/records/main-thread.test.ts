import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { nextTurn } from '../../src/pipeline/turn.ts';
import { delaysOf, schedulerCpu, watchMainThread } from '../../src/records/main-thread.ts';

/** Computes until the process has used that much processor time. */
function compute(milliseconds: number): void {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= 1000 * milliseconds) return;
  }
}

/** Node tells it from version 23.9 on, Linux always. */
const told = 'threadCpuUsage' in process || process.platform === 'linux';

test('a stretch is the processor time between two turns of the event loop', async () => {
  const watch = watchMainThread();
  for (let i = 0; i < 8; i++) {
    compute(60);
    await nextTurn();
  }
  const pieces = watch.stop().longestStretchMs;
  const second = watchMainThread();
  compute(480);
  await nextTurn();
  const whole = second.stop().longestStretchMs;
  if (!told)
    return expect(pieces).toEqual({ value: null, reason: expect.stringContaining('processor time') });
  expect(pieces.value).toBeGreaterThan(45);
  expect(pieces.value).toBeLessThan(160);
  expect(whole.value).toBeGreaterThan(400);
  expect(whole.value).toBeLessThan(560);
});

test('waiting uses no processor time, but delays what is due', async () => {
  const watch = watchMainThread();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await nextTurn();
  const { longestStretchMs, delayP999Ms, delayMaxMs } = watch.stop();
  expect(delayP999Ms.value).toBeGreaterThan(280);
  expect(delayMaxMs.value).toBeGreaterThan(280);
  if (told) expect(longestStretchMs.value).toBeLessThan(150);
});

test('a late look stands for those that were missed', () => {
  expect(delaysOf(35)).toEqual([35, 25, 15, 5]);
  expect(delaysOf(30)).toEqual([30, 20, 10]);
  expect(delaysOf(0.4)).toEqual([0.4]);
  expect(delaysOf(-0.2)).toEqual([-0.2]);
});

test('a system without statistics of its scheduler does not tell the time, rather than tell 0', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'masque-thread-')), 'schedstat');
  writeFileSync(path, '0 0 0\n');
  const reason = 'neither Node nor this system tells the processor time of one thread';
  expect(schedulerCpu(path)).toMatchObject({ reason });
  expect(schedulerCpu(`${path}-absent`)).toMatchObject({ reason });
  writeFileSync(path, '2500000 7 3\n');
  const cpu = schedulerCpu(path);
  expect(cpu.readMs?.()).toBe(2.5);
  cpu.close();
  rmSync(dirname(path), { recursive: true });
});

test('TensorFlow.js in the process is noticed, however it came in', async () => {
  const seen = async (before: string): Promise<string> => {
    const script = `import { register } from 'tsx/esm/api'; register(); ${before}
      const { watchMainThread } = await import('./src/records/main-thread.ts');
      console.log(watchMainThread().stop().loadedTensorFlow);`;
    const args = ['--input-type=module', '-e', script];
    return (await promisify(execFile)(process.execPath, args, { cwd: process.cwd() })).stdout.trim();
  };
  expect(await seen('')).toBe('false');
  expect(await seen(`await import('@tensorflow/tfjs');`)).toBe('true');
  expect(
    await seen(`(await import('node:module')).createRequire(process.cwd() + '/x')('@tensorflow/tfjs-core');`),
  ).toBe('true');
});
