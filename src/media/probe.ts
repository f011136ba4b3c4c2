/** What a media file holds, found out by reading all of it: a header alone may promise what is not there. */
import { ItemError } from '../errors.ts';
import { sha256OfFile } from '../files.ts';
import type { AudioInfo, Media, VideoInfo } from '../types.ts';
import { countSamples } from './decode.ts';
import { type InputFile, inputFile, limits } from './formats.ts';
import {
  askStreams,
  frameRate,
  isPicture,
  refuseBeyondLimits,
  refuseRate,
  shownRate,
  sizeOf,
  statesLength,
  type Stream,
  type Streams,
} from './streams.ts';
import { requireWhole } from './whole.ts';

/**
 * Size, rate and number of frames (counted by decoding them) and what of the picture shows none, rate and number of samples (from the start of the file to the end of its sound, as the container states it, else counted),
 * and the hash. Frame rate is the mean one. A photo counts as one frame at 1 frame/s. A file whose header promises more than may be read is refused before any of it is decoded.
 * @throws ItemError E_MEDIA_MISSING, E_MEDIA_UNREADABLE, E_MEDIA_TRUNCATED, E_MEDIA_TOO_LARGE, E_FORMAT_NOT_ALLOWED,
 * E_STREAM_MISSING (neither picture nor sound).
 */
export async function probe(path: string): Promise<Media> {
  const input = await inputFile(path);
  if (input.kind !== 'photo') refuseBeyondLimits(path, await askStreams(path, input, []));
  return readAll(path, input);
}

/** What `probe` says of a file that masque wrote itself, whose header needs no look of its own. @throws as `probe`. */
export async function readBack(path: string): Promise<Media> {
  return readAll(path, await inputFile(path));
}

async function readAll(path: string, input: InputFile): Promise<Media> {
  const [sha256, content] = await Promise.all([
    sha256OfFile(input.path),
    input.kind === 'photo' ? probePhoto(path) : probeStreams(path, input),
  ]);
  return { path, sha256, ...content };
}

async function probePhoto(path: string): Promise<{ video: VideoInfo }> {
  const { readImageSize } = await import('./images.ts');
  return { video: { fps: 1, frameCount: 1, ...(await readImageSize(path)) } };
}

async function probeStreams(
  path: string,
  input: InputFile,
): Promise<{ video?: VideoInfo; audio?: AudioInfo }> {
  // Reading stops just beyond the limits, so that a header that lies costs no more than the largest clip allowed.
  const upTo = ['-read_intervals', `%+#${4 * limits.frames}`];
  const told = await askStreams(path, input, ['-count_frames', '-count_packets', ...upTo]);
  refuseBeyondLimits(path, told);
  await requireWhole(path, input, told);
  const picture = told.streams.find(isPicture);
  const sound = told.streams.find((stream) => stream.codec_type === 'audio');
  if (!picture && !sound)
    throw new ItemError('E_STREAM_MISSING', `${path}: it has neither picture nor sound`);
  return {
    ...(picture ? { video: await videoInfo(path, input, picture, told) } : {}),
    ...(sound ? { audio: await audioInfo(path, input, sound, told.startSeconds) } : {}),
  };
}

async function videoInfo(
  path: string,
  input: InputFile,
  stream: Stream,
  { seconds }: Streams,
): Promise<VideoInfo> {
  const frameCount = Number(stream.nb_read_frames ?? 0);
  const stated = frameRate(stream) || frameCount / Number(stream.duration ?? seconds);
  const fps = input.demuxer.startsWith('matroska')
    ? await shownRate(path, input, { frameCount, stated })
    : stated;
  const { width, height } = sizeOf(stream);
  if (!width || !height || !(frameCount > 0) || !(fps > 0) || !Number.isFinite(fps))
    throw new ItemError(
      'E_MEDIA_UNREADABLE',
      `${path}: its picture cannot be decoded (${frameCount} frames, ${fps} frames/s)`,
    );
  refuseRate(path, frameCount, fps);
  const unshown = Number(stream.nb_read_packets ?? 0) - frameCount;
  return { fps, width, height, frameCount, ...(unshown > 0 ? { unshown } : {}) };
}

async function audioInfo(
  path: string,
  input: InputFile,
  stream: Stream,
  fileStart: number,
): Promise<AudioInfo> {
  const sampleRate = Number(stream.sample_rate);
  if (!(sampleRate > 0)) throw new ItemError('E_MEDIA_UNREADABLE', `${path}: its sound cannot be decoded`);
  if (stream.duration === undefined || !statesLength(input))
    return { sampleRate, sampleCount: await countSamples(path, sampleRate) };
  // Sound that starts later than the file begins with silence (`decodeAudio`).
  const delay = Math.max(0, Number(stream.start_time ?? 0) - fileStart) || 0;
  return { sampleRate, sampleCount: Math.round((delay + Number(stream.duration)) * sampleRate) };
}
