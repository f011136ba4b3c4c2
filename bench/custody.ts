/**
 * What it costs that a screened file's history can be relied on: 100,000 entries of the audit log verified; and how long a file that is handed in waits for its answer while 100 others wait for their analysis.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openLog, verifyLog } from '../src/records/audit-log.ts';
import { defaultPolicy } from '../src/screening/policy.ts';
import { openService } from '../src/screening/service.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';

const entries = 100_000;
/** Files handed in one after another, each of so many bytes, while `waiting` wait. */
const [handed, bytes, waiting] = [200, 1_000_000, 100];

export const custody: Part = async ({ rounds }) => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-bench-'));
  try {
    const verifying = await verifyingMs(join(folder, 'log.jsonl'), rounds);
    const answers = (await answerMs(join(folder, 'service'))).toSorted((a, b) => a - b);
    return {
      ratios: {},
      verify100kMs: {
        wall: median(verifying.map(({ wall }) => wall)),
        processor: median(verifying.map(({ processor }) => processor)),
      },
      answerMs: {
        median: median(answers),
        p95: answers[Math.floor(0.95 * answers.length)],
        most: answers.at(-1),
      },
      notes: [
        `custody: ${entries} entries verified, ${rounds} times; ${handed} files of ${bytes} bytes handed in while ${waiting} wait; no peer`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};

type Verifying = { wall: number; processor: number };

async function verifyingMs(path: string, rounds: number): Promise<Verifying[]> {
  const log = await openLog(path);
  const entry = (): { at: string; what: string } & Record<string, unknown> => ({
    at: new Date().toISOString(),
    what: 'verdict',
    sha256: randomBytes(32).toString('hex'),
    requestId: randomUUID(),
    bundle: 'bundle-1',
    status: 'NO_SIGNS_FOUND',
  });
  for (let i = 0; i < entries; i += 1000) await log.append(Array.from({ length: 1000 }, entry));
  await log.close();
  const times: Verifying[] = [];
  for (let round = 0; round < rounds; round++) {
    const [before, used] = [performance.now(), process.cpuUsage()];
    const found = await verifyLog(path, log.head);
    const { user, system } = process.cpuUsage(used);
    times.push({ wall: performance.now() - before, processor: (user + system) / 1000 });
    if (!('number' in found) || found.number !== entries) throw new Error('the log does not hold');
  }
  return times;
}

async function answerMs(folder: string): Promise<number[]> {
  const service = await openService({
    folder,
    analyse: () => new Promise(() => {}),
    policy: defaultPolicy,
    bundle: 'bench',
    parallel: 2,
    mostWaiting: 1000,
  });
  const hand = async (): Promise<number> => {
    const path = join(service.incoming, `${randomUUID()}.mp4`);
    await writeFile(path, randomBytes(bytes));
    const before = performance.now();
    await service.submit({ name: 'x', source: 'bench', submitter: 'bench', path });
    return performance.now() - before;
  };
  for (let i = 0; i < waiting; i++) await hand();
  const times: number[] = [];
  for (let i = 0; i < handed; i++) times.push(await hand());
  await service.close();
  return times;
}
