/** Copies of clips that all say the same of themselves. */
import { requireSuccess } from './failure.ts';
import { addInput, command, runFfmpeg } from './ffmpeg.ts';
import { inputFile } from './formats.ts';
import { addMp4Copy } from './mp4.ts';

/**
 * Copies a clip to `target` (ending in .mp4), packet by packet, with `comment` in place of all that its container says of it: that of a fake names its maker.
 * @throws ItemError where the file cannot be read; UserError (exit 4) when the disk is full.
 */
export async function copyAlike(path: string, target: string, comment: string): Promise<void> {
  const task = addInput(command(), await inputFile(path));
  task.outputOptions('-map', '0', '-metadata', `comment=${comment}`);
  requireSuccess(path, await runFfmpeg(addMp4Copy(task, target)));
}
