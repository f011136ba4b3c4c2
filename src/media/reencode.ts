/** A clip decoded and encoded again: what `encodeClip` makes of `decodeFrames` and `decodeAudio`, to the byte, by one process. */
import { ItemError } from '../errors.ts';
import type { Media } from '../types.ts';
import { decodeFrames, toRgb } from './decode.ts';
import { encodeClip } from './encode.ts';
import { requireSuccess } from './failure.ts';
import { addInput, command, runFfmpeg } from './ffmpeg.ts';
import { inputFile } from './formats.ts';
import { addMp4Output, toYuv, writeWhole } from './mp4.ts';
import { readBack } from './probe.ts';

/**
 * Writes `media` as an MP4 at `path`: its frames one after another at its mean rate, its sound mixed to mono and of their length. Starting
 * ffmpeg takes longer than all it does with a short clip, hence one process in place of three.
 * @returns what `probe` says of it.
 * @throws ItemError as `decodeFrames`; UserError (exit 4) when the disk is full.
 */
export async function reencodeClip(path: string, media: Media): Promise<Media> {
  const { video, audio } = media;
  if (!video) throw new ItemError('E_STREAM_MISSING', `${media.path}: it has no picture`);
  const input = await inputFile(media.path);
  // ffmpeg is not asked about photos.
  if (input.kind === 'photo') return encodeClip(path, { ...video, frames: decodeFrames(media.path) });
  return writeWhole(path, async (temporary) => {
    const { fps, frameCount } = video;
    // As from a pipe of pictures: one per tick of the rate, and nothing known of the shape of a pixel.
    const task = addInput(command(), input).inputOptions('-r', String(fps));
    task.outputOptions('-map', '0:V:0').videoFilters([...toRgb({}), 'setsar=0', ...toYuv]);
    if (audio) {
      const samples = Math.round((frameCount * audio.sampleRate) / fps);
      task.outputOptions('-map', '0:a:0', '-ac', '1', '-ar', String(audio.sampleRate));
      // By way of integers, as `decodeAudio` reads them.
      task.audioFilters([
        'aresample=first_pts=0',
        'aformat=sample_fmts=s32:channel_layouts=mono',
        'apad',
        `atrim=end_sample=${samples}`,
      ]);
    }
    addMp4Output(task, temporary, { fps, sound: audio !== undefined });
    requireSuccess(media.path, await runFfmpeg(task));
    const written = await readBack(temporary);
    if (written.video?.frameCount !== frameCount)
      throw new ItemError(
        'E_MEDIA_TRUNCATED',
        `${media.path}: ${written.video?.frameCount ?? 0} frames decode, ${frameCount} were found when it was probed`,
      );
    return written;
  });
}
