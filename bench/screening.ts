/**
 * The HTTP door of screening under load, in a process of its own, with its database and its vault, over an analysis that takes a second a file: what uploads cost while a hundred files wait, and what
 * 200 connections at once do to its memory and to others. Latencies are of an open-loop sender: a request is due at its time, whether the ones before it have been
 * answered or not, and its wait counts from then; who waits for answers before asking again does not see a stall.
 */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import type { Part } from './bench.ts';

const require = createRequire(import.meta.url);
const project = resolve(import.meta.dirname, '..');
const key = 'the key of a bench, of more than 32 characters';
const clipBytes = 1_000_000;
const connections = 200;

export const screening: Part = async ({ rounds }) => {
  const folder = mkdtempSync(join(tmpdir(), 'masque-bench-'));
  const door = await start(folder);
  try {
    const seconds = 4 * rounds;
    await Promise.all(Array.from({ length: 100 }, () => upload(door.address)));
    const waiting = await waitingAt(door.address);
    const uploads = await openLoop(5, seconds, () => upload(door.address));
    const idle = await openLoop(20, seconds, () => health(door.address));
    const rssBefore = peakRssMb(door.child.pid!);

    const body = join(folder, 'body');
    writeFileSync(body, multipart(0));
    const ran = processorSeconds(door.child.pid!);
    const from = performance.now();
    const flood = autocannon([
      '-d',
      String(seconds),
      '-m',
      'POST',
      '-i',
      body,
      '-H',
      `Content-Type: ${multipartType}`,
      `${door.address}/v1/media`,
    ]);
    const [loaded, others] = await Promise.all([
      openLoop(20, seconds, () => health(door.address)),
      openLoop(2, seconds, () => upload(door.address)),
      flood,
    ]);
    const lists = autocannon(['-d', String(seconds), `${door.address}/v1/media?size=100`]);
    const [listed] = await Promise.all([openLoop(20, seconds, () => health(door.address)), lists]);
    const cores = (processorSeconds(door.child.pid!) - ran) / ((performance.now() - from) / 1000);
    return {
      ratios: {},
      waiting,
      uploadMs: quantiles(uploads, 0.95),
      healthMs: {
        idle: quantiles(idle, 0.99),
        uploads: quantiles(loaded, 0.99),
        lists: quantiles(listed, 0.99),
      },
      answers: { flood: await flood, lists: await lists, others: tally(others) },
      refusedWithoutRetryAfter: others.filter(
        ({ status, retryAfter }) => (status === 429 || status === 503) && !retryAfter,
      ).length,
      serviceCores: cores,
      peakRssMb: { before: rssBefore, after: peakRssMb(door.child.pid!) },
      waitingAfter: await waitingAt(door.address),
      lived: door.child.exitCode === null,
      notes: [
        `${connections} connections, uploads of ${clipBytes / 1e6} MB, ${seconds} s each; load average ${loadavg()[0]!.toFixed(1)} at the end`,
      ],
    };
  } finally {
    door.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
};

async function start(folder: string): Promise<{ child: ChildProcess; address: string }> {
  const child = fork(join(project, 'bench/screening-door.mjs'), [folder], {
    cwd: project,
    env: { ...process.env, MASQUE_API_KEY: key },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let told = '';
    child.on('exit', () => reject(new Error(`the service ended: ${told}`)));
    child.stderr!.on('data', (chunk: Buffer) => {
      if (told.length < 10_000) told += chunk.toString();
      const [, found] = /listening at (\S+)\n/.exec(told) ?? [];
      if (found) resolve(found);
    });
  });
  return { child, address };
}

type Answered = { status: number; retryAfter: boolean };
type Sample = Answered & { ms: number };

/** `perSecond` requests for so many seconds, each at its time; status 0: the connection ended without an answer. */
async function openLoop(perSecond: number, seconds: number, ask: () => Promise<Answered>): Promise<Sample[]> {
  const begun = performance.now() + 100;
  const one = async (i: number): Promise<Sample> => {
    const due = begun + (1000 * i) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    const answered = await ask().catch(() => ({ status: 0, retryAfter: false }));
    return { ...answered, ms: performance.now() - due };
  };
  return Promise.all(Array.from({ length: perSecond * seconds }, (_, i) => one(i)));
}

/** By a connection of its own each: `fetch` may let a request wait behind another one's body. */
function send(
  address: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
  body: Buffer | string = '',
): Promise<Answered & { text: string }> {
  return new Promise((resolve, reject) => {
    const options = { method, agent: false, headers: { ...headers, 'Content-Length': body.length } };
    const asked = request(address, options, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('error', reject).on('end', () => {
        asked.destroy();
        resolve({ text, status: answer.statusCode!, retryAfter: 'retry-after' in answer.headers });
      });
    });
    asked.on('error', reject).end(body);
  });
}

/** As MP4 begins; the toy analysis finds nothing in what ends in "ca". */
function clip(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(clipBytes);
  bytes.set(Buffer.from('\0\0\0\x10ftypisom\0\0\0\0'));
  new DataView(bytes.buffer).setUint32(100, number);
  bytes.set(Buffer.from('ca'), clipBytes - 2);
  return bytes;
}

let uploaded = 0;
/** Each of other content. */
const upload = (address: string): Promise<Answered> =>
  send(
    `${address}/v1/media`,
    { method: 'POST', headers: { 'X-API-KEY': key, 'Content-Type': multipartType } },
    multipart(++uploaded),
  );
const health = (address: string): Promise<Answered & { text: string }> => send(`${address}/health`);
const waitingAt = async (address: string): Promise<number> =>
  (JSON.parse((await health(address)).text) as { waiting: number }).waiting;

const multipartType = 'multipart/form-data; boundary=cut';
const multipart = (number: number): Buffer =>
  Buffer.concat([
    Buffer.from(
      '--cut\r\nContent-Disposition: form-data; name="file"; filename="clip.mp4"\r\nContent-Type: video/mp4\r\n\r\n',
    ),
    clip(number),
    Buffer.from('\r\n--cut--\r\n'),
  ]);

/** How many answers of each class it got; `errors` are connections that ended without one. */
async function autocannon(args: string[]): Promise<Record<string, number>> {
  const program = require.resolve('autocannon');
  const all = [program, '-j', '-n', '-c', String(connections), '-H', `X-API-KEY: ${key}`, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all, { maxBuffer: 1 << 26 });
  const { errors, timeouts, statusCodeStats } = JSON.parse(stdout) as {
    errors: number;
    timeouts: number;
    statusCodeStats: Record<string, { count: number }>;
  };
  const counts = Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]);
  return { ...(Object.fromEntries(counts) as Record<string, number>), errors, timeouts };
}

const peakRssMb = (pid: number): number =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);

/** Processor time that a process has had; the clock of the kernel ticks a hundred times a second. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function quantiles(samples: Sample[], high: number): Record<string, number> {
  const sorted = samples.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(10 * sorted[Math.ceil(share * sorted.length) - 1]!) / 10;
  const unanswered = samples.filter(({ status }) => status === 0).length;
  return { median: at(0.5), [`p${100 * high}`]: at(high), most: at(1), requests: sorted.length, unanswered };
}

function tally(samples: Sample[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of samples) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
