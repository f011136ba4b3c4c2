/** What ffmpeg's way of ending means. */
import { exitCodes, ItemError, UserError } from '../errors.ts';
import type { Ending } from './ffmpeg.ts';

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
  [/matches no streams/i, 'E_STREAM_MISSING', 'it has no such stream'],
  [
    /moov atom not found|ended prematurely|partial file|Read error|truncated|corrupt|damaged|missing picture|invalid residual|: End of file/i,
    'E_MEDIA_TRUNCATED',
    'the file is cut short or damaged',
  ],
];

/**
 * Throws unless ffmpeg ended with code 0 and said nothing at level `error`.
 * @throws ItemError naming `path` and the cause; UserError (exit 4) when the disk is full.
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
  if (/No space left on device/i.test(stderr))
    throw new UserError(`${path}: the disk is full (${said})`, { exitCode: exitCodes.environment });
  if (/could not be started/.test(stderr))
    throw new UserError(`${path}: ${said}`, { exitCode: exitCodes.environment });
  const [, errorCode, meaning] = causes.find(([pattern]) => pattern.test(stderr)) ?? [
    undefined,
    'E_MEDIA_UNREADABLE' as const,
    'it cannot be decoded',
  ];
  throw new ItemError(errorCode, `${path}: ${meaning} (${said})`);
}
