/** Sounds to measure codecs and filters by. */
import { createRng } from '../../src/random.ts';
import type { Audio, OpenClip } from '../../src/types.ts';
import { describeClip } from './clips.ts';

/** Noise of mostly low frequencies that swells and fades three times a second: equal to itself at no other delay. */
export function swellingNoise(seconds: number, sampleRate: number): Audio {
  const rng = createRng(1, 'swelling', sampleRate);
  let low = 0;
  const samples = Float32Array.from({ length: Math.round(seconds * sampleRate) }, (_, n) => {
    low += Math.min(1, 4000 / sampleRate) * (rng.normal() - low);
    return 0.2 * low * (0.5 + 0.5 * Math.sin((6 * Math.PI * n) / sampleRate));
  });
  return { sampleRate, samples };
}

/** A clip that is heard alone. */
export function openSound(audio: Audio): OpenClip {
  const { sampleRate, samples } = audio;
  const clip = describeClip('sound', []);
  return {
    clip: { ...clip, media: { ...clip.media, audio: { sampleRate, sampleCount: samples.length } } },
    async *frames() {},
    audio: async () => audio,
  };
}

export const energyOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value * value, 0);

/** By how many seconds `moved` comes later than `sound`: the highest point of their cross-correlation up to 10 ms, by the parabola through it. */
export function delaySeconds(sound: Float32Array, moved: Float32Array, sampleRate: number): number {
  const reach = Math.round(0.01 * sampleRate);
  const correlation = Array.from({ length: 2 * reach + 1 }, (_, i) => {
    let sum = 0;
    for (let n = reach; n < sound.length - reach; n++) sum += sound[n]! * moved[n + i - reach]!;
    return sum;
  });
  const top = correlation.indexOf(Math.max(...correlation));
  const [before = 0, here = 0, after = 0] = correlation.slice(Math.max(0, top - 1));
  return (top - reach + (0.5 * (before - after)) / (before - 2 * here + after)) / sampleRate;
}
