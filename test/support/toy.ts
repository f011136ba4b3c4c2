/** Starts the toy run (`toy-run.ts`, compiled by `useCompiled(toyRun)`) in a process group of its own, and looks at what it has left. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { compiledPath } from './compiled.ts';

export const toyRun = 'test/support/toy-run.ts';

export type Ended = { code: number | null; signal: NodeJS.Signals | null; told: string };
export type Toy = { pid: number; ended: Promise<Ended>; kill(signal: NodeJS.Signals): void };

/** `environment` is added to its variables; `under` is a program that starts it, with its arguments. */
export function startToy(
  results: string,
  args: Record<string, number> = {},
  { environment = {}, under = [] }: { environment?: Record<string, string>; under?: string[] } = {},
): Toy {
  const options = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const command = [process.execPath, compiledPath(toyRun), results, ...options];
  const [program, ...rest] = [...under, ...command];
  const child = spawn(program!, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { ...process.env, ...environment },
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  return {
    pid: child.pid!,
    ended: new Promise((settle, fail) => {
      child.on('error', fail);
      child.on('exit', (code, signal) => settle({ code, signal, told }));
    }),
    kill: (signal) => signalGroup(child.pid!, signal),
  };
}

export const runToy = (...of: Parameters<typeof startToy>): Promise<Ended> => startToy(...of).ended;

/** Sends a signal to all who are left in a process group; whether anybody was. Signal 0 only asks. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** Waits until nobody is left in the group. */
export const groupGone = (group: number): Promise<void> =>
  expect.poll(() => signalGroup(group, 0), { timeout: 60_000 }).toBe(false);

/** SHA-256 of what the run found. */
export function digestOf(results: string): string {
  return createHash('sha256')
    .update(readFileSync(join(results, 'runs', 'toy', 'scores.json')))
    .digest('hex');
}

/** Every path below the results that only a run under way may have. */
export function strays(results: string): string[] {
  const all = readdirSync(results, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => /\.tmp$|(^|\/)lock(\/|$)|^cache\/(tmp|checkpoints)\/./.test(path));
}

/** How often jobs ran, and how many there were. */
export function diaryOf(results: string): { ran: number; jobs: number } {
  const path = join(results, 'ran.log');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  return { ran: lines.length, jobs: new Set(lines).size };
}
