/** What distortions of sound do, measured by what defines each severity. */
import { describe, expect, test } from 'vitest';
import { realFft } from '../../src/dsp/fft.ts';
import { hann } from '../../src/dsp/stft.ts';
import { throughCodec } from '../../src/media/sound-codec.ts';
import { onSound } from '../../src/perturbations/on-clips.ts';
import { perturbations } from '../../src/perturbations/index.ts';
import { roomResponse } from '../../src/perturbations/reverberation.ts';
import { createRng } from '../../src/random.ts';
import type { Audio, Distortion, Series } from '../../src/types.ts';
import { workFolder } from '../media/tools.ts';
import { distortionAt } from '../support/distortions.ts';
import { energyOf, openSound, swellingNoise } from '../support/sounds.ts';

const at = workFolder();
const ofSound = Object.values(perturbations)
  .flatMap((perturbation) => perturbation.series(perturbation.options.parse({})))
  .filter(({ changes }) => changes === 'sound');
const seriesOf = (name: string): Series => ofSound.find((series) => series.name === name)!;
const levelsOf = (name: string): [string, Distortion][] =>
  seriesOf(name).levels.map(({ severity }, i) => [severity, distortionAt(seriesOf(name), i + 1)]);
/** The last number in a severity. */
const numberIn = (severity: string): number => Number([...severity.matchAll(/[\d.]+/g)].at(-1)![0]);

async function distorted(distort: Distortion, audio: Audio, seed = 1): Promise<Float32Array> {
  const clip = await distort(openSound(audio), createRng(seed, 'draw'), at('.'));
  const { sampleRate, samples } = await clip.audio();
  expect([sampleRate, samples.length]).toEqual([audio.sampleRate, audio.samples.length]);
  expect(samples.every((sample) => Math.abs(sample) <= 1)).toBe(true);
  return samples;
}

test('every series is there, high bit rates first', () => {
  const codecs = ['a-law', 'mu-law', 'g722', 'gsm', 'opus', 'mp3', 'aac', 'vorbis'];
  expect(ofSound.map(({ name }) => name).sort()).toEqual(
    [
      ...codecs.map((codec) => `sound-codecs/${codec}`),
      ...['white', 'pink', 'babble'].map((noise) => `sound-noise/${noise}`),
      'telephone',
      'reverberation',
      'low-pass',
      'bit-depth',
      'clipping',
    ].sort(),
  );
  for (const codec of codecs) {
    const rates = levelsOf(`sound-codecs/${codec}`).map(([severity]) => numberIn(severity));
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  }
  const { options, series } = perturbations['sound-codecs']!;
  expect(series(options.parse({ codecs: ['opus'] })).map(({ name }) => name)).toEqual(['sound-codecs/opus']);
  expect(() => options.parse({ codecs: ['opsu'] })).toThrow(/opus/);
});

/** Codecs take a while: of each its last level. Their trips are looked at in `test/media/sound-codec.test.ts`. */
const all = ofSound.flatMap((series) =>
  series.levels
    .map(({ severity }, i) => [series.name, severity, distortionAt(series, i + 1)] as const)
    .slice(series.name.startsWith('sound-codecs') ? -1 : 0),
);

describe.each(all.filter(([name]) => name !== 'sound-codecs/gsm'))('%s, %s', (name, _severity, distort) => {
  test('the same draw gives the same sound, which is another than before', async () => {
    const sound = swellingNoise(0.5, 16000);
    const once = await distorted(distort, sound);
    expect(once).not.toEqual(sound.samples);
    expect(await distorted(distort, sound)).toEqual(once);
    const random = /noise|reverberation/.test(name);
    expect((await distorted(distort, sound, 2)).every((sample, n) => sample === once[n])).toBe(!random);
  });

  test('silence, one sample, 5 ms and other rates', async () => {
    const silence = distorted(distort, { sampleRate: 16000, samples: new Float32Array(1600) });
    if (name.startsWith('sound-noise'))
      await expect(silence).rejects.toMatchObject({ code: 'E_NOT_APPLICABLE' });
    else expect(Math.max(...(await silence).map(Math.abs))).toBeLessThan(2e-3);
    await distorted(distort, { sampleRate: 16000, samples: Float32Array.of(0.5) });
    for (const sampleRate of [8000, 22050, 44100, 48000])
      await distorted(distort, swellingNoise(0.005, sampleRate));
  });
});

test('the codec trip of a level is that of its severity', async () => {
  const sound = swellingNoise(0.5, 16000);
  for (const [severity, distort] of levelsOf('sound-codecs/mp3'))
    expect(await distorted(distort, sound)).toEqual(
      (await throughCodec(sound, 'mp3', numberIn(severity), at('.'))).samples,
    );
});

describe.each(['white', 'pink', 'babble'])('%s noise', (name) => {
  test.each(levelsOf(`sound-noise/${name}`))('%s over the whole clip', async (severity, distort) => {
    const sound = swellingNoise(1, 16000);
    const noisy = await distorted(distort, sound);
    const noise = noisy.map((sample, n) => sample - sound.samples[n]!);
    const snrDb = 10 * Math.log10(energyOf(sound.samples) / energyOf(noise));
    expect(snrDb).toBeCloseTo(numberIn(severity), 2);
  });
});

test('a sound that would go beyond full scale is turned down as a whole', async () => {
  const louder = onSound(({ sampleRate, samples }) => ({ sampleRate, samples: samples.map((x) => 4 * x) }));
  const samples = Float32Array.of(0.5, -0.25, 0.125);
  expect([...(await distorted(louder, { sampleRate: 8000, samples }))]).toEqual([1, -0.5, 0.25]);
});

