/** Files that hold more than is looked at. */
import { inputFile, limits } from './formats.ts';
import { askStreams, isPicture, type Stream } from './streams.ts';

/**
 * Whether it holds a picture or a sound beside those that `probe` and `decodeFrames` tell of, which are the first ones: which of several is shown is the player's choice. A cover is no picture of its own.
 * Reads all of it, because some formats tell of a track only where it begins. @throws ItemError as `probe`.
 */
export async function holdsMoreTracks(path: string): Promise<boolean> {
  const input = await inputFile(path);
  if (input.kind === 'photo') return false;
  const upTo = ['-read_intervals', `%+#${4 * limits.frames}`];
  const { streams } = await askStreams(path, input, ['-count_packets', ...upTo]);
  const examined = streams.find(isPicture);
  const sounds = streams.filter(({ codec_type: type }) => type === 'audio');
  return sounds.length > 1 || streams.some((stream) => stream !== examined && isShown(stream));
}

/** What calls itself a cover and has more pictures than one, as those of chapters do, is a film that some players show. */
const isShown = ({ codec_type: type, disposition, nb_read_packets: packets }: Stream): boolean =>
  type === 'video' && (disposition?.attached_pic !== 1 || Number(packets ?? 0) > 1);
