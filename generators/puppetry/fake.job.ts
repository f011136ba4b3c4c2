/** Makes one puppet video (R4): the target's frames with the mouth repainted to say what the driver says, and the driver's sound; or what a text says. */
import { compositeFrame } from '../../src/faces/composite.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { frameOf, readTrack } from '../../src/head/track.ts';
import type { FaceTrack } from '../../src/head/track.ts';
import { spliced } from '../../src/dsp/splice.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { isForged } from '../../src/pipeline/part.ts';
import { speak as say } from '../../src/speech/speak.ts';
import type { Audio, Clip, Frame, Media, Span, Work } from '../../src/types.ts';
import { clipAudio } from './clip-audio.ts';
import { withSpeech } from './expression.ts';
import { heardBy, type Settings } from './options.ts';
import { personOf } from '../../src/pairs.ts';
import { speechSampleRate } from './speech-features.ts';
import { closeActor, closeEars, listen, openActor, openEars, paint, renderBatch } from './puppet.ts';
import type { Actor, ModelFiles, Shot } from './puppet.ts';
import { applyPersonMap } from './speech-models.ts';
import { textureSize } from './texture.ts';
import { speechFor } from './text-driver.ts';
import { placeOf, stageOf } from './window.ts';

export type FakeInput = {
  target: Clip;
  files: ModelFiles;
  settings: Settings;
  label: string;
  options: object;
  spans?: Span[];
} & ({ driver: Clip } | { text: string; seed: number });

export const makeFake = defineJob<FakeInput, Media>({
  name: 'puppetry-fake',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run(input: FakeInput, work: Work): Promise<Media> {
  const { makeFakeFilm } = await import('../../src/pipeline/fake-film.ts');
  const { target, files, settings, label, options, spans } = input;
  const { fps, frameCount } = target.media.video!;
  const track = await readTrack(target.track!.path);
  const said = 'driver' in input ? await soundOf(input.driver) : synthesized(target, input.text, input.seed);
  const { audio, speech } = spans ? await within(spans, target, said) : said;
  const ears = await openEars(files, heardBy(settings.audio));
  const heard = await listen(ears, speech, { fps, frameCount }).finally(() => closeEars(ears));
  const actor = await openActor(files, personOf(target), settings.renderer);
  try {
    return await makeFakeFilm(work, {
      target,
      label,
      options,
      frames: (frames) => speak(frames, track, applyPersonMap(actor.map, heard), actor, spans),
      sound: audio,
      ...(spans ? { spans } : {}),
      model: Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256])),
      ...('driver' in input ? { other: input.driver } : {}),
    });
  } finally {
    closeActor(actor);
  }
}

/** What is heard, and the same as the speech networks take it. */
type Sound = { audio: Audio; speech: Audio };

async function soundOf(driver: Clip): Promise<Sound> {
  const { decodeAudio } = await import('../../src/media/decode.ts');
  const { path, audio: sound } = driver.media;
  if (!sound) throw new Error(`${driver.id}: planned as a driver without a sound`);
  const audio = await decodeAudio(path, sound.sampleRate);
  return { audio, speech: sound.sampleRate === speechSampleRate ? audio : await clipAudio(driver) };
}

/** The target's own sound with what is said inside the spans. */
async function within(spans: readonly Span[], target: Clip, { audio, speech }: Sound): Promise<Sound> {
  const { decodeAudio } = await import('../../src/media/decode.ts');
  const { fps, frameCount } = target.media.video!;
  const splice = async ({ samples, sampleRate }: Audio): Promise<Audio> => {
    const length = Math.round((frameCount / fps) * sampleRate);
    const whole = (own: ArrayLike<number>): Float32Array =>
      Float32Array.from({ length }, (_, n) => own[n] ?? 0);
    const own = target.media.audio ? (await decodeAudio(target.media.path, sampleRate)).samples : [];
    return { sampleRate, samples: spliced(whole(own), whole(samples), spans, sampleRate) };
  };
  return { audio: await splice(audio), speech: await splice(speech) };
}

function synthesized(target: Clip, text: string, seed: number): Sound {
  const { audio } = say(speechFor(target, text, seed));
  return { audio, speech: audio };
}

/** The frames with their mouths repainted by `speech` (rows of K coefficients), inside the spans alone where there are any; pose, lids and brows stay the track's. */
export async function* speak(
  frames: AsyncIterable<Frame>,
  track: FaceTrack,
  speech: Float32Array,
  actor: Actor,
  spans?: readonly Span[],
): AsyncGenerator<Frame> {
  const stage = stageOf(track, textureSize(actor.textureSettings));
  let shots: (Shot & { forged: boolean })[] = [];
  const finish = async (): Promise<Frame[]> => {
    const painted = await paint(actor, shots);
    const finished = shots.map(({ frame, place, forged }, i) =>
      forged ? compositeFrame(frame, painted[i]!, place.window, place.mask) : frame,
    );
    shots = [];
    return finished;
  };
  let t = 0;
  for await (const frame of frames) {
    const { pose, expression } = frameOf(track, t);
    const spoken = speech.subarray(t * expressionCount, (t + 1) * expressionCount);
    const place = placeOf(stage, pose, actor.sizePx);
    const forged = isForged(spans, t / track.fps);
    shots.push({ stage, place, frame, pose, expression: withSpeech(expression, spoken), forged });
    if (shots.length === renderBatch) yield* await finish();
    t++;
  }
  if (shots.length > 0) yield* await finish();
}
