/**
 * Killed at any moment, the service goes on when it is started again: what it had answered is there, each file is in one state, no byte lies around, the log is whole, and whoever is told of
 * verdicts and decisions was told of each, under one id. Hundreds of kills by night, some by day.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { screeningFailPoints } from '../../src/fail-point.ts';
import { createRng } from '../../src/random.ts';
import { checkService } from '../../src/screening/check.ts';
import type { Event, Media, Quarantined } from '../../src/screening/types.ts';
import { compiledPath, useCompiled } from '../support/compiled.ts';
import { openToy } from '../support/screening.ts';

const program = 'test/support/screening-run.ts';
useCompiled(program);
const night = process.env['MASQUE_TESTS'] === 'night';
const root = mkdtempSync(join(tmpdir(), 'masque-screening-crash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const fresh = (): string => join(mkdtempSync(join(root, 'run-')), 'service');

/** What was told, by the run's folder, and by id. */
const heard = new Map<string, Map<string, Event>>();
const receiver = createServer((request, reply) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const event = JSON.parse(body) as Event;
    const own = heard.get(request.url!) ?? new Map<string, Event>();
    heard.set(request.url!, own.set(event.id, event));
    reply.end();
  });
});
beforeAll(() => new Promise<void>((listening) => void receiver.listen(0, '127.0.0.1', listening)));
afterAll(() => receiver.close().closeAllConnections());
const placeOf = (folder: string): string => `/${basename(dirname(folder))}`;

type Ended = { signal: NodeJS.Signals | null; told: string };

function start(
  folder: string,
  files: number,
  environment: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const webhook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}${placeOf(folder)}`;
  const child = spawn(
    process.execPath,
    [compiledPath(program), folder, '--files', String(files), '--webhook', webhook],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
  );
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
  return {
    child,
    ended: new Promise((settle, fail) => {
      child.on('error', fail);
      child.on('close', (_, signal) => settle({ signal, told }));
    }),
  };
}

async function finish(folder: string, files: number): Promise<void> {
  const { signal, told } = await start(folder, files).ended;
  expect(signal).toBe(null);
  expect(told).toContain('done\n');
}

const statusOf: Record<string, Media['status']> = {
  c: 'NO_SIGNS_FOUND',
  m: 'MANIPULATED',
  s: 'SUSPICIOUS',
  n: 'NOT_APPLICABLE',
  u: 'UNABLE_TO_EVALUATE',
  t: 'UNABLE_TO_EVALUATE',
};
const letterOf = (i: number): string => 'cmsnut'[(2 * Math.floor(i / 3) + Math.min(1, i % 3)) % 6]!;

/** What a run that came to its end has left. Returns how many receipts were given up because the service had ended with them too often. */
async function expectWhole(folder: string, files: number): Promise<number> {
  const checked = await checkService(folder);
  expect(checked.problems).toEqual([]);
  expect(checked.waiting).toBe(0);
  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
  const answers = readFileSync(`${folder}.answers`, 'utf8').trim().split('\n');
  expect(answers.length).toBeGreaterThanOrEqual(files);
  const service = await openToy(folder);
  try {
    for (const answer of answers) {
      const [i, requestId, sha256] = answer.split(' ');
      const media = service.media(requestId!);
      expect(media?.sha256, answer).toBe(sha256);
      const crashed = isGivenUp(media!);
      expect(media!.status, answer).toBe(crashed ? 'UNABLE_TO_EVALUATE' : statusOf[letterOf(Number(i))]);
      const seen = service
        .history(sha256!, { page: 0, size: 10_000 })
        .items.filter((entry) => entry['requestId'] === requestId);
      expect(
        seen.filter(({ what }) => what === 'received'),
        answer,
      ).toHaveLength(1);
    }
    const { items } = service.list({ page: 0, size: 10_000 });
    expectTold(folder, items, service.quarantine({ page: 0, size: 10_000 }).items);
    return items.filter(isGivenUp).length;
  } finally {
    await service.close();
  }
}

/** Of each verdict, and of each decision by every receipt that it was about, there was one event, however often it came. */
function expectTold(folder: string, media: Media[], quarantined: Quarantined[]): void {
  const happened = [
    ...media.map(({ requestId }) => `verdict ${requestId}`),
    ...quarantined.flatMap(({ state, media: own }) =>
      state === 'held' ? [] : own.map(({ requestId }) => `${state} ${requestId}`),
    ),
  ];
  const events = [...heard.get(placeOf(folder))!.values()];
  expect(events.map(({ event, requestId }) => `${event} ${requestId}`).toSorted()).toEqual(
    happened.toSorted(),
  );
}
const isGivenUp = ({ finding }: Media): boolean => finding?.reasons[0]?.code === 'E_WORKER_CRASH';

let tookMs: number;
const files = night ? 60 : 18;
beforeAll(async () => {
  const folder = fresh();
  const before = performance.now();
  await finish(folder, files);
  tookMs = performance.now() - before;
  expect(await expectWhole(folder, files)).toBe(0);
});

test('killed at any time, again and again', { timeout: 3_600_000 }, async () => {
  const kills = night ? 300 : 15;
  const rng = createRng(7, 'kills');
  let [hit, folders, givenUp] = [0, 0, 0];
  for (let folder = fresh(); hit < kills; folder = fresh(), folders++) {
    for (let done = false; !done && hit < kills; ) {
      const { child, ended } = start(folder, files);
      const timer = setTimeout(() => child.kill('SIGKILL'), rng.uniform(0, tookMs));
      const { signal, told } = await ended;
      clearTimeout(timer);
      done = signal === null;
      if (done) expect(told).toContain('done\n');
      else hit++;
    }
    await finish(folder, files);
    givenUp += await expectWhole(folder, files);
  }
  console.log(
    `${hit} kills in ${folders} folders; ${givenUp} receipts given up after five ends of the service`,
  );
});

test.each(screeningFailPoints)('killed at %s', { timeout: 600_000 }, async (point) => {
  const few = 9;
  for (const turn of night ? [1, 2, 3, 5, 8] : [1]) {
    const folder = fresh();
    const { signal } = await start(folder, few, { FAILPOINT: `${point}:${turn}` }).ended;
    // Nobody comes to a rare step so often.
    if (turn > 1 && signal === null) break;
    expect(signal).toBe('SIGKILL');
    await finish(folder, few);
    expect(await expectWhole(folder, few)).toBe(0);
  }
});

test('a file with which the service ends every time is held, and the others go on', async () => {
  const folder = fresh();
  const few = 3;
  for (let i = 0; i < 5; i++) {
    const { signal } = await start(folder, few, { FAILPOINT: 'analysis-ended:1' }).ended;
    expect(signal).toBe('SIGKILL');
  }
  await finish(folder, few);
  // Two are analysed at once, so both are under suspicion.
  expect(await expectWhole(folder, few)).toBeGreaterThan(0);
});
