/** What a media file holds, found out by reading all of it: a header alone may promise what is not there. */
import { ItemError } from '../errors.ts';
import { sha256OfFile } from '../files.ts';
import type { AudioInfo, Media, VideoInfo } from '../types.ts';
import { decodeAudio } from './decode.ts';
import { requireSuccess } from './failure.ts';
import { runFfprobe } from './ffmpeg.ts';
import { type InputFile, inputFile, limits } from './formats.ts';

/**
 * Size, rate and number of frames (counted by decoding them), rate and number of samples (from the start of the file to the end of its sound, as the container states it, else counted),
 * and the hash. Frame rate is the mean one. A photo counts as one frame at 1 frame/s.
 * @throws ItemError E_MEDIA_MISSING, E_MEDIA_UNREADABLE, E_MEDIA_TRUNCATED, E_MEDIA_TOO_LARGE, E_FORMAT_NOT_ALLOWED,
 * E_STREAM_MISSING (neither picture nor sound).
 */
export async function probe(path: string): Promise<Media> {
  const input = await inputFile(path);
  const [sha256, content] = await Promise.all([
    sha256OfFile(input.path),
    input.kind === 'photo' ? probePhoto(path) : probeStreams(path, input),
  ]);
  return { path, sha256, ...content };
}

/** What ffprobe is asked for, and nothing else: tags may be as large as a file's author likes. */
const entries =
  'stream=codec_type,width,height,avg_frame_rate,r_frame_rate,nb_frames,nb_read_frames,nb_read_packets,sample_rate,start_time,duration' +
  ':stream_disposition=attached_pic:stream_tags=rotate:stream_side_data=rotation:format=start_time,duration';

type Stream = {
  codec_type?: string;
  width?: number;
  height?: number;
  avg_frame_rate?: string;
  r_frame_rate?: string;
  nb_frames?: string;
  nb_read_frames?: string;
  nb_read_packets?: string;
  sample_rate?: string;
  start_time?: string;
  duration?: string;
  disposition?: { attached_pic?: number };
  tags?: { rotate?: string };
  side_data_list?: { rotation?: number }[];
};

async function probePhoto(path: string): Promise<{ video: VideoInfo }> {
  const { readImageSize } = await import('./images.ts');
  return { video: { fps: 1, frameCount: 1, ...(await readImageSize(path)) } };
}

async function probeStreams(
  path: string,
  input: InputFile,
): Promise<{ video?: VideoInfo; audio?: AudioInfo }> {
  // Reading stops just beyond the limits, so that a bomb costs no more than the largest clip allowed.
  const packetLimit = 4 * limits.frames;
  const args = [
    '-count_frames',
    '-count_packets',
    '-read_intervals',
    `%+#${packetLimit}`,
    '-show_entries',
    entries,
    '-of',
    'json',
  ];
  const { stdout, ...ending } = await runFfprobe(input, args);
  requireSuccess(path, ending);
  const { streams = [], format } = parseAnswer(path, stdout) as {
    streams?: Stream[];
    format?: { start_time?: string; duration?: string };
  };
  refuse(
    path,
    streams.length > limits.streams,
    `${streams.length} streams, at most ${limits.streams} are read`,
  );
  for (const stream of streams) requireWhole(path, input.demuxer, stream);
  const picture = streams.find(
    (stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1,
  );
  const sound = streams.find((stream) => stream.codec_type === 'audio');
  if (!picture && !sound)
    throw new ItemError('E_STREAM_MISSING', `${path}: it has neither picture nor sound`);
  return {
    ...(picture ? { video: videoInfo(path, picture, Number(picture.duration ?? format?.duration)) } : {}),
    ...(sound ? { audio: await audioInfo(path, input, sound, Number(format?.start_time ?? 0)) } : {}),
  };
}

function parseAnswer(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ItemError('E_MEDIA_UNREADABLE', `${path}: ffprobe gave no answer that can be read`, { cause });
  }
}

