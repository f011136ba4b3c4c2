/**
 * The one output format, for camera originals and for everything published, real or fake: an MP4 whose bytes follow from its frames
 * and samples alone. One thread, no dates, no encoder names, a fixed group of pictures.
 */
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../files.ts';
import { ownTag } from '../process-tag.ts';
import type { Media } from '../types.ts';
import type { Command } from './ffmpeg.ts';

/** Filters from RGB to what is encoded: chroma at half size, so an odd last row or column is cut off. */
export const toYuv = [
  'crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0',
  'scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_inp',
];

export type Mp4 = {
  fps: number;
  sound: boolean;
  /** H.264's constant rate factor, 18 unless given. */
  crf?: number | undefined;
  comment?: string | undefined;
};

/** H.264 (libx264, veryfast, yuv420p, BT.709, a key frame each second), AAC at 96 kbit/s, index in front. */
export function addMp4Output(task: Command, path: string, { fps, sound, crf = 18, comment }: Mp4): Command {
  const keyframeEvery = String(Math.max(1, Math.round(fps)));
  const rate = ['-preset', 'veryfast', '-crf', String(crf), '-pix_fmt', 'yuv420p'];
  const groups = ['-g', keyframeEvery, '-keyint_min', keyframeEvery, '-sc_threshold', '0'];
  const colours = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
  const range = ['-color_range', 'tv', '-chroma_sample_location', 'unspecified'];
  task.videoCodec('libx264').outputOptions(...rate, ...groups, ...colours, ...range);
  if (sound) task.audioCodec('aac').outputOptions('-b:a', '96k', '-flags:a', '+bitexact');
  const repeatable = ['-flags:v', '+bitexact', '-fflags', '+bitexact', '-map_metadata', '-1'];
  task.outputOptions('-threads', '1', ...repeatable, '-max_interleave_delta', '0');
  if (comment) task.outputOptions('-metadata', `comment=${comment}`);
  return task.outputOptions('-movflags', '+faststart').outputFormat('mp4').output(`file:${path}`);
}

/** Streams copied as they are, and nothing else that their container says. FLAC in MP4 is an experiment to ffmpeg (`-strict`). */
export function addMp4Copy(task: Command, path: string): Command {
  const copied = ['-c', 'copy', '-map_metadata', '-1', '-strict', '-2', '-fflags', '+bitexact'];
  return task
    .outputOptions(...copied, '-movflags', '+faststart')
    .outputFormat('mp4')
    .output(`file:${path}`);
}

/**
 * Lets `write` make a file and look it over; it appears at `path` only when that went well. Whatever goes wrong, nothing is left behind.
 * @returns what `write` found in the file, with the final path.
 */
export async function writeWhole(path: string, write: (temporary: string) => Promise<Media>): Promise<Media> {
  const temporary = join(dirname(path), `.${ownTag()}-${basename(path)}`);
  try {
    const media = await write(temporary);
    const file = await open(temporary, 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return { ...media, path };
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}
