/** What ffmpeg's way of ending means. */
import { exitCodes, ItemError, UserError } from '../errors.ts';
import { limits } from './formats.ts';
import type { Ending } from './program.ts';

const causes: [RegExp, `E_${string}`, string][] = [
  [
    /not on whitelist|Not detecting m3u8/i,
    'E_FORMAT_NOT_ALLOWED',
    'its content is not what its name says, or a kind of file that is not read',
  ],
  [
    /exceeds specified max pixel count|Picture size .* is invalid/i,
    'E_MEDIA_TOO_LARGE',
    'its picture has more pixels than allowed',
  ],
  [
    /Cannot allocate memory|killed by SIGKILL|killed by SIGXCPU/i,
    'E_MEDIA_TOO_LARGE',
    `it takes more memory (${limits.memoryBytes} bytes) or processor time (${limits.cpuSeconds} s) than allowed`,
  ],
  [
    /File too large|killed by SIGXFSZ/i,
    'E_MEDIA_TOO_LARGE',
    `what is made of it has more bytes than allowed (${limits.bytes})`,
  ],
  [/matches no streams/i, 'E_STREAM_MISSING', 'it has no such stream'],
  [
    /moov atom not found|ended prematurely|partial file|Read error|truncated|corrupt|damaged|missing picture|invalid residual|: End of file/i,
    'E_MEDIA_TRUNCATED',
    'the file is cut short or damaged',
  ],
];

/**
 * Throws unless ffmpeg ended with code 0 and said nothing at level `error`.
 * @throws ItemError naming `path` and the cause; UserError (exit 4) E_DISK_FULL.
 */
export function requireSuccess(path: string, { code, stderr }: Ending): void {
  if (code === 0 && stderr.trim() === '') return;
  const said =
    stderr
      .trim()
      .replaceAll(/ @ 0x[0-9a-f]+/g, '')
      .split('\n')
      .slice(0, 2)
      .join('; ') || `exit code ${code}`;
  // Of Matroska ffmpeg ends with code 0 on a full disk. Bubblewrap says it too, of namespaces.
  if (/^(?!bwrap: )[^]*(No space left on device|Disk quota exceeded)/i.test(stderr))
    throw new UserError(
      `E_DISK_FULL ${path}: there is no room to write it (${said}). Make room, and the same command goes on`,
      { exitCode: exitCodes.environment },
    );
  if (/^bwrap: |could not be started/.test(stderr))
    throw new UserError(`${path}: ${said}`, { exitCode: exitCodes.environment });
  const [, errorCode, meaning] = causes.find(([pattern]) => pattern.test(stderr)) ?? [
    undefined,
    'E_MEDIA_UNREADABLE' as const,
    'it cannot be decoded',
  ];
  throw new ItemError(errorCode, `${path}: ${meaning} (${said})`);
}
