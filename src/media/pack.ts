/** Frames → a file that decodes to the very same frames. */
import { ItemError } from '../errors.ts';
import type { Media } from '../types.ts';
import { addRawInput, type ClipContent, writeFrames } from './encode.ts';
import { command } from './ffmpeg.ts';
import { writeWhole } from './mp4.ts';
import { probe } from './probe.ts';

/**
 * Writes FFV1 in Matroska (`path` ends in .mkv), RGB, every frame by itself; equal frames give equal bytes. Read back and counted like `encodeClip`.
 * @throws ItemError E_FRAME_SIZE when frames differ in size; what `frames` throws; UserError (exit 4) when the disk is full.
 */
export async function packLossless(path: string, content: Omit<ClipContent, 'audio'>): Promise<Media> {
  return writeWhole(path, async (temporary) => {
    const task = addRawInput(command(), content).videoCodec('ffv1');
    task.outputOptions('-pix_fmt', 'bgr0', '-g', '1', '-threads', '1', '-flags:v', '+bitexact');
    task.outputOptions('-fflags', '+bitexact', '-map_metadata', '-1');
    task.outputFormat('matroska').output(`file:${temporary}`);
    const frameCount = await writeFrames(task, path, content);
    const media = await probe(temporary);
    if (media.video?.frameCount !== frameCount)
      throw new ItemError(
        'E_MEDIA_TRUNCATED',
        `${path}: ${media.video?.frameCount ?? 0} of ${frameCount} frames were read back`,
      );
    return media;
  });
}
