/** Makes one puppet video (R4): the target's frames with the mouth repainted to say what the driver says, and the driver's sound; or what a text says. */
import { compositeFrame } from '../../src/faces/composite.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { readTrack } from '../../src/head/track.ts';
import type { FaceTrack } from '../../src/head/track.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { speak as say } from '../../src/speech/speak.ts';
import type { Audio, Clip, Frame, Media, Work } from '../../src/types.ts';
import { clipAudio } from './clip-audio.ts';
import { withSpeech } from './expression.ts';
import { heardBy, type Settings } from './options.ts';
import { personOf } from '../../src/pairs.ts';
import { speechSampleRate } from './speech-features.ts';
import { listen, openActor, openSpeechNets, paint, renderBatch } from './puppet.ts';
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
  const { target, files, settings, label, options } = input;
  const { fps, frameCount } = target.media.video!;
  const track = await readTrack(target.track!.path);
  const nets = await openSpeechNets(files, heardBy(settings.audio));
  const { audio, speech } =
    'driver' in input ? await soundOf(input.driver) : synthesized(target, input.text, input.seed);
  const heard = await listen(nets, speech, { fps, frameCount });
  const actor = await openActor(files, personOf(target), settings.renderer);
  return makeFakeFilm(work, {
    target,
    label,
    options,
    frames: (frames) => speak(frames, track, applyPersonMap(actor.map, heard), actor),
    sound: audio,
    model: Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256])),
    ...('driver' in input ? { other: input.driver } : {}),
  });
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

function synthesized(target: Clip, text: string, seed: number): Sound {
  const { audio } = say(speechFor(target, text, seed));
  return { audio, speech: audio };
}

/** The frames with their mouths repainted by `speech` (rows of K coefficients); pose, lids and brows stay the track's. */
export async function* speak(
  frames: AsyncIterable<Frame>,
  track: FaceTrack,
  speech: Float32Array,
  actor: Actor,
): AsyncGenerator<Frame> {
  const stage = stageOf(track, textureSize(actor.textureSettings));
  let shots: Shot[] = [];
  const finish = async (): Promise<Frame[]> => {
    const painted = await paint(actor, shots);
    const finished = shots.map(({ frame, place }, i) =>
      compositeFrame(frame, painted[i]!, place.window, place.mask),
    );
    shots = [];
    return finished;
  };
  let t = 0;
  for await (const frame of frames) {
    const { pose, expression } = track.frames[t]!;
    const spoken = speech.subarray(t * expressionCount, (t + 1) * expressionCount);
    const place = placeOf(stage, pose, actor.sizePx);
    shots.push({ stage, place, frame, pose, expression: withSpeech(expression, spoken) });
    if (shots.length === renderBatch) yield* await finish();
    t++;
  }
  if (shots.length > 0) yield* await finish();
}
