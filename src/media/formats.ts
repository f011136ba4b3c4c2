/**
 * Which files masque reads, and how large they may be. A file's name decides which one demuxer may read it, so that a
 * playlist or a list of other files under the name of a video is refused before anything in it is followed.
 */
import { access, constants, lstat, realpath } from 'node:fs/promises';
import { extname } from 'node:path';
import { ItemError } from '../errors.ts';

export type Format = { kind: 'video' | 'audio' | 'photo'; demuxer: string };

const mov = 'mov,mp4,m4a,3gp,3g2,mj2';
const formats: Record<string, Format> = {
  '.mp4': { kind: 'video', demuxer: mov },
  '.m4v': { kind: 'video', demuxer: mov },
  '.mov': { kind: 'video', demuxer: mov },
  '.mkv': { kind: 'video', demuxer: 'matroska,webm' },
  '.webm': { kind: 'video', demuxer: 'matroska,webm' },
  '.avi': { kind: 'video', demuxer: 'avi' },
  '.mpg': { kind: 'video', demuxer: 'mpeg,mpegvideo' },
  '.mpeg': { kind: 'video', demuxer: 'mpeg,mpegvideo' },
  '.wav': { kind: 'audio', demuxer: 'wav' },
  '.flac': { kind: 'audio', demuxer: 'flac' },
  '.mp3': { kind: 'audio', demuxer: 'mp3' },
  '.ogg': { kind: 'audio', demuxer: 'ogg' },
  '.m4a': { kind: 'audio', demuxer: mov },
  '.jpg': { kind: 'photo', demuxer: 'jpeg' },
  '.jpeg': { kind: 'photo', demuxer: 'jpeg' },
  '.png': { kind: 'photo', demuxer: 'png' },
  '.webp': { kind: 'photo', demuxer: 'webp' },
};

/** Every extension that is read, with its dot, in lower case. */
export const mediaExtensions: readonly string[] = Object.keys(formats);

/** What a file should hold by its name; undefined where files named so are not read. */
export const kindOf = (path: string): Format['kind'] | undefined =>
  formats[extname(path).toLowerCase()]?.kind;

/** What one media file may hold. Beyond a limit it is refused as E_MEDIA_TOO_LARGE; nothing is cut down silently. */
export const limits = {
  /** Of a file, read or written. */
  bytes: 4 * 2 ** 30,
  videoPixels: 3840 * 2160,
  /** Of a photo, on which the limit guards memory alone: 7680 × 4320. */
  photoPixels: 7680 * 4320,
  fps: 120,
  frames: 36_000,
  seconds: 1800,
  streams: 8,
  /** Of sound: the highest rate that recorders have. */
  sampleRateHz: 192_000,
  /** Processor time of one start of ffmpeg, where `prlimit` is there to keep it. */
  cpuSeconds: 7200,
  /** Its address space: encoding 3840×2160 at H.264's preset medium takes more than 1 GiB and less than 2. */
  memoryBytes: 3 * 2 ** 30,
} as const;

export type InputFile = Format & { path: string };

/**
 * The file behind `path`, by its real path, once it is sure to be a file that may be read.
 * @throws ItemError E_MEDIA_MISSING, E_MEDIA_UNREADABLE (empty, not a file, not permitted), E_MEDIA_TOO_LARGE (in bytes), E_FORMAT_NOT_ALLOWED (by its name).
 */
export async function inputFile(path: string): Promise<InputFile> {
  const format = formats[extname(path).toLowerCase()];
  if (!format)
    throw new ItemError(
      'E_FORMAT_NOT_ALLOWED',
      `${path}: files named so are not read. Known: ${mediaExtensions.join(' ')}`,
    );
  const real = await realpath(path).catch((cause: unknown) => {
    throw new ItemError('E_MEDIA_MISSING', `${path}: no such file`, { cause });
  });
  const stats = await lstat(real);
  if (!stats.isFile()) throw new ItemError('E_MEDIA_UNREADABLE', `${path}: not a file`);
  if (stats.size === 0) throw new ItemError('E_MEDIA_UNREADABLE', `${path}: the file is empty`);
  if (stats.size > limits.bytes)
    throw new ItemError(
      'E_MEDIA_TOO_LARGE',
      `${path}: ${stats.size} bytes, at most ${limits.bytes} are read`,
    );
  await access(real, constants.R_OK).catch((cause: unknown) => {
    throw new ItemError('E_MEDIA_UNREADABLE', `${path}: may not be read by this user`, { cause });
  });
  return { ...format, path: real };
}
