/** What a person does in their clips, before anything is drawn: sound, phone times and face movements. */
import type { FaceState } from '../../src/head/state.ts';
import { createRng } from '../../src/random.ts';
import { articulate } from '../../src/speech/articulate.ts';
import { perform } from '../../src/speech/perform.ts';
import { speak } from '../../src/speech/speak.ts';
import type { Audio, FileRef, Media, PhoneSpan } from '../../src/types.ts';
import { seatOf, voiceOf } from './person.ts';

/** All clips of one person: what is said in each, and how long each is. */
export type Session = {
  seed: number;
  personId: string;
  sentences: string[][];
  frameCount: number;
  fps: number;
};
/** What is left of a clip; of a photo no phones. */
export type Recording = { media: Media; track: FileRef; phones?: PhoneSpan[] };

/** Clip number `clip` of the session, of exactly `frameCount / fps` seconds. It depends on no other clip. */
export function actClip(
  { seed, personId, sentences, frameCount, fps }: Session,
  clip: number,
): { audio: Audio; phones: PhoneSpan[]; states: FaceState[] } {
  const voice = voiceOf(seed, personId);
  const rng = createRng(seed, 'talking-heads', personId, 'clip', clip);
  const words = sentences[clip]!;
  const durationSeconds = frameCount / fps;
  const { audio, phones } = speak({ words, voice, rng: rng.fork('speech'), durationSeconds });
  const mouth = articulate({ phones, style: voice.style, fps, frameCount });
  const seat = seatOf(seed, personId);
  const states = perform({ phones, mouth, style: voice.style, seat, rng: rng.fork('movement'), fps });
  // The camera's noise goes on from clip to clip.
  return {
    audio,
    phones,
    states: states.map((state) => ({ ...state, frameIndex: clip * frameCount + state.frameIndex })),
  };
}

/** The name of a clip's files and the end of its id: `00`, `01`, … */
export const clipName = (clip: number): string => String(clip).padStart(2, '0');
