import { expect, it } from 'vitest';
import { untrained, vocode } from '../../generators/vocoder/vocode.ts';
import { meydaWindows } from '../../src/dsp/meyda.ts';
import { createRng } from '../../src/random.ts';
import { speak } from '../../src/speech/speak.ts';
import { createVoice } from '../../src/speech/voice.ts';

const voice = createVoice(createRng(1, 'vocoder-test'), 0.5);
const words = ['my', 'mother', 'bought', 'a', 'blue', 'map', 'yesterday'];
const { audio } = speak({ words, voice, rng: createRng(1, 'vocoder-speech'), durationSeconds: 2.4 });

it.each(['griffin-lim', 'lpc'] as const)(
  '%s keeps loudness over time and timbre, changes the samples',
  async (method) => {
    const said = await vocode(audio, untrained[method], createRng(1, 'v'));
    expect(said.samples).toHaveLength(audio.samples.length);
    expect((await vocode(audio, untrained[method], createRng(1, 'v'))).samples).toEqual(said.samples);
    const [before, after] = [audio, said].map(({ samples, sampleRate }) => meydaWindows(samples, sampleRate));
    const correlation = (pick: (window: (typeof before & object)[number]) => number): number => {
      const [a, b] = [before!.map(pick), after!.map(pick)];
      const mean = (values: number[]): number =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      const [ma, mb] = [mean(a), mean(b)];
      let [ab, aa, bb] = [0, 0, 0];
      a.forEach((value, i) => {
        ab += (value - ma) * (b[i]! - mb);
        aa += (value - ma) ** 2;
        bb += (b[i]! - mb) ** 2;
      });
      return ab / Math.sqrt(aa * bb);
    };
    expect(correlation(({ rms }) => rms)).toBeGreaterThan(0.9);
    expect(correlation(({ centroidHz }) => centroidHz)).toBeGreaterThan(0.6);
    let difference = 0;
    said.samples.forEach((value, n) => {
      difference += (value - audio.samples[n]!) ** 2;
    });
    expect(difference).toBeGreaterThan(0.1 * audio.samples.reduce((sum, value) => sum + value * value, 0));
  },
);
