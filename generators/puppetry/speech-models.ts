/** The trained speech networks, opened: sound in, expression coefficients out. */
import { openModel } from '../../src/compute/model.ts';
import { ridge } from '../../src/dsp/ridge.ts';
import type { FileRef } from '../../src/types.ts';
import { filterFrames, framesBefore, latentCount, mapScale } from './audio-net.ts';
import { runRows } from '../../src/compute/rows.ts';
import type { RowModel } from '../../src/compute/rows.ts';
import { audioWindows, phoneInputs, windowRows, windowWidth } from './speech-features.ts';
import { phoneColumnCount } from '../../src/speech/phones.ts';

/** Rows the exported networks take at once. */
export const phoneBatch = 128;
export const frameBatch = 64;

export async function openPhoneNet(file: FileRef): Promise<RowModel> {
  return { network: await openModel(file.path, { threads: 1 }), shape: [phoneBatch, phoneInputs] };
}

/** Window net and temporal filter. */
export type AudioNet = { window: RowModel; filter: RowModel };

/** Opens the two networks from their files or bytes. */
export async function openAudioNet(
  sources: Record<'windowNet' | 'filter', string | Uint8Array>,
): Promise<AudioNet> {
  return {
    window: {
      network: await openModel(sources.windowNet, { threads: 1 }),
      shape: [frameBatch, windowRows, phoneColumnCount],
    },
    filter: {
      network: await openModel(sources.filter, { threads: 1 }),
      shape: [frameBatch, filterFrames, latentCount],
    },
  };
}

export function closeAudioNet({ window, filter }: AudioNet): void {
  window.network.close();
  filter.network.close();
}

/** Filtered audio expressions of every frame, rows of 32, from the clip's features (rows of 29 at video rate). */
export function audioExpressions(net: AudioNet, features: Float32Array): Promise<Float32Array> {
  return windowExpressions(net, audioWindows(features, allFrames(features.length / phoneColumnCount)));
}

export const allFrames = (count: number): number[] => Array.from({ length: count }, (_, t) => t);

/** As `audioExpressions`, from the windows (16×29) of a clip's frames. */
export async function windowExpressions(
  { window, filter }: AudioNet,
  windows: Float32Array,
): Promise<Float32Array> {
  const count = windows.length / windowWidth;
  const latents = await runRows(window, windows);
  const neighbours = new Float32Array(count * filterFrames * latentCount);
  for (let t = 0; t < count; t++) {
    for (let i = 0; i < filterFrames; i++) {
      const frame = Math.max(0, Math.min(count - 1, t - framesBefore + i));
      neighbours.set(
        latents.subarray(frame * latentCount, (frame + 1) * latentCount),
        (t * filterFrames + i) * latentCount,
      );
    }
  }
  return runRows(filter, neighbours);
}

/** A person's map M, row-major `inputs`×K: expression = 10 · a · M for an audio expression a (32 values), or what else is heard (`sound-map.ts`). */
export type PersonMap = { inputs: number; weights: Float32Array };

const mapStrength = 0.1;

/** A7: the map of a person from audio expressions (rows of 32) and expressions (rows of K) of their own footage, by ridge regression. */
export function fitPersonMap(latents: Float32Array, expressions: Float32Array): PersonMap {
  const weights = ridge(latents, expressions, {
    inputs: latentCount,
    outputs: (expressions.length * latentCount) / latents.length,
    strength: mapStrength,
  });
  return { inputs: latentCount, weights: Float32Array.from(weights, (value) => value / mapScale) };
}

/** Expressions (rows of K) of what is heard. */
export function applyPersonMap({ inputs, weights }: PersonMap, heard: Float32Array): Float32Array {
  const count = heard.length / inputs;
  const k = weights.length / inputs;
  const expressions = new Float32Array(count * k);
  for (let t = 0; t < count; t++) {
    for (let i = 0; i < inputs; i++) {
      const value = mapScale * heard[t * inputs + i]!;
      for (let j = 0; j < k; j++) expressions[t * k + j]! += value * weights[i * k + j]!;
    }
  }
  return expressions;
}
