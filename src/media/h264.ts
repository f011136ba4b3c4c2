/** Pictures through H.264 and back, with ffmpeg's own settings: what happens to a video on its way, not how masque publishes one (`encode.ts`). */
import { once } from 'node:events';
import type { Frame } from '../types.ts';
import { decodeFrames } from './decode.ts';
import { requireSuccess } from './failure.ts';
import { command, startFfmpeg } from './ffmpeg.ts';
import { withinTime } from './program.ts';

export type H264 = {
  width: number;
  height: number;
  fps: number;
  /** Constant rate factor of libx264, 0 to 51. */
  crf: number;
};

/**
 * Encodes frames of any one size into `path` (ending in .mp4): libx264 at its default preset (medium) and key frames, yuv420p, one thread, so that equal frames give equal bytes.
 * Chroma has half the size, so an odd last row or column is doubled first.
 * @throws what `frames` throws; ItemError where ffmpeg fails; UserError (exit 4) when the disk is full.
 */
export async function encodeH264(
  path: string,
  frames: AsyncIterable<Frame>,
  { width, height, fps, crf }: H264,
): Promise<void> {
  const task = command().input('pipe:0').inputFormat('rawvideo');
  task.inputOptions('-protocol_whitelist', 'file,pipe', '-pixel_format', 'rgb24');
  task.inputOptions('-video_size', `${width}x${height}`, '-framerate', String(fps));
  task.videoFilters([
    'pad=ceil(iw/2)*2:ceil(ih/2)*2:0:0',
    `fillborders=right=${width % 2}:bottom=${height % 2}:mode=smear`,
    'scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_inp',
  ]);
  task.videoCodec('libx264').outputOptions('-crf', String(crf), '-pix_fmt', 'yuv420p', '-threads', '1');
  task.outputOptions('-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709');
  task.outputOptions('-color_range', 'tv').outputFormat('mp4').output(`file:${path}`);
  const running = await startFfmpeg(task);
  running.stdout.resume();
  try {
    for await (const { data } of frames) {
      if (running.stdin.destroyed) break; // it ended early, and says why
      if (!running.stdin.write(data))
        await withinTime(
          Promise.race([once(running.stdin, 'drain').catch(() => {}), running.ended]),
          running,
        );
    }
    running.stdin.end();
    requireSuccess(path, await withinTime(running.ended, running));
  } finally {
    running.kill();
    await running.ended;
  }
}

/** The frames of what `encodeH264` wrote, without what it doubled. @throws as `decodeFrames`. */
export async function* decodeH264(
  path: string,
  frameCount: number,
  { width, height }: Pick<H264, 'width' | 'height'>,
): AsyncGenerator<Frame> {
  for await (const frame of decodeFrames(path, { frameCount })) {
    if (frame.width === width && frame.height === height) yield frame;
    else yield cutTo(frame, width, height);
  }
}

function cutTo(frame: Frame, width: number, height: number): Frame {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++)
    data.set(frame.data.subarray(3 * y * frame.width, 3 * (y * frame.width + width)), 3 * y * width);
  return { width, height, data };
}
