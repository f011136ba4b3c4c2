/**
 * What a run takes of the machine while it works, sampled by time: `system.csv` in its folder, and MLflow's system metrics. The columns have MLflow's names
 * where MLflow knows such a figure (`mlflow/system_metrics/metrics/cpu_monitor.py`), and the same units: percent of all processor threads, MB of 10⁶ bytes.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { atomicWrite } from '../files.ts';
import { formatCsv, parseCsv } from './csv.ts';

/** The first three are of the whole machine, the others of the run's own processes: the main one, and all that it has started. */
const columns = [
  'cpu_utilization_percentage',
  'system_memory_usage_megabytes',
  'system_memory_usage_percentage',
  'run_cpu_utilization_percentage',
  'main_memory_usage_megabytes',
  'workers_memory_usage_megabytes',
] as const;
type Column = (typeof columns)[number];
/** `timestamp`: ms since 1970. A figure that this system does not tell is absent. */
export type LoadSample = { timestamp: number; values: Partial<Record<Column, number>> };

/** As often as MLflow samples. */
const intervalMs = 10_000;
/** A longer run is sampled less often, so that what is kept does not grow with it. */
const mostSamples = 1000;
/** A last sample that follows the one before at once would measure nothing. */
const leastMs = 200;

/** Starts sampling. `stop` takes a last sample and gives all of them. A sample takes a fraction of a millisecond. */
export function watchSystemLoad(everyMs = intervalMs): { stop(): LoadSample[] } {
  let samples: LoadSample[] = [];
  let before = readTicks();
  const sample = (): void => {
    const now = readTicks();
    samples.push({ timestamp: Date.now(), values: valuesOf(before, now) });
    before = now;
    if (samples.length < mostSamples) return;
    samples = samples.filter((_, i) => i % 2 === 1);
    clearInterval(timer);
    everyMs *= 2;
    timer = setInterval(sample, everyMs).unref();
  };
  let timer = setInterval(sample, everyMs).unref();
  return {
    stop() {
      clearInterval(timer);
      if (performance.now() - before.atMs >= leastMs) sample();
      return samples;
    },
  };
}

export async function writeSystemLoad(folder: string, samples: readonly LoadSample[]): Promise<void> {
  const rows = samples.map(({ timestamp, values }) => [
    String(timestamp),
    ...columns.map((column) => String(values[column] ?? '')),
  ]);
  await atomicWrite(join(folder, 'system.csv'), formatCsv([['timestamp', ...columns], ...rows]));
}

/** The samples of a run; none where there is no such file. */
export async function readSystemLoad(folder: string): Promise<LoadSample[]> {
  const path = join(folder, 'system.csv');
  const text = await readFile(path, 'utf8').catch(() => '');
  const [header, ...rows] = parseCsv(text, path).map(({ fields }) => fields);
  return rows.map((fields) => {
    const read = columns.map((column) => [column, fields[header!.indexOf(column)]] as const);
    const told = read.flatMap(([column, field]) => (field ? [[column, Number(field)]] : []));
    return { timestamp: Number(fields[0]), values: Object.fromEntries(told) };
  });
}

/** Times since some moment, to be subtracted. `own` of the run's processes, where this system tells, otherwise of the main one alone. */
type Ticks = {
  atMs: number;
  busyMs: number;
  allMs: number;
  ownMs: number;
  mainBytes: number;
  workerBytes?: number;
};

function readTicks(): Ticks {
  const times = cpus().map(({ times: each }) => each);
  const allMs = times.reduce(
    (sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq,
    0,
  );
  const { user, system } = process.cpuUsage();
  const workers = startedBy(process.pid);
  return {
    atMs: performance.now(),
    allMs,
    busyMs: allMs - times.reduce((sum, { idle }) => sum + idle, 0),
    ownMs: workers ? cpuMsOf(process.pid) + workers.cpuMs : (user + system) / 1000,
    mainBytes: process.memoryUsage.rss(),
    ...(workers ? { workerBytes: workers.bytes } : {}),
  };
}

function valuesOf(before: Ticks, now: Ticks): LoadSample['values'] {
  const used = totalmem() - freemem();
  const allMs = now.allMs - before.allMs;
  const share = (ms: number): number => rounded(Math.min(100, Math.max(0, (100 * ms) / allMs)));
  return {
    ...(allMs > 0
      ? {
          cpu_utilization_percentage: share(now.busyMs - before.busyMs),
          run_cpu_utilization_percentage: share(now.ownMs - before.ownMs),
        }
      : {}),
    system_memory_usage_megabytes: rounded(used / 1e6),
    system_memory_usage_percentage: rounded((100 * used) / totalmem()),
    main_memory_usage_megabytes: rounded(now.mainBytes / 1e6),
    ...(now.workerBytes === undefined
      ? {}
      : { workers_memory_usage_megabytes: rounded(now.workerBytes / 1e6) }),
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Linux counts processor time in hundredths of a second (`proc(5)`). */
const msPerTick = 10;

type Taken = { cpuMs: number; bytes: number };

/** What the processes that `pid` started, and those that they started, take together; undefined where there is no Linux to tell, or `pid` is gone. */
function startedBy(pid: number): Taken | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
    const all = { cpuMs: 0, bytes: 0 };
    for (const child of children.map(Number)) {
      const own = takenBy(child);
      const more = startedBy(child);
      all.cpuMs += (own?.cpuMs ?? 0) + (more?.cpuMs ?? 0);
      all.bytes += (own?.bytes ?? 0) + (more?.bytes ?? 0);
    }
    return all;
  } catch {
    return undefined;
  }
}

function takenBy(pid: number): Taken | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return { cpuMs: cpuMsOf(pid), bytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** In user and kernel mode, of the process itself and of those that it started and that have ended. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * msPerTick, 0);
}
