/**
 * The one module that starts ffmpeg and ffprobe. Every file it is given counts as hostile: no shell, an absolute binary,
 * white lists of protocols and of the one demuxer that the file's name calls for, a pixel limit, an empty environment, a
 * sandbox where there is one (`sandbox.ts`), a process group of its own that is killed when it hangs. Success is shown, not assumed: ffmpeg exits 0 on damaged input and
 * on some full disks, so anything it says at level `error` is a failure.
 */
import fluent from 'fluent-ffmpeg';
import { type InputFile, limits } from './formats.ts';
import { type Ending, type Running, stallSeconds, startProgram, textOf, withinTime } from './program.ts';
import { confine } from './sandbox.ts';
import { mediaTools } from './tools.ts';

export type Command = fluent.FfmpegCommand;

/** Two lines a second of what it does, for hours. */
const progressLimitBytes = 16 * 2 ** 20;
const always = ['-nostdin', '-hide_banner', '-v', 'error'];

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
  return start('ffmpeg', [...always, '-filter_threads', '1', ...command._getArguments()], signal);
}

/** Runs a command that neither reads nor writes a pipe, for as long as it says that it moves, and says how it ended. */
export async function runFfmpeg(command: Command): Promise<Ending> {
  const progress = ['-progress', 'pipe:1', '-filter_threads', '1'];
  const running = await start('ffmpeg', [...always, ...progress, ...command._getArguments()]);
  running.stdin.end();
  const steps = (running.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  for (let size = 0; ; ) {
    const { done, value } = await withinTime(steps.next(), running);
    if (done) break;
    size += (value as Buffer).length;
    if (size > progressLimitBytes) running.kill(`says more than ${progressLimitBytes} bytes of its progress`);
  }
  return withinTime(running.ended, running);
}

/** What ffprobe says of a file, at most `outputLimit` bytes, and how it ended. */
export async function runFfprobe(
  { path, demuxer }: InputFile,
  args: string[],
): Promise<Ending & { stdout: string }> {
  const quiet = always.filter((option) => option !== '-nostdin');
  const input = [...guards(demuxer), '-threads', '1', ...args, '-i', `file:${path}`];
  const running = await start('ffprobe', [...quiet, ...input]);
  running.stdin.end();
  const stdout = textOf(running.stdout, 1 << 20);
  const ending = await withinTime(running.ended, running, 10 * stallSeconds);
  return { ...ending, stdout: await stdout };
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

async function start(name: 'ffmpeg' | 'ffprobe', args: string[], signal?: AbortSignal): Promise<Running> {
  const { sandbox, ...tools } = await mediaTools();
  return startProgram(...confine(sandbox, tools[name], args), signal);
}
