/** A clip's sound as the speech networks take it. */
import { ItemError } from '../../src/errors.ts';
import { decodeAudio } from '../../src/media/decode.ts';
import { readWav } from '../../src/media/wav.ts';
import type { Audio, Clip } from '../../src/types.ts';
import { speechSampleRate } from './speech-features.ts';

/** Mono at 16 kHz. Throws ItemError `E_NO_AUDIO` for a silent film. */
export async function clipAudio({ id, media: { path, audio } }: Clip): Promise<Audio> {
  if (!audio) throw new ItemError('E_NO_AUDIO', `${id}: has no sound to speak with. Use a clip with sound.`);
  // Hundreds of recordings are read this way; starting ffmpeg for each would take longer than the training.
  if (path.endsWith('.wav') && audio.sampleRate === speechSampleRate) return readWav(path);
  return decodeAudio(path, speechSampleRate);
}
