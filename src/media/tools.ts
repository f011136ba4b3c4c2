/** Which ffmpeg there is, and what it can be shut into. */
import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { exitCodes, UserError } from '../errors.ts';
import { startProgram, textOf, withinTime } from './program.ts';
import { confine, findOnPath, inSandbox, isExecutable, type Sandbox } from './sandbox.ts';

export type MediaTools = {
  ffmpeg: string;
  ffprobe: string;
  origin: 'system' | 'npm';
  version: string;
  sandbox: Sandbox;
  /** Parts of the sandbox that cannot be used, each with its reason. */
  missing: string[];
};

/** How a machine gets the whole sandbox. */
export const sandboxRemedy =
  'Install what is missing (Debian: apt-get install bubblewrap util-linux); in a container, allow user namespaces';

/** The ffmpeg in use, as its first line says: part of every cache key. @throws UserError when there is none. */
export async function ffmpegVersion(): Promise<string> {
  return (await mediaTools()).version;
}

let found: { asked: string; tools: Promise<MediaTools> } | undefined;

/**
 * ffmpeg and ffprobe of one origin: the system's where PATH has both, else those that npm installed; these in any case with `MASQUE_FFMPEG=npm`, so that
 * machines with different systems compute the same. @throws UserError (exit 4; exit 2 on another word).
 */
export function mediaTools(): Promise<MediaTools> {
  const { PATH: path = '', MASQUE_FFMPEG: word = '' } = process.env;
  const asked = `${word}:${path}`;
  if (found?.asked === asked) return found.tools;
  const tools = findTools(path, word);
  found = { asked, tools };
  // What was missing may be there the next time.
  tools.catch(() => {
    if (found?.tools === tools) found = undefined;
  });
  return tools;
}

async function findTools(path: string, word: string): Promise<MediaTools> {
  if (word !== '' && word !== 'npm')
    throw new UserError(`MASQUE_FFMPEG=${word}: expected npm, or nothing for the system's where PATH has it`);
  const [ffmpeg, ffprobe] = ['ffmpeg', 'ffprobe'].map((name) => findOnPath(path, name));
  const tools =
    word === '' && ffmpeg && ffprobe ? { ffmpeg, ffprobe, origin: 'system' as const } : npmTools();
  const { sandbox, missing, result } = await inSandbox(path, (trial) => versionOf(tools.ffmpeg, trial));
  return { ...tools, version: result, sandbox, missing };
}

function npmTools(): Pick<MediaTools, 'ffmpeg' | 'ffprobe' | 'origin'> {
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

async function versionOf(ffmpeg: string, sandbox: Sandbox): Promise<string> {
  const running = await startProgram(...confine(sandbox, ffmpeg, ['-version']));
  const text = textOf(running.stdout, 4096);
  const { code, stderr } = await withinTime(running.ended, running);
  const version = /^ffmpeg version \S+/.exec(await text)?.[0];
  if (code !== 0 || !version)
    throw new UserError(`${ffmpeg} does not run: ${stderr.trim()}`, { exitCode: exitCodes.environment });
  return version;
}
