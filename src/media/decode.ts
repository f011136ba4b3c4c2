/** Files → frames and samples. */
import { ItemError } from '../errors.ts';
import type { Audio, Frame, Media } from '../types.ts';
import { requireSuccess } from './failure.ts';
import { addInput, command, startFfmpeg } from './ffmpeg.ts';
import { type Running, withinTime } from './program.ts';
import { inputFile, limits } from './formats.ts';

export type DecodeOptions = {
  /** Both or neither: frames are scaled to cover this size and cut to it about their centre. */
  width?: number;
  height?: number;
  /** How many frames there must be, where that is known. */
  frameCount?: number;
  signal?: AbortSignal;
};

/**
 * The frames of a video in order, each shown once (no frame is repeated or dropped to reach a steady rate); of a photo its
 * one. Turned upright where the file says so. Only the frame in hand and what the pipe holds are in memory; decoding
 * waits for the reader and stops when the reader does.
 * @throws ItemError E_STREAM_MISSING (no picture), E_MEDIA_TRUNCATED, E_MEDIA_UNREADABLE, E_FORMAT_NOT_ALLOWED,
 * E_MEDIA_TOO_LARGE, E_MEDIA_MISSING. Damage shows up when it is reached: frames before it have been given out by then.
 */
export async function* decodeFrames(path: string, options: DecodeOptions = {}): AsyncGenerator<Frame> {
  const input = await inputFile(path);
  if (input.kind === 'photo') {
    const { readImage, resizeFrame } = await import('./images.ts');
    const frame = await readImage(path);
    yield options.width && options.height ? await resizeFrame(frame, options.width, options.height) : frame;
    return;
  }
  const task = addInput(command(), input)
    .output('pipe:1')
    .videoCodec('ppm')
    .outputFormat('image2pipe')
    .videoFilters(toRgb(options));
  task.outputOptions('-map', '0:V:0', '-vsync', 'passthrough', '-threads', '1');
  const running = await startFfmpeg(task, options.signal);
  running.stdin.end();
  let count = 0;
  try {
    for await (const frame of parsePictures(path, running)) {
      if (++count > limits.frames)
        throw new ItemError('E_MEDIA_TOO_LARGE', `${path}: more than ${limits.frames} frames`);
      yield frame;
    }
    await requireEnd(path, running, options.signal);
  } finally {
    await discard(running);
  }
  if (count === 0) throw new ItemError('E_MEDIA_UNREADABLE', `${path}: it holds no frame`);
  if (options.frameCount !== undefined && options.frameCount !== count)
    throw new ItemError(
      'E_MEDIA_TRUNCATED',
      `${path}: ${count} frames decode, ${options.frameCount} were found when it was probed`,
    );
}

export type AudioOptions = {
  /** How long the sound is, where that is known (`soundSeconds`): what decoding adds behind it is cut. */
  seconds?: number;
  signal?: AbortSignal;
};

/** How long the sound of a file lasts, by its container; undefined without sound. */
export function soundSeconds({ audio }: Media): number | undefined {
  return audio && audio.sampleCount / audio.sampleRate;
}

/**
 * The first sound track, mixed to mono and resampled to `sampleRate` (Hz), in [-1, 1]; sample 0 belongs to time 0 of the
 * file, so that sound that starts late begins with silence. Lossy codecs work in blocks and fill up the last one; say
 * `seconds` to have the exact length.
 * @throws as `decodeFrames`; E_STREAM_MISSING when it has no sound, E_MEDIA_TRUNCATED when it is shorter than `seconds` by
 * more than containers err (0.2 s).
 */
export async function decodeAudio(
  path: string,
  sampleRate: number,
  options: AudioOptions = {},
): Promise<Audio> {
  const promised = options.seconds === undefined ? undefined : Math.round(options.seconds * sampleRate);
  const { samples, count } = await decodeSamples(path, sampleRate, promised, options.signal);
  if (promised === undefined) return { sampleRate, samples };
  if (count < promised - containerErrorSeconds * sampleRate)
    throw new ItemError(
      'E_MEDIA_TRUNCATED',
      `${path}: ${count / sampleRate} s of sound decode, ${options.seconds} s are promised`,
    );
  const exact = new Float32Array(promised);
  exact.set(samples);
  return { sampleRate, samples: exact };
}

/** How many samples `decodeAudio` gives, none of which is kept. @throws as it. */
export async function countSamples(path: string, sampleRate: number): Promise<number> {
  return (await decodeSamples(path, sampleRate, 0)).count;
}