function videoInfo(path: string, stream: Stream, seconds: number): VideoInfo {
  const frameCount = Number(stream.nb_read_frames ?? 0);
  const fps = ratio(stream.avg_frame_rate) || ratio(stream.r_frame_rate) || frameCount / seconds;
  const turned = Math.abs(rotation(stream)) % 180 === 90;
  const [width, height] = turned ? [stream.height, stream.width] : [stream.width, stream.height];
  if (!width || !height || !(frameCount > 0) || !(fps > 0) || !Number.isFinite(fps))
    throw new ItemError(
      'E_MEDIA_UNREADABLE',
      `${path}: its picture cannot be decoded (${frameCount} frames, ${fps} frames/s)`,
    );
  refuse(
    path,
    width * height > limits.videoPixels,
    `${width}×${height} pixels, at most ${limits.videoPixels} in all are read`,
  );
  refuse(path, frameCount > limits.frames, `${frameCount} frames, at most ${limits.frames} are read`);
  // A clip of one frame, or with odd time stamps, may claim any rate; only a real stream of frames can be too fast.
  refuse(path, fps > limits.fps && frameCount > 1, `${fps} frames/s, at most ${limits.fps} are read`);
  return { fps, width, height, frameCount };
}

async function audioInfo(
  path: string,
  input: InputFile,
  stream: Stream,
  fileStart: number,
): Promise<AudioInfo> {
  const sampleRate = Number(stream.sample_rate);
  if (!(sampleRate > 0)) throw new ItemError('E_MEDIA_UNREADABLE', `${path}: its sound cannot be decoded`);
  const stated = stream.duration !== undefined && !estimating.has(input.demuxer);
  if (!stated) return { sampleRate, sampleCount: (await decodeAudio(path, sampleRate)).samples.length };
  // Sound that starts later than the file begins with silence (`decodeAudio`).
  const delay = Math.max(0, Number(stream.start_time ?? 0) - fileStart) || 0;
  const seconds = delay + Number(stream.duration);
  refuse(
    path,
    seconds > limits.seconds,
    `${Math.round(seconds)} s of sound, at most ${limits.seconds} are read`,
  );
  return { sampleRate, sampleCount: Math.round(seconds * sampleRate) };
}

/** Formats that state no length of their sound; what ffprobe gives is guessed from the bit rate, so it is decoded and counted. */
const estimating = new Set(['mpeg,mpegvideo', 'mp3']);

/**
 * Some containers count their samples, which gives away that some are missing even where decoding what is left succeeds:
 * MP4 and MOV exactly, AVI as long as the longest stream. The others end where they end: an MP3 or MPEG program stream
 * that is cut at the border of a frame is a shorter clip.
 */
function requireWhole(path: string, demuxer: string, stream: Stream): void {
  const { nb_frames: promised, nb_read_packets: there, codec_type: type, disposition } = stream;
  const counted = demuxer.startsWith('mov')
    ? 0
    : demuxer === 'avi' && type === 'video'
      ? aviSlackPackets
      : undefined;
  if (counted === undefined || promised === undefined || there === undefined) return;
  if (disposition?.attached_pic === 1 || (type !== 'video' && type !== 'audio')) return;
  if (Number(there) + counted < Number(promised))
    throw new ItemError(
      'E_MEDIA_TRUNCATED',
      `${path}: its ${type} ends after ${there} of ${promised} packets`,
    );
}

/** Sound may be longer than the picture by the last block of its codec: some frames' time. */
const aviSlackPackets = 4;

function refuse(path: string, tooMuch: boolean, what: string): void {
  if (tooMuch) throw new ItemError('E_MEDIA_TOO_LARGE', `${path}: ${what}`);
}

function rotation({ side_data_list: list, tags }: Stream): number {
  return list?.find((entry) => entry.rotation !== undefined)?.rotation ?? Number(tags?.rotate ?? 0);
}

/** `30000/1001` as a number; 0 where it is not known. */
function ratio(text = '0/0'): number {
  const [above = 0, below = 0] = text.split('/').map(Number);
  return below > 0 ? above / below : 0;
}
