/**
 * That a killed process loses nothing says little about a power cut: what was written, and the name it was renamed to, must have been synced. The system calls of a
 * run are traced, and every rename to a lasting name is looked at.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { useCompiled } from '../support/compiled.ts';
import { runToy, toyRun } from '../support/toy.ts';

useCompiled(toyRun);
const folder = mkdtempSync(join(tmpdir(), 'masque-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { error, status } = spawnSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
const traces = status === 0;
if (!traces)
  process.stderr.write('skipped: the order of system calls; strace is not here, or may not trace\n');
if (error && process.env['CI'] === 'true') throw new Error('CI must bring strace', { cause: error });

type Call = { name: string; text: string };

/** Calls in the order in which they ended, those that succeeded. */
function callsIn(trace: string): Call[] {
  const begun = new Map<string, string>();
  return trace.split('\n').flatMap((line) => {
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest === undefined) return [];
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(thread!, rest.replace('<unfinished ...>', ''));
      return [];
    }
    const text = rest.replace(/^<\.\.\. \w+ resumed>/, () => begun.get(thread!) ?? '');
    const [, name, result] = /^(\w+)\(.*\) += (-?\d+)/.exec(text) ?? [];
    return name !== undefined && Number(result) >= 0 ? [{ name, text }] : [];
  });
}

/** The file that a call is about, by its open descriptor. */
const fileOf = ({ text }: Call): string => /^\w+\(\d+<([^>]*)>/.exec(text)?.[1] ?? '';
const isWrite = ({ name }: Call): boolean => /^p?write/.test(name);
const isSync = ({ name }: Call): boolean => name === 'fsync' || name === 'fdatasync';

test.skipIf(!traces)('everything is synced before it is renamed, and its folder after', async () => {
  const results = join(folder, 'results');
  const output = join(folder, 'trace');
  const traced = 'trace=write,pwrite64,pwritev,writev,fsync,fdatasync,rename,renameat,renameat2';
  const under = ['strace', '-f', '-y', '-s', '400', '-e', traced, '-o', output];
  expect(await runToy(results, { items: 4 }, { under })).toMatchObject({ code: 0 });
  const calls = callsIn(readFileSync(output, 'utf8'));
  const renames = calls.flatMap((call, i) => {
    const [, from, to] =
      /^rename\w*\((?:AT_FDCWD(?:<[^>]*>)?, )?"([^"]*)", (?:AT_FDCWD(?:<[^>]*>)?, )?"([^"]*)"/.exec(
        call.text,
      ) ?? [];
    // The lock lasts no longer than its process.
    return from === undefined || !to!.startsWith(results) || to!.endsWith('/lock')
      ? []
      : [{ i, from, to: to! }];
  });
  expect(renames).toHaveLength(2 * 4 + 2); // an entry a job, and two files of the run
  for (const { i, from, to } of renames) {
    const isPart = (call: Call): boolean => fileOf(call) === from || fileOf(call).startsWith(`${from}/`);
    const before = calls.slice(0, i);
    const written = new Set(before.filter((call) => isWrite(call) && isPart(call)).map(fileOf));
    expect(written.size, to).toBeGreaterThan(0);
    for (const path of written) {
      const last = before.findLastIndex((call) => isWrite(call) && fileOf(call) === path);
      expect(
        before.slice(last).some((call) => isSync(call) && fileOf(call) === path),
        `${path} before its rename`,
      ).toBe(true);
    }
    const after = calls.slice(i).some((call) => isSync(call) && fileOf(call) === dirname(to));
    expect(after, `the folder of ${to}`).toBe(true);
  }
  // A journal line is on the disk before the next is written.
  const journal = calls
    .filter((call) => fileOf(call).endsWith('journal.jsonl'))
    .map((call) => (isSync(call) ? 'sync' : 'write'));
  expect(journal.length).toBeGreaterThan(4);
  expect(journal).toEqual(journal.map((_, i) => (i % 2 === 0 ? 'write' : 'sync')));
});
