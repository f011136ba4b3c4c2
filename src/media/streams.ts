/** What ffprobe says of a file's streams, and whether that is more than may be read. */
import { ItemError } from '../errors.ts';
import { requireSuccess } from './failure.ts';
import { runFfprobe } from './ffmpeg.ts';
import { type InputFile, limits } from './formats.ts';

/** Numbers come as text; what only counting tells is absent before. */
export type Stream = {
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
/** `seconds` is NaN where the container states none. */
export type Streams = { streams: Stream[]; startSeconds: number; seconds: number };

/** What ffprobe is asked for, and nothing else: tags may be as large as a file's author likes. */
const entries =
  'stream=codec_type,width,height,avg_frame_rate,r_frame_rate,nb_frames,nb_read_frames,nb_read_packets,sample_rate,start_time,duration' +
  ':stream_disposition=attached_pic:stream_tags=rotate:stream_side_data=rotation:format=start_time,duration';

/** The streams as the header has them, and what `args` make ffprobe count. @throws ItemError as `probe`. */
export async function askStreams(path: string, input: InputFile, args: string[]): Promise<Streams> {
  const { stdout, ...ending } = await runFfprobe(input, [...args, '-show_entries', entries, '-of', 'json']);
  requireSuccess(path, ending);
  const { streams = [], format } = parseAnswer(path, stdout);
  return {
    streams,
    startSeconds: Number(format?.start_time ?? 0),
    seconds: statesLength(input) ? Number(format?.duration) : Number.NaN,
  };
}

/**
 * Mean frames/s of `frameCount` frames by when they are shown, where that is not at the steady rate that the header tells (one frame's time off at most): Matroska
 * keeps no count of them, and of a film of variable rate its header tells another.
 */
export async function shownRate(
  path: string,
  input: InputFile,
  { frameCount, stated }: { frameCount: number; stated: number },
): Promise<number> {
  const times = ['-select_streams', 'V:0', '-read_intervals', `%+#${limits.frames}`];
  const { stdout, ...ending } = await runFfprobe(input, [
    ...times,
    '-show_entries',
    'packet=pts_time',
    '-of',
    'csv=p=0',
  ]);
  requireSuccess(path, ending);
  const seconds = stdout.split('\n').map(Number.parseFloat).filter(Number.isFinite);
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of seconds) [first, last] = [Math.min(first, time), Math.max(last, time)];
  const intervals = frameCount - 1;
  const isSteady = Math.abs(intervals / stated - (last - first)) <= 1 / stated;
  return isSteady || !(last > first) ? stated : intervals / (last - first);
}

/** Formats that state no length; what ffprobe gives is guessed from the bit rate. */
export function statesLength({ demuxer }: InputFile): boolean {
  return !['mpeg,mpegvideo', 'mp3'].includes(demuxer);
}

/** @throws ItemError E_MEDIA_TOO_LARGE where header or count are beyond a limit. */
export function refuseBeyondLimits(path: string, { streams, seconds }: Streams): void {
  const { length } = streams;
  refuse(path, length > limits.streams, `${length} streams, at most ${limits.streams} are read`);
  refuseLong(path, seconds);
  for (const { sample_rate: rate = 0 } of streams)
    refuse(path, Number(rate) > limits.sampleRateHz, `${rate} Hz, at most ${limits.sampleRateHz} are read`);
  for (const stream of streams.filter(isPicture)) {
    const { width = 0, height = 0, nb_frames: stated = 0, nb_read_frames: counted = 0 } = stream;
    const frames = Math.max(Number(stated), Number(counted));
    refuse(
      path,
      width * height > limits.videoPixels,
      `${width}×${height} pixels, at most ${limits.videoPixels} in all are read`,
    );
    refuse(path, frames > limits.frames, `${frames} frames, at most ${limits.frames} are read`);
    refuseRate(path, Number(stated), frameRate(stream));
  }
}

/** A clip of one frame, or with odd time stamps, may claim any rate; only a real stream of frames can be too fast or too long. */
export function refuseRate(path: string, frames: number, fps: number): void {
  if (frames <= 1 || !(fps > 0)) return;
  refuse(path, fps > limits.fps, `${fps} frames/s, at most ${limits.fps} are read`);
  refuseLong(path, frames / fps);
}

function refuseLong(path: string, seconds: number): void {
  const what = `${Math.round(seconds)} s long, at most ${limits.seconds} s are read`;
  refuse(path, seconds > limits.seconds, what);
}

function refuse(path: string, tooMuch: boolean, what: string): void {
  if (tooMuch) throw new ItemError('E_MEDIA_TOO_LARGE', `${path}: ${what}`);
}

/** A film, and no picture that a song brings along. */
export function isPicture({ codec_type: type, disposition }: Stream): boolean {
  return type === 'video' && disposition?.attached_pic !== 1;
}

/** Mean frames/s; 0 where it is not known. */
export function frameRate(stream: Stream): number {
  return ratio(stream.avg_frame_rate) || ratio(stream.r_frame_rate);
}

/** In pixels, upright. */
export function sizeOf(stream: Stream): { width: number; height: number } {
  const { width = 0, height = 0, side_data_list: list, tags } = stream;
  const degrees = list?.find((entry) => entry.rotation !== undefined)?.rotation ?? Number(tags?.rotate ?? 0);
  const turned = Math.abs(degrees) % 180 === 90;
  return turned ? { width: height, height: width } : { width, height };
}

type Answer = { streams?: Stream[]; format?: { start_time?: string; duration?: string } };

function parseAnswer(path: string, text: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch (cause) {
    throw new ItemError('E_MEDIA_UNREADABLE', `${path}: ffprobe gave no answer that can be read`, { cause });
  }
}

/** `30000/1001` as a number; 0 where it is not known. */
function ratio(text = '0/0'): number {
  const [above = 0, below = 0] = text.split('/').map(Number);
  return below > 0 ? above / below : 0;
}
