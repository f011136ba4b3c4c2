/** What the machine must have before any work starts, and the remedy where it has not: asked by `experiment` at its start and told by `doctor`. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { exitCodes, UserError } from '../src/errors.ts';
import { requireWritable } from '../src/files.ts';
import { mediaTools } from '../src/media/tools.ts';

/** `remedy` stands where something is missing; `needed` means that nothing runs without it. */
export type Finding = { what: string; found: string; needed: boolean; remedy?: string };

/** Files that a run of many clips may hold open at once, with room to spare. */
const openFilesNeeded = 256;
/** `results` of the longest configurations here, and as much again. */
const roomWanted = 4e9;

/** All that can be told within a second; nothing is left behind. */
export async function requirements(results: string): Promise<Finding[]> {
  return [
    node(),
    openFiles(),
    await temporary(),
    await ffmpeg(),
    await writable(results),
    await room(results),
  ];
}

/** Makes the folder of results, when nothing is missing. @throws UserError (exit 4) that names all that is missing, each with its remedy. */
export async function requireMachine(results: string): Promise<void> {
  const missing = (await requirements(results)).filter(({ needed, remedy }) => needed && remedy);
  if (missing.length > 0)
    throw new UserError(
      missing.map(({ what, found, remedy }) => `${what}: ${found}. Remedy: ${remedy}`).join('\n'),
      {
        exitCode: exitCodes.environment,
      },
    );
  await requireWritable(results).catch((cause: unknown) => {
    throw new UserError(
      `${results}: results cannot be written there (${(cause as Error).message}). Choose another folder with --results`,
      { exitCode: exitCodes.environment, cause },
    );
  });
}

const told = (what: string, found: string, remedy: string | false, needed = true): Finding => ({
  what,
  found,
  needed,
  ...(remedy === false ? {} : { remedy }),
});

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  return told('node', found, !enough && 'install Node.js 20.19 or newer');
}

/** Node raises its own limit as far as it may; what Linux says then is what there is. */
function openFiles(): Finding {
  const limits = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : '';
  const [, most] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  if (most === undefined) return told('open files', 'no limit is told here', false);
  const few = Number(most) < openFilesNeeded;
  return told(
    'open files',
    `up to ${most} at once`,
    few && `allow at least ${openFilesNeeded} (ulimit -n 4096)`,
  );
}

async function temporary(): Promise<Finding> {
  const folder = tmpdir();
  try {
    await rmdir(await mkdtemp(join(folder, 'masque-')));
    return told('temporary', folder, false);
  } catch (error) {
    return told('temporary', (error as Error).message, 'set TMPDIR to a folder that can be written');
  }
}

async function ffmpeg(): Promise<Finding> {
  try {
    const { ffmpeg: path, version, origin } = await mediaTools();
    return told('ffmpeg', `${version} (${origin}: ${path})`, false);
  } catch (error) {
    const remedy =
      (error as UserError).exitCode === exitCodes.wrongUse
        ? 'correct or remove the variable'
        : 'install ffmpeg (Debian: apt-get install ffmpeg), or run "npm ci", which brings a copy for common machines';
    return told('ffmpeg', (error as Error).message, remedy);
  }
}

/** The folder itself, or the one above in which it would be made. */
async function writable(results: string): Promise<Finding> {
  const there = nearest(results);
  try {
    await rmdir(await mkdtemp(join(there, '.masque-')));
    return told('results', there === resolve(results) ? there : `${results}, to be made in ${there}`, false);
  } catch (error) {
    // The message names the file that was tried.
    const { code } = error as NodeJS.ErrnoException;
    const found = there === resolve(results) ? 'cannot be written' : `cannot be made in ${there}`;
    return told(
      'results',
      `${code}: '${results}' ${found}`,
      'choose a folder that can be written with --results',
    );
  }
}

async function room(results: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(nearest(results));
    const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
    const little =
      bavail * bsize < roomWanted && 'configs/full-cpu.yaml wants 2 GB; make room, or choose another disk';
    return told('disk', free, little, false);
  } catch (error) {
    return told('disk', (error as Error).message, false, false);
  }
}

function nearest(folder: string): string {
  const path = resolve(folder);
  return existsSync(path) || path === dirname(path) ? path : nearest(dirname(path));
}
