/** What a run takes of the machine, beside what is known to be taken. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { readSystemLoad, watchSystemLoad, writeSystemLoad } from '../../src/records/system-load.ts';

const root = mkdtempSync(join(tmpdir(), 'masque-load-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.runIf(process.platform === 'linux')(
  'the memory and the time of a process that was started are counted, its own children too',
  async () => {
    const work = 'const held = Buffer.alloc(150e6, 1); console.log(1); for (;;) held[0]++;';
    const grandchild = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(work)}], { stdio: ['ignore', 1, 2] })`;
    const child = spawn(process.execPath, ['-e', grandchild], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    await new Promise((ready) => child.stdout.once('data', ready));
    const load = watchSystemLoad(100);
    // One after the other: where this process is held up, samples are still taken in between.
    for (let i = 0; i < 7; i++) await wait(100);
    const samples = load.stop();
    process.kill(-child.pid!, 'SIGKILL');
    expect(samples.length).toBeGreaterThan(1);
    for (const { values } of samples) {
      expect(values.workers_memory_usage_megabytes).toBeGreaterThan(150);
      expect(values.main_memory_usage_megabytes).toBeGreaterThan(20);
      expect(values.system_memory_usage_megabytes).toBeGreaterThan(170);
      for (const share of ['cpu_utilization_percentage', 'system_memory_usage_percentage'] as const)
        expect(values[share]! >= 0 && values[share]! <= 100).toBe(true);
    }
    expect(Math.max(...samples.map(({ values }) => values.run_cpu_utilization_percentage!))).toBeGreaterThan(
      0,
    );
    const times = samples.map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  },
);

test('a long run keeps no more samples than a short one', async () => {
  const load = watchSystemLoad(1);
  await wait(3000);
  const samples = load.stop();
  expect(samples.length).toBeLessThan(1001);
});

test('samples as they were written', async () => {
  const samples = [
    { timestamp: 1_795_000_000_000, values: { cpu_utilization_percentage: 12.5 } },
    {
      timestamp: 1_795_000_010_000,
      values: { cpu_utilization_percentage: 0, main_memory_usage_megabytes: 90.1 },
    },
  ];
  await writeSystemLoad(root, samples);
  expect(await readSystemLoad(root)).toEqual(samples);
  expect(await readSystemLoad(join(root, 'absent'))).toEqual([]);
});
