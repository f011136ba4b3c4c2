/** One run of a program: its pipes, how it ends, and that it ends. */
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { launch } from './launch.ts';

export type Ending = { code: number | null; stderr: string };
export type Running = {
  /** What ffmpeg reads as `pipe:0`. */
  stdin: Writable;
  /** What ffmpeg reads as `pipe:3`. */
  sound: Writable;
  stdout: Readable;
  /** Resolves when the process is gone, however it went. */
  ended: Promise<Ending>;
  /** Ends the process and its children at once; `why` stands in `stderr` if it said nothing itself. */
  kill(why?: string): void;
};

/** ffmpeg moves or is killed: the longest it may take over one step of its work (a frame, a piece of sound, the end). */
export const stallSeconds = 60;
const stderrLimitBytes = 8192;
/** All that a program is told of where it runs. OpenBLAS, which a library of ffmpeg's loads, would otherwise take memory for every core. */
const environment = { OPENBLAS_NUM_THREADS: '1' };

/** Starts `binary` (absolute). @throws UserError (exit 4) when nothing can be started. */
export async function startProgram(binary: string, args: string[], signal?: AbortSignal): Promise<Running> {
  signal?.throwIfAborted();
  const program = await launch(binary, args, environment);
  const [stdin, stdout, stderr, sound] = program.stdio;
  let reason = '';
  let gone = false;
  const kill = (why = ''): void => {
    reason ||= why;
    if (!gone) program.kill();
  };
  const abort = (): void => kill('stopped');
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const said = textOf(stderr, stderrLimitBytes);
  const ended = program.exited.then(async ({ code, signal: killedBy, error }): Promise<Ending> => {
    // Without the launcher nobody else ends what it started: it goes when its pipes do.
    if (error !== undefined) for (const stream of program.stdio) stream.destroy();
    const text = (await said) || (error === undefined ? '' : `${binary} could not be started: ${error}`);
    signal?.removeEventListener('abort', abort);
    gone = true;
    // Children that it left behind go with it.
    program.kill();
    program.forget();
    stdin.destroy();
    sound.destroy();
    const by = killedBy ?? signalOf(code);
    return { code, stderr: text || reason || (by ? `killed by ${by}` : '') };
  });
  // A process that ends early breaks its pipes; how it ended says more than EPIPE does.
  for (const stream of program.stdio) stream.on('error', () => {});
  return { stdin, sound, stdout, ended, kill };
}

/** `promise`, unless it takes longer than `seconds`: then the process is killed, which ends whatever waits for it. */
export async function withinTime<T>(
  promise: Promise<T>,
  running: Running,
  seconds = stallSeconds,
): Promise<T> {
  const timer = setTimeout(() => running.kill(`took longer than ${seconds} s over one step`), seconds * 1000);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** The first `limit` bytes; the rest is read and dropped, so that the writer never blocks. */
export async function textOf(stream: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (size < limit) chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
    }
  } catch {
    // Closed early by a kill: what was said until then stands.
  }
  return Buffer.concat(chunks).toString();
}

/** The signal that ended what a sandbox ran: it ends with 128 more than its number, as a shell does. */
function signalOf(code: number | null): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
}