describe('reverberation', () => {
  test.each(levelsOf('reverberation'))('%s by Schroeder’s integral', async (severity, distort) => {
    const rt60Seconds = numberIn(severity);
    const impulse = new Float32Array(1.5 * 16000);
    impulse[0] = 0.5;
    const response = await distorted(distort, { sampleRate: 16000, samples: impulse });
    const decayDb = schroederDb(response);
    // From −5 to −25 dB, times three (T20 of ISO 3382).
    const from = decayDb.findIndex((level) => level < -5);
    const to = decayDb.findIndex((level) => level < -25);
    expect((3 * (to - from)) / 16000 / rt60Seconds).toBeGreaterThan(0.93);
    expect((3 * (to - from)) / 16000 / rt60Seconds).toBeLessThan(1.07);
  });

  test.each(levelsOf('reverberation'))(
    '%s: as loud as before, direct sound at time 0',
    async (severity, distort) => {
      const sound = swellingNoise(1, 22050);
      expect(energyOf(await distorted(distort, sound)) / energyOf(sound.samples)).toBeCloseTo(1, 4);
      const response = roomResponse(numberIn(severity), 22050, createRng(1, 'room'));
      expect(response[0]).toBe(1);
      expect(response.subarray(1, 60).every((value) => value === 0)).toBe(true);
      expect(energyOf(response.subarray(1))).toBeCloseTo(1, 9);
    },
  );
});

/** The energy that is still to come, relative to all of it. */
function schroederDb(response: Float32Array): number[] {
  let sum = 0;
  const left = Array.from(response.toReversed(), (value) => (sum += value * value)).reverse();
  return left.map((energy) => 10 * Math.log10(energy / sum));
}

test.each(levelsOf('clipping'))('clipping %s', async (severity, distort) => {
  const { samples } = swellingNoise(1, 16000);
  const limit = Math.max(...samples.map(Math.abs)) * 10 ** (-numberIn(severity) / 20);
  const out = await distorted(distort, { sampleRate: 16000, samples });
  out.forEach((sample, n) =>
    expect(sample).toBeCloseTo(Math.sign(samples[n]!) * Math.min(limit, Math.abs(samples[n]!)), 6),
  );
});

test.each(levelsOf('bit-depth'))(
  '%s: every step of full scale, and none between',
  async (severity, distort) => {
    const steps = 2 ** numberIn(severity);
    const samples = Float32Array.from({ length: 8 * steps + 1 }, (_, n) => n / (4 * steps) - 1);
    const out = await distorted(distort, { sampleRate: 16000, samples });
    expect(new Set(out).size).toBe(steps);
    out.forEach((sample, n) => {
      expect(Number.isInteger((sample * steps) / 2)).toBe(true);
      // The highest step of all is one below full scale.
      expect(Math.abs(sample - Math.min(1 - 2 / steps, samples[n]!))).toBeLessThanOrEqual(1 / steps);
    });
  },
);

/** What is left of white noise of 1 s at `sampleRate` between two frequencies, in dB. */
async function leftDb(
  distort: Distortion,
  sampleRate: number,
  lowHz: number,
  highHz: number,
): Promise<number> {
  const rng = createRng(1, 'white');
  const size = 2 ** 15;
  const samples = Float32Array.from({ length: size }, () => rng.uniform(-0.1, 0.1));
  const power = (sound: Float32Array): number => {
    const window = hann(size);
    const { real, imaginary } = realFft(sound.map((sample, n) => sample * window[n]!));
    const inside = (_: number, k: number): boolean =>
      (k * sampleRate) / size > lowHz && (k * sampleRate) / size < highHz;
    return energyOf(real.filter(inside)) + energyOf(imaginary.filter(inside));
  };
  return 10 * Math.log10(power(await distorted(distort, { sampleRate, samples })) / power(samples));
}

describe.each([16000, 44100])('pass and stop bands at %i Hz', (sampleRate) => {
  test.each(levelsOf('low-pass'))('low-pass %s', async (severity, distort) => {
    const limitHz = 1000 * numberIn(severity);
    expect(await leftDb(distort, sampleRate, 0, limitHz - 100)).toBeCloseTo(0, 1);
    expect(await leftDb(distort, sampleRate, limitHz + 100, sampleRate / 2)).toBeLessThan(-70);
  });

  test('a low-pass above half the rate changes nothing', async () => {
    const sound = swellingNoise(0.2, 8000);
    const out = await distorted(levelsOf('low-pass')[0]![1], sound);
    out.forEach((sample, n) => expect(sample).toBeCloseTo(sound.samples[n]!, 6));
  });

  test.each(levelsOf('telephone'))('telephone, %s', async (severity, distort) => {
    const coded = severity.includes('µ-law');
    expect(Math.abs(await leftDb(distort, sampleRate, 400, 3300))).toBeLessThan(0.1);
    expect(await leftDb(distort, sampleRate, 4100, sampleRate / 2)).toBeLessThan(-50);
    // µ-law adds a noise of its own, some 37 dB below the sound, all over the band of 8 kHz.
    expect(await leftDb(distort, sampleRate, 0, 200)).toBeLessThan(coded ? -25 : -70);
    expect(await leftDb(distort, sampleRate, 3500, 3900)).toBeLessThan(coded ? -25 : -70);
  });
});

test('the second level of the telephone differs from the first by the noise of µ-law', async () => {
  const [[, band], [, coded]] = levelsOf('telephone') as [[string, Distortion], [string, Distortion]];
  const sound = swellingNoise(1, 16000);
  const clean = await distorted(band, sound);
  const noise = (await distorted(coded, sound)).map((sample, n) => sample - clean[n]!);
  const snrDb = 10 * Math.log10(energyOf(clean) / energyOf(noise));
  expect(snrDb).toBeGreaterThan(30);
  expect(snrDb).toBeLessThan(42);
});