/** Containers without an index estimate their length to within some blocks of the codec (1152 samples at 44.1 kHz are 26 ms). */
const containerErrorSeconds = 0.2;

/**
 * The first `most` samples, and how many there are in all. By way of integers, because ffmpeg mixes channels to their mean there and to √2
 * times it in floating point.
 */
async function decodeSamples(
  path: string,
  sampleRate: number,
  most = Number.POSITIVE_INFINITY,
  signal?: AbortSignal,
): Promise<{ samples: Float32Array; count: number }> {
  const input = await inputFile(path);
  if (input.kind === 'photo') throw new ItemError('E_STREAM_MISSING', `${path}: a photo has no sound`);
  const task = addInput(command(), input)
    .output('pipe:1')
    .outputFormat('s32le')
    .audioFilters('aresample=first_pts=0');
  task.outputOptions('-map', '0:a:0', '-ac', '1', '-ar', String(sampleRate), '-threads', '1');
  const running = await startFfmpeg(task, signal);
  running.stdin.end();
  const limitBytes = 4 * limits.seconds * sampleRate;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of chunksOf(running)) {
      size += chunk.length;
      if (size > limitBytes)
        throw new ItemError('E_MEDIA_TOO_LARGE', `${path}: its sound is longer than ${limits.seconds} s`);
      if (size - chunk.length < 4 * most) chunks.push(chunk);
    }
    await requireEnd(path, running, signal);
  } finally {
    await discard(running);
  }
  if (size === 0 || size % 4 !== 0)
    throw new ItemError('E_MEDIA_UNREADABLE', `${path}: its sound holds no whole sample (${size} bytes)`);
  const integers = new Int32Array(Math.min(size / 4, most));
  Buffer.concat(chunks).copy(new Uint8Array(integers.buffer));
  // By a loop: `Float32Array.from` with a function makes a JavaScript array of them first, of ten times their size.
  const samples = new Float32Array(integers.length);
  for (let i = 0; i < samples.length; i++) samples[i] = integers[i]! / 2 ** 31;
  return { samples, count: size / 4 };
}

/** Filters from what a file holds to RGB. Colour conversion at full chroma resolution with correct rounding: the fast path is off by up to several grey levels. */
const accurate = 'flags=bicubic+accurate_rnd+full_chroma_int';

export function toRgb({ width, height }: DecodeOptions): string[] {
  if (!width || !height) return [`scale=${accurate}`, 'format=rgb24'];
  return [
    `scale=${width}:${height}:force_original_aspect_ratio=increase:${accurate}`,
    'format=rgb24',
    `crop=${width}:${height}`,
  ];
}

async function requireEnd(path: string, running: Running, signal?: AbortSignal): Promise<void> {
  const ending = await withinTime(running.ended, running);
  signal?.throwIfAborted();
  requireSuccess(path, ending);
}

/** Nothing of the process is left when this resolves. */
async function discard(running: Running): Promise<void> {
  running.kill();
  running.stdout.destroy();
  await running.ended;
}

/** What the process writes; it is killed when it takes too long over a piece, not when the reader does. */
async function* chunksOf(running: Running): AsyncGenerator<Buffer> {
  const chunks = (running.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await withinTime(chunks.next(), running);
    if (done) return;
    yield value;
  }
}

/** The longest header of a picture that is read. */
const headerBytes = 32;

/** Binary PPM pictures one behind the other (`P6\n<width> <height>\n255\n`, then RGB): raw frames that say their own size. */
async function* parsePictures(path: string, running: Running): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  let frame: Frame | undefined;
  let filled = 0;
  for await (const chunk of chunksOf(running)) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (;;) {
      if (!frame) {
        const header = /^P6\n(\d+) (\d+)\n255\n/.exec(rest.subarray(0, headerBytes).toString('latin1'));
        if (!header && rest.length < headerBytes) break;
        const [width, height] = [Number(header?.[1]), Number(header?.[2])];
        if (!header || !(width * height <= limits.videoPixels))
          throw new ItemError('E_MEDIA_UNREADABLE', `${path}: what ffmpeg writes is no picture`);
        frame = { width, height, data: new Uint8Array(3 * width * height) };
        filled = 0;
        rest = rest.subarray(header[0].length);
      }
      const piece = rest.subarray(0, frame.data.length - filled);
      frame.data.set(piece, filled);
      filled += piece.length;
      rest = rest.subarray(piece.length);
      if (filled < frame.data.length) break;
      yield frame;
      frame = undefined;
    }
  }
}
