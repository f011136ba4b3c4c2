/**
 * Starts programs from a small process of its own, one for each process of ours. A child begins as a copy of its parent's page tables:
 * from a worker of 300 MB that takes 24 ms and as much again for the pages written next, more than ffmpeg needs for a short clip; from
 * the launcher 2 ms.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes, UserError } from '../errors.ts';
import { isLeftBehind, ownTag } from '../process-tag.ts';

export type Launched = {
  /** File descriptors 0 to 3 of the program: it reads the first and the last, and writes the others. */
  stdio: [stdin: Socket, stdout: Socket, stderr: Socket, extra: Socket];
  /** How the program itself ended; children of its own may live on. */
  exited: Promise<Exit>;
  /** Ends the program and all its children at once. */
  kill(): void;
  /** To be called when nothing is to be ended any more. */
  forget(): void;
};
/** `error`: why it could not be started. */
export type Exit = { code: number | null; signal: string | null; error?: string };

type Launcher = { process: ChildProcess; address: string; waiting: Map<number, (exit: Exit) => void> };

const entry = fileURLToPath(new URL('./launcher-entry.mjs', import.meta.url));
/** Longest path of a socket that every system takes (104 bytes on macOS, with the end). */
const longestAddress = 103;
/** A launcher that has not ended a program so long after it was told to has to go itself. */
const patienceMs = 10_000;
let launcher: Promise<Launcher> | undefined;
let count = 0;

/**
 * Starts `binary` (absolute) with these arguments and this environment, in a process group of its own.
 * @throws UserError (exit 4) when the launcher cannot be started.
 */
export async function launch(binary: string, args: string[], env: Record<string, string>): Promise<Launched> {
  launcher ??= openLauncher();
  const {
    process: child,
    address,
    waiting,
  } = await launcher.catch((cause: unknown) => {
    launcher = undefined;
    throw cause;
  });
  const id = count++;
  const stdio = [0, 1, 2, 3].map(() => connect(address)) as Launched['stdio'];
  // Connections are told apart by their order alone: one that fails leaves none of the others with a place.
  for (const stream of stdio)
    stream.on('error', ({ syscall }: NodeJS.ErrnoException) => {
      if (syscall === 'connect' && child.connected) child.disconnect();
    });
  const exited = new Promise<Exit>((resolve) => {
    child.channel?.ref();
    waiting.set(id, resolve);
  });
  const say = (message: object): void => {
    if (child.connected) child.send(message, () => {});
  };
  say({ id, binary, args, env });
  const kill = (): void => {
    say({ kill: id });
    setTimeout(() => waiting.has(id) && child.kill('SIGKILL'), patienceMs).unref();
  };
  return { stdio, exited, kill, forget: () => say({ forget: id }) };
}

async function openLauncher(): Promise<Launcher> {
  const folder = await makeFolder();
  const address = join(folder, 'socket');
  // In a group of its own: where ours is killed as a whole, it is left to end what it started.
  const child = fork(entry, [address], {
    execArgv: [],
    env: {},
    stdio: ['ignore', 'ignore', 2, 'ipc'],
    detached: true,
  });
  const waiting: Launcher['waiting'] = new Map();
  const end = (id: number, exit: Exit): void => {
    waiting.get(id)?.(exit);
    waiting.delete(id);
    if (waiting.size === 0) child.channel?.unref();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve()).once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? `code ${code}`}`)));
    });
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw new UserError(`the process that starts ffmpeg could not be started: ${(cause as Error).message}`, {
      exitCode: exitCodes.environment,
      cause,
    });
  }
  child.removeAllListeners().on('message', ({ id, ...exit }: Exit & { id: number }) => end(id, exit));
  child.on('error', () => {});
  child.on('exit', () => {
    launcher = undefined;
    rmSync(folder, { recursive: true, force: true });
    for (const id of waiting.keys())
      end(id, { code: null, signal: null, error: 'the process that starts it has ended' });
  });
  child.unref();
  child.channel?.unref();
  return { process: child, address, waiting };
}

const folderName = 'masque-launch-';

/** A folder of its own, where the path of a socket is short enough; those that processes left there that are gone go with them. */
async function makeFolder(): Promise<string> {
  const name = `${folderName}${ownTag()}-`;
  const parent = [tmpdir(), '/tmp'].find(
    (folder) => Buffer.byteLength(join(folder, `${name}XXXXXX`, 'socket')) <= longestAddress,
  );
  try {
    if (parent === undefined) throw new Error('its path is too long for a socket');
    await sweepFolders(parent);
    return await mkdtemp(join(parent, name));
  } catch (cause) {
    throw new UserError(
      `no folder for temporary files in ${tmpdir()}: ${(cause as Error).message}. Set TMPDIR to a folder that can be written and has a short path`,
      { exitCode: exitCodes.environment, cause },
    );
  }
}

async function sweepFolders(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(folderName) && isLeftBehind(name));
  // Another user's may not be removed.
  for (const name of names) await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
}
