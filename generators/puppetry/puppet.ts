/** A trained puppet, opened: the speech networks, the renderer and one target with their texture and map. */
import { openModel } from '../../src/compute/model.ts';
import type { Network } from '../../src/compute/model.ts';
import { ItemError } from '../../src/errors.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import type { FaceTrack } from '../../src/head/track.ts';
import { readTensors } from '../../src/tensors.ts';
import type { Audio, FileRef, Frame } from '../../src/types.ts';
import { speechPart } from './expression.ts';
import type { Settings } from './options.ts';
import { concat } from '../../src/compute/rows.ts';
import type { RowModel } from '../../src/compute/rows.ts';
import { heardFeatures, soundWindows } from './speech-features.ts';
import { audioExpressions, closeAudioNet, openAudioNet, openPhoneNet } from './speech-models.ts';
import type { AudioNet, PersonMap } from './speech-models.ts';
import { sampleTexels, textureChannels, textureSize } from './texture.ts';
import { dynamicInputs } from './texture-dynamic.ts';
import type { AudioVariant } from './variants.ts';
import { backgroundOf, faceImage, toFrame } from './window.ts';
import type { Place, Stage } from './window.ts';

/** The networks that hear. */
export type HearingFiles = Record<'phoneNet' | 'windowNet' | 'filter', FileRef>;
/** The files of a trained model; without those of `HearingFiles` where the sound itself is heard (`hearing.ts`). */
export type ModelFiles = Partial<HearingFiles> &
  Record<'maps' | 'renderer' | 'textures', FileRef> & {
    /** What makes textures dynamic, where they are. */
    filters?: FileRef;
  };

/** Windows the exported renderer takes at once. */
export const renderBatch = 4;

/** `input`: what the audio net hears. Without `nets` the sound itself is heard. */
export type Ears = { nets?: { phoneNet: RowModel; audioNet: AudioNet; input: AudioVariant['input'] } };

export async function openEars(
  { phoneNet, windowNet, filter }: Partial<HearingFiles>,
  input: AudioVariant['input'],
): Promise<Ears> {
  if (!phoneNet || !windowNet || !filter) return {};
  return {
    nets: {
      input,
      phoneNet: await openPhoneNet(phoneNet),
      audioNet: await openAudioNet({ windowNet: windowNet.path, filter: filter.path }),
    },
  };
}

export function closeEars({ nets }: Ears): void {
  nets?.phoneNet.network.close();
  if (nets) closeAudioNet(nets.audioNet);
}

/** What is heard of a sound, one row per video frame: audio expressions of 32 values, or windows of the sound itself. */
export async function listen(
  { nets }: Ears,
  audio: Audio,
  video: { fps: number; frameCount: number },
): Promise<Float32Array> {
  if (!nets) return soundWindows(audio, video);
  return audioExpressions(nets.audioNet, await heardFeatures(nets.input, nets.phoneNet, audio, video));
}

/** The speech part of a track's expressions, rows of K. */
export function speechOf({ frames }: FaceTrack): Float32Array {
  return concat(frames.map(({ expression }) => speechPart(expression)));
}

/** The renderer with one target's texture and map. */
export type Actor = {
  network: Network;
  /** What makes the texture another one with each expression. */
  filters?: Network;
  texture: Float32Array;
  map: PersonMap;
  sizePx: number;
  textureSettings: Settings['renderer']['texture'];
};

/** Throws ItemError `E_NOT_APPLICABLE` for a person without footage to learn from. */
export async function openActor(
  files: ModelFiles,
  person: string,
  settings: Settings['renderer'],
): Promise<Actor> {
  const of = async (file: FileRef) => {
    const tensor = (await readTensors(file.path))[person];
    if (tensor) return { rows: tensor.shape[0]!, data: tensor.data as Float32Array };
    throw new ItemError(
      'E_NOT_APPLICABLE',
      `puppetry has seen no footage of "${person}" that it may be fitted on. Add clips with a face track`,
    );
  };
  const [texture, map] = [await of(files.textures), await of(files.maps)];
  const network = await openModel(files.renderer.path, { threads: 1 });
  const filters = files.filters && (await openModel(files.filters.path, { threads: 1 }));
  return {
    ...(filters ? { filters } : {}),
    network,
    texture: texture.data,
    map: { inputs: map.rows, weights: map.data },
    sizePx: settings.sizePx,
    textureSettings: settings.texture,
  };
}

export function closeActor({ network, filters }: Actor): void {
  network.close();
  filters?.close();
}

/** One window to paint: a place in a frame, what is around the hole, and the face with its expression. */
export type Shot = { stage: Stage; place: Place; frame: Frame; pose: Float32Array; expression: Float32Array };

/** Paints the windows of up to `renderBatch` shots of one target. */
export async function paint(actor: Actor, shots: readonly Shot[]): Promise<Frame[]> {
  const { network, sizePx } = actor;
  const textureOf = await texturesOf(actor, shots);
  const pixels = sizePx * sizePx;
  const shape = (channels: number): number[] => [renderBatch, sizePx, sizePx, channels];
  const features = new Float32Array(renderBatch * pixels * textureChannels);
  const faces = new Float32Array(renderBatch * pixels);
  const background = new Float32Array(renderBatch * pixels * 3);
  shots.forEach(({ stage, place, frame, pose, expression }, i) => {
    const { table, face } = faceImage(stage, pose, expression, place);
    features.set(sampleTexels(textureOf(i), table), i * pixels * textureChannels);
    faces.set(face, i * pixels);
    background.set(backgroundOf(frame, place), i * pixels * 3);
  });
  const { picture } = await network.run({
    features: { shape: shape(textureChannels), data: features },
    face: { shape: shape(1), data: faces },
    background: { shape: shape(3), data: background },
  });
  const painted = picture!.data as Float32Array;
  return shots.map(({ place }, i) =>
    toFrame(painted.subarray(i * pixels * 3, (i + 1) * pixels * 3), place.window),
  );
}

/** The texture of each shot: the target's, as it is under the shot's expression where it is dynamic. */
async function texturesOf(
  { filters, texture, textureSettings }: Actor,
  shots: readonly Shot[],
): Promise<(shot: number) => Float32Array> {
  if (!filters) return () => texture;
  const inputs = dynamicInputs(renderBatch, textureSize(textureSettings));
  const textures = new Float32Array(renderBatch * texture.length);
  const expressions = new Float32Array(renderBatch * expressionCount);
  shots.forEach(({ expression }, i) => {
    textures.set(texture, i * texture.length);
    expressions.set(expression, i * expressionCount);
  });
  const made = await filters.run({
    textures: { ...inputs.textures, data: textures },
    expressions: { ...inputs.expressions, data: expressions },
  });
  const all = made['filtered']!.data as Float32Array;
  return (shot) => all.subarray(shot * texture.length, (shot + 1) * texture.length);
}
