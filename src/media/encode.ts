/**
 * The one encoder, for camera originals and for everything published, real or fake. Equal frames and samples give equal
 * bytes: one thread, no dates, no encoder names, a fixed group of pictures.
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { ItemError } from '../errors.ts';
import type { Audio, Frame, Media } from '../types.ts';
import { requireSuccess } from './failure.ts';
import { type Command, command, startFfmpeg } from './ffmpeg.ts';
import { type Running, withinTime } from './program.ts';
import { addMp4Output, toYuv, writeWhole } from './mp4.ts';
import { readBack } from './probe.ts';

export type ClipContent = {
  /** Each `width`×`height`, read one by one. Chroma is stored at half size, so an odd last row or column is cut off. */
  frames: AsyncIterable<Frame> | Iterable<Frame>;
  fps: number;
  width: number;
  height: number;
  /** Cut, or filled up with silence, to the length of the frames; exact where a frame lasts whole milliseconds, in which MP4 counts. */
  audio?: Audio;
  /** H.264's constant rate factor; 18 for everything that is scored, more where people only look at it. */
  crf?: number;
  /** Stands in the container as its comment. */
  comment?: string;
};

/** ffmpeg opens both inputs before it works and reads them in turn; the sound runs ahead so that it never waits for either. */
const soundAheadSeconds = 0.25;

/**
 * Writes an MP4: H.264 (libx264, veryfast, CRF 18 unless said, yuv420p, BT.709, a key frame each second), AAC mono 96 kbit/s at the
 * audio's own rate, index in front. The file appears at `path` (ending in .mp4) only when it is whole: it is read back,
 * its frames and samples counted.
 * @returns what `probe` says of it.
 * @throws ItemError E_FRAME_SIZE when frames have another size, E_MEDIA_UNREADABLE without any frame; what
 * `frames` throws; UserError (exit 4) when the disk is full.
 */
export async function encodeClip(path: string, content: ClipContent): Promise<Media> {
  const { width, height } = content;
  if (Math.min(width, height) < 2)
    throw new ItemError(
      'E_FRAME_SIZE',
      `${path}: ${width}×${height} cannot be encoded; at least 2×2 pixels can`,
    );
  return writeWhole(path, async (temporary) => {
    const frameCount = await writeFrames(task(temporary, content), path, content);
    const media = await readBack(temporary);
    requireAll(path, media, frameCount, content);
    return media;
  });
}

/** Frames as they come from `feed`, to be read from pipe 0. */
export function addRawInput(to: Command, { width, height, fps }: Omit<ClipContent, 'frames'>): Command {
  return to
    .input('pipe:0')
    .inputFormat('rawvideo')
    .inputOptions(
      ...pipes,
      '-pixel_format',
      'rgb24',
      '-video_size',
      `${width}x${height}`,
      '-framerate',
      String(fps),
    );
}

const pipes = ['-protocol_whitelist', 'file,pipe', '-probesize', '32', '-analyzeduration', '0'];

function task(path: string, content: ClipContent) {
  const { fps, audio, crf, comment } = content;
  const task = addRawInput(command(), content);
  task.outputOptions('-map', '0:v').videoFilters(toYuv);
  if (audio) {
    task.input('pipe:3').inputFormat('f32le');
    task.inputOptions(...pipes, '-ar', String(audio.sampleRate), '-ac', '1').outputOptions('-map', '1:a');
  }
  return addMp4Output(task, path, { fps, sound: audio !== undefined, crf, comment });
}

/** Starts ffmpeg and gives it the frames and their sound. How many frames there were. @throws as `encodeClip`; `path` stands in the errors. */
export async function writeFrames(task: Command, path: string, content: ClipContent): Promise<number> {
  const running = await startFfmpeg(task);
  running.stdout.resume();
  try {
    const frameCount = await feed(running, path, content);
    requireSuccess(path, await withinTime(running.ended, running));
    return frameCount;
  } finally {
    running.kill();
    await running.ended;
  }
}

async function feed(
  running: Running,
  path: string,
  { frames, fps, width, height, audio }: ClipContent,
): Promise<number> {
  const waiting: Frame[] = [];
  const ahead = Math.max(1, Math.ceil(soundAheadSeconds * fps));
  let count = 0;
  for await (const frame of frames) {
    if (frame.width !== width || frame.height !== height || frame.data.length !== 3 * width * height)
      throw new ItemError(
        'E_FRAME_SIZE',
        `${path}: frame ${count} is ${frame.width}×${frame.height}, the clip is ${width}×${height}`,
      );
    if (audio) running.sound.write(soundOfFrame(audio, count, fps));
    count++;
    waiting.push(frame);
    if (waiting.length > ahead && !(await write(running, running.stdin, waiting.shift()!.data))) return count;
  }
  running.sound.end();
  for (const { data } of waiting) if (!(await write(running, running.stdin, data))) return count;
  running.stdin.end();
  if (count === 0) throw new ItemError('E_MEDIA_UNREADABLE', `${path}: there is no frame to encode`);
  return count;
}

/** Resolves when the pipe can take more: true, or false when the process is gone. */
async function write(running: Running, pipe: Writable, data: Uint8Array): Promise<boolean> {
  if (pipe.destroyed || pipe.errored) return false;
  if (pipe.write(data)) return true;
  const drained = once(pipe, 'drain').then(
    () => true,
    () => false,
  );
  return withinTime(Promise.race([drained, running.ended.then(() => false)]), running);
}

/** How many samples the first `frameCount` frames last. */
function samplesUntil(frameCount: number, sampleRate: number, fps: number): number {
  return Math.round((frameCount * sampleRate) / fps);
}

function soundOfFrame({ samples, sampleRate }: Audio, index: number, fps: number): Uint8Array {
  const [start, end] = [samplesUntil(index, sampleRate, fps), samplesUntil(index + 1, sampleRate, fps)];
  const piece = new Float32Array(end - start);
  piece.set(samples.subarray(start, end));
  return new Uint8Array(piece.buffer);
}

/**
 * What was written is what can be read: every frame, and sound of their length, to the millisecond in which the container
 * counts. (AAC knows some rates only; sound at others is resampled.)
 */
function requireAll(path: string, { video, audio }: Media, frameCount: number, content: ClipContent): void {
  const sampleCount = audio && samplesUntil(frameCount, audio.sampleRate, content.fps);
  const soundFits = audio
    ? Math.abs(audio.sampleCount - sampleCount!) <= audio.sampleRate / 1000
    : content.audio === undefined;
  if (video?.frameCount === frameCount && soundFits) return;
  const read = `${video?.frameCount} frames and ${audio?.sampleCount ?? 'no'} samples`;
  throw new Error(
    `${path}: ${read} were read back, ${frameCount} frames and ${sampleCount ?? 'no'} samples were expected`,
  );
}
