/**
 * Where ffmpeg runs: in bubblewrap, where it finds no network, no other process and no file but the system's programs and its own input and
 * output, and under limits that the kernel keeps. Both are used where they are there and work; a run says in its record where they did not.
 */
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { limits } from './formats.ts';

/** Absolute paths of bubblewrap (`bwrap`) and `prlimit`, as far as they can be used. */
export type Sandbox = { bwrap?: string; prlimit?: string };

/**
 * The result of `run` in all of a sandbox that can be used, and what cannot, with its reason: bubblewrap may be there and of no use, because some
 * systems and most containers give no user namespaces. @throws what `run` throws without any sandbox.
 */
export async function inSandbox<T>(
  path: string,
  run: (sandbox: Sandbox) => Promise<T>,
): Promise<{ sandbox: Sandbox; missing: string[]; result: T }> {
  const names = ['bwrap', 'prlimit'] as const;
  const found = names.map((name) => ({ name, program: findOnPath(path, name) }));
  const missing = found.flatMap(({ name, program }) => (program ? [] : [`${name} is not on PATH`]));
  const there = found.flatMap(({ name, program }): Sandbox[] => (program ? [{ [name]: program }] : []));
  const all: Sandbox = Object.assign({}, ...there);
  // Mostly all of it works, which one start shows.
  const result = await run(all).catch(() => undefined);
  if (result !== undefined) return { sandbox: all, missing, result };
  let sandbox: Sandbox = {};
  for (const part of there) {
    const more = { ...sandbox, ...part };
    const trouble = await run(more).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (trouble === undefined) sandbox = more;
    else missing.push(`${Object.keys(part).join()} does not work here (${trouble})`);
  }
  return { sandbox, missing, result: await run(sandbox) };
}

/**
 * The same start inside the sandbox. Every file that ffmpeg touches stands among its arguments as `file:<absolute path>`: behind `-i` it is read, else
 * written. It finds the files to read there, and the folder of the one it writes.
 */
export function confine(
  { bwrap, prlimit }: Sandbox,
  program: string,
  args: string[],
): [binary: string, args: string[]] {
  const binary = realpathSync(program);
  const command = [
    ...(prlimit ? [prlimit, ...kernelLimits] : []),
    ...(bwrap ? [bwrap, ...isolation, ...filesOf(binary, args), ...sealed, '--'] : []),
    binary,
    ...args,
  ];
  return [command[0]!, command.slice(1)];
}

const kernelLimits = Object.entries({
  as: limits.memoryBytes,
  cpu: limits.cpuSeconds,
  fsize: limits.bytes,
  nofile: 64,
  core: 0,
}).map(([resource, most]) => `--${resource}=${most}`);

/**
 * No `--new-session`: a program starts in a session of its own already (`launcher-entry.mjs`), and stays in its group, which is ended as a whole. No
 * `--clearenv`, which older versions do not know: it is given no variable but ours.
 */
const isolation = [
  '--unshare-all',
  '--die-with-parent',
  '--cap-drop',
  'ALL',
  ...['/usr', '/lib', '/lib64', '/bin', '/etc/alternatives', '/etc/ld.so.cache'].flatMap((folder) => [
    '--ro-bind-try',
    folder,
    folder,
  ]),
  '--dev',
  '/dev',
  '--chdir',
  '/',
];

/** What stands in memory between them can be filled by nobody. */
const sealed = ['--remount-ro', '/dev', '--remount-ro', '/'];

function filesOf(binary: string, args: string[]): string[] {
  const files = args.flatMap((arg, i) =>
    arg.startsWith('file:') ? [{ path: arg.slice('file:'.length), isRead: args[i - 1] === '-i' }] : [],
  );
  const reads = [binary, ...files.filter(({ isRead }) => isRead).map(({ path }) => path)];
  const writes = files.filter(({ isRead }) => !isRead).map(({ path }) => dirname(path));
  return [
    ...writes.flatMap((folder) => ['--bind', folder, folder]),
    ...reads.flatMap((file) => ['--ro-bind', file, file]),
  ];
}

/** The first executable file of this name in the absolute folders of `path`. */
export function findOnPath(path: string, name: string): string | undefined {
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
