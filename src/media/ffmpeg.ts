/**
 * The one module that starts ffmpeg and ffprobe. Every file it is given counts as hostile: no shell, an absolute binary,
 * white lists of protocols and of the one demuxer that the file's name calls for, a pixel limit, an empty environment, a
 * process group of its own that is killed when it hangs. Success is shown, not assumed: ffmpeg exits 0 on damaged input and
 * on some full disks, so anything it says at level `error` is a failure.
 */
import { accessSync, chmodSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import fluent from 'fluent-ffmpeg';
import { exitCodes, UserError } from '../errors.ts';
import { type InputFile, limits } from './formats.ts';
import { launch } from './launch.ts';

export type Command = fluent.FfmpegCommand;
export type MediaTools = {
  ffmpeg: string;
  ffprobe: string;
  origin: 'system' | 'npm';
  version: string;
};
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
const always = ['-nostdin', '-hide_banner', '-v', 'error'];
const environment = { OPENBLAS_NUM_THREADS: '1' };

/** A new command. Arguments are built by fluent-ffmpeg; `startFfmpeg` runs them. */
export function command(): Command {
  return fluent();
}

/** Adds a file as the command's next input, behind its white lists. One thread, so that the output never depends on the machine. */
export function addInput(to: Command, { path, demuxer }: InputFile): Command {
  return to.input(`file:${path}`).inputOptions('-xerror', ...guards(demuxer), '-threads', '1');
}

/**
 * Starts a command. fluent-ffmpeg would run it too, but asks ffmpeg for its formats and encoders first (about 0.6 s, more
 * than encoding a short clip takes), keeps its own hands on stdin, and cannot be told about process groups or an
 * environment. So it builds the arguments and we start the process.
 */
export async function startFfmpeg(command: Command, signal?: AbortSignal): Promise<Running> {
  const { ffmpeg } = await mediaTools();
  return start(ffmpeg, [...always, '-filter_threads', '1', ...command._getArguments()], signal);
}

/** Runs a command that neither reads nor writes a pipe, for as long as it says that it moves, and says how it ended. */
export async function runFfmpeg(command: Command): Promise<Ending> {
  const { ffmpeg } = await mediaTools();
  const arguments_ = [...always, '-progress', 'pipe:1', '-filter_threads', '1', ...command._getArguments()];
  const running = await start(ffmpeg, arguments_);
  running.stdin.end();
  const steps = (running.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  while (!(await withinTime(steps.next(), running)).done);
  return withinTime(running.ended, running);
}

/** What ffprobe says of a file, at most `outputLimit` bytes, and how it ended. */
export async function runFfprobe(
  { path, demuxer }: InputFile,
  args: string[],
): Promise<Ending & { stdout: string }> {
  const { ffprobe } = await mediaTools();
  const quiet = always.filter((option) => option !== '-nostdin');
  const running = await start(ffprobe, [...quiet, ...guards(demuxer), ...args, `file:${path}`]);
  running.stdin.end();
  const stdout = textOf(running.stdout, 1 << 20);
  const ending = await withinTime(running.ended, running, 10 * stallSeconds);
  return { ...ending, stdout: await stdout };
}

/** The ffmpeg in use, as its first line says: part of every cache key. @throws UserError when there is none. */
export async function ffmpegVersion(): Promise<string> {
  return (await mediaTools()).version;
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

function guards(demuxer: string): string[] {
  return [
    '-protocol_whitelist',
    'file,pipe',
    '-format_whitelist',
    demuxer,
    '-max_pixels',
    String(limits.videoPixels),
  ];
}

async function start(binary: string, args: string[], signal?: AbortSignal): Promise<Running> {
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
    program.forget();
    stdin.destroy();
    sound.destroy();
    return { code, stderr: text || reason || (killedBy ? `killed by ${killedBy}` : '') };
  });
  // A process that ends early breaks its pipes; how it ended says more than EPIPE does.
  for (const stream of program.stdio) stream.on('error', () => {});
  return { stdin, sound, stdout, ended, kill };
}

/** The first `limit` bytes; the rest is read and dropped, so that the writer never blocks. */
async function textOf(stream: Readable, limit: number): Promise<string> {
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

let found: { path: string; tools: Promise<MediaTools> } | undefined;

/** ffmpeg and ffprobe of one origin: the system's where PATH has both, else those that npm installed. @throws UserError (exit 4). */
export function mediaTools(): Promise<MediaTools> {
  const path = process.env['PATH'] ?? '';
  if (found?.path !== path) found = { path, tools: findTools(path) };
  return found.tools;
}

async function findTools(path: string): Promise<MediaTools> {
  const folders = path.split(delimiter).filter(isAbsolute);
  const [ffmpeg, ffprobe] = ['ffmpeg', 'ffprobe'].map((name) =>
    folders.map((folder) => join(folder, name)).find(isExecutable),
  );
  const tools = ffmpeg && ffprobe ? { ffmpeg, ffprobe, origin: 'system' as const } : npmTools();
  return { ...tools, version: await versionOf(tools.ffmpeg) };
}

function npmTools(): Omit<MediaTools, 'version'> {
  const require = createRequire(import.meta.url);
  const [ffmpeg, ffprobe] = ['@ffmpeg-installer/ffmpeg', '@ffprobe-installer/ffprobe'].map((name) => {
    try {
      const { path } = require(name) as { path: string };
      // Its install script would do this, but no dependency's script is run.
      if (!isExecutable(path)) chmodSync(path, 0o755);
      return path;
    } catch (cause) {
      throw new UserError(
        `ffmpeg: neither on PATH nor usable from ${name}. Install it (Debian: apt install ffmpeg), or run npm ci`,
        { exitCode: exitCodes.environment, cause },
      );
    }
  }) as [string, string];
  return { ffmpeg, ffprobe, origin: 'npm' };
}

async function versionOf(ffmpeg: string): Promise<string> {
  const running = await start(ffmpeg, ['-version']);
  const text = textOf(running.stdout, 4096);
  const { code, stderr } = await withinTime(running.ended, running);
  const version = /^ffmpeg version \S+/.exec(await text)?.[0];
  if (code !== 0 || !version)
    throw new UserError(`${ffmpeg} does not run: ${stderr.trim()}`, { exitCode: exitCodes.environment });
  return version;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
