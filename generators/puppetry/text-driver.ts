/**
 * Puppets that say a written text. It is spoken by one of the embedded synthesizer's voices, drawn anew for each person seen: nobody's
 * own voice is copied, and the sound is as fake as the picture.
 */
import { UserError } from '../../src/errors.ts';
import { personOf } from '../../src/pairs.ts';
import { type Part, phonesSpliced, spansOf } from '../../src/pipeline/part.ts';
import { createRng } from '../../src/random.ts';
import { phonesSpoken, type Speech } from '../../src/speech/speak.ts';
import { wordsOfText } from '../../src/speech/text.ts';
import { edgeSilenceSeconds, mostHurried, speechSeconds } from '../../src/speech/timing.ts';
import { createVoice } from '../../src/speech/voice.ts';
import type { Clip, Context, FakePlan, VideoInfo } from '../../src/types.ts';

/** What is said over a target, as `speak` takes it: exactly as long as its picture. */
export function speechFor(target: Clip, text: string, seed: number): Speech {
  const { frameCount, fps } = target.media.video!;
  return {
    words: wordsOfText(text),
    voice: createVoice(createRng(seed, 'puppetry', 'voice', personOf(target))),
    rng: createRng(seed, 'puppetry', 'text', target.id),
    durationSeconds: frameCount / fps,
  };
}

/**
 * One fake of each scored test clip with a picture. Only of those: a sentence stands in one split alone, so nothing may learn from them.
 * @throws UserError where a clip is too short for the text.
 */
export function planSpoken(
  clips: readonly Clip[],
  text: string,
  part: Part,
  context: Pick<Context, 'rng' | 'seed'>,
): FakePlan[] {
  return clips
    .filter(({ use, split, media }) => use === 'score' && split === 'test' && media.video)
    .map((target) => {
      const speech = speechFor(target, text, context.seed);
      requireRoom(speech, target.id, target.media.video!);
      const [spans, phones] = [spansOf(target, part, context), phonesSpoken(speech)];
      return {
        id: `${target.id}~text`,
        target,
        labels: { video: 'fake', audio: 'fake', pairing: 'fake', ...(spans ? { spans } : {}) },
        phones: spans ? phonesSpliced(target.phones ?? [], phones, spans) : phones,
      };
    });
}

function requireRoom({ words, voice }: Speech, id: string, { frameCount, fps }: VideoInfo): void {
  const needed = mostHurried * speechSeconds(words, voice.rate) + 2 * edgeSilenceSeconds;
  if (needed <= frameCount / fps) return;
  throw new UserError(
    `puppetry: the text takes at least ${needed.toFixed(1)} s to say, and ${id} lasts ${(frameCount / fps).toFixed(1)} s. Shorten driver.text, or bring longer clips (framesPerClip of talking-heads)`,
  );
}
