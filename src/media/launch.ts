/**
 * Starts programs from a small process of its own, one for each process of ours. A child begins as a copy of its parent's page tables:
 * from a worker of 300 MB that takes 24 ms and as much again for the pages written next, more than ffmpeg needs for a short clip; from
 * the launcher 2 ms.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
let launcher: Promise<Launcher> | undefined;
let count = 0;

/** Starts `binary` (absolute) with these arguments and this environment, in a process group of its own. */
export async function launch(binary: string, args: string[], env: Record<string, string>): Promise<Launched> {
  const { process: child, address, waiting } = await (launcher ??= openLauncher());
  const id = count++;
  const stdio = [0, 1, 2, 3].map(() => connect(address)) as Launched['stdio'];
  const exited = new Promise<Exit>((resolve) => {
    child.channel?.ref();
    waiting.set(id, resolve);
  });
  const say = (message: object): void => {
    if (child.connected) child.send(message, () => {});
  };
  say({ id, binary, args, env });
  return { stdio, exited, kill: () => say({ kill: id }), forget: () => say({ forget: id }) };
}

async function openLauncher(): Promise<Launcher> {
  const address = join(await mkdtemp(join(tmpdir(), 'masque-launch-')), 'socket');
  const child = fork(entry, [address], { execArgv: [], env: {}, stdio: ['ignore', 'ignore', 2, 'ipc'] });
  const waiting: Launcher['waiting'] = new Map();
  const end = (id: number, exit: Exit): void => {
    waiting.get(id)?.(exit);
    waiting.delete(id);
    if (waiting.size === 0) child.channel?.unref();
  };
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve()).once('error', reject);
    child.once('exit', (code) => reject(new Error(`the launcher of ffmpeg ended with code ${code}`)));
  });
  child.removeAllListeners().on('message', ({ id, ...exit }: Exit & { id: number }) => end(id, exit));
  child.on('exit', () => {
    launcher = undefined;
    for (const id of waiting.keys())
      end(id, { code: null, signal: null, error: 'the process that starts it has ended' });
  });
  child.unref();
  child.channel?.unref();
  return { process: child, address, waiting };
}
