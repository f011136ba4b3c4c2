/** A dubbed clip: the picture of one file under the sound of another, both copied as they are and encoded by nobody again. */
import { ItemError } from '../errors.ts';
import type { Media } from '../types.ts';
import { soundSeconds } from './decode.ts';
import { requireSuccess } from './failure.ts';
import { addInput, command, runFfmpeg } from './ffmpeg.ts';
import { inputFile } from './formats.ts';
import { addMp4Copy, writeWhole } from './mp4.ts';
import { readBack } from './probe.ts';

/**
 * Writes an MP4 at `path` with the video stream of `picture` and the audio stream of `sound`, which is as long to a frame. Frames and samples
 * decode to the very same values as from the two files.
 * @returns what `probe` says of it.
 * @throws ItemError as decoding does, E_LENGTH_DIFFERS; Error when frames or samples are missing in the end.
 */
export async function dubClip(path: string, picture: Media, sound: Media): Promise<Media> {
  const differenceSeconds = Math.abs(secondsOf(picture) - (soundSeconds(sound) ?? 0));
  if (!(differenceSeconds * (picture.video?.fps ?? 0) <= 1))
    throw new ItemError(
      'E_LENGTH_DIFFERS',
      `${path}: picture and sound to be put together differ by ${differenceSeconds.toFixed(2)} s`,
    );
  return writeWhole(path, async (temporary) => {
    const task = addInput(addInput(command(), await inputFile(picture.path)), await inputFile(sound.path));
    task.outputOptions('-map', '0:V:0', '-map', '1:a:0', '-flags:v', '+bitexact', '-flags:a', '+bitexact');
    requireSuccess(path, await runFfmpeg(addMp4Copy(task, temporary)));
    const media = await readBack(temporary);
    if (
      media.video?.frameCount !== picture.video?.frameCount ||
      media.audio?.sampleCount !== sound.audio?.sampleCount
    )
      throw new Error(`${path}: not all frames and samples of ${picture.path} and ${sound.path} were copied`);
    return media;
  });
}

function secondsOf({ video }: Media): number {
  return video ? video.frameCount / video.fps : 0;
}
