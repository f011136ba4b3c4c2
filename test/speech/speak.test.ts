import { expect, test } from 'vitest';
import { createRng } from '../../src/random.ts';
import { makeSentence } from '../../src/speech/grammar.ts';
import { inRoom, roomTaps } from '../../src/speech/room.ts';
import { speak, type Utterance } from '../../src/speech/speak.ts';
import { createVoice, formantScales } from '../../src/speech/voice.ts';

const utter = (seed: number, durationSeconds = 4.2) =>
  speak({
    words: makeSentence(createRng(seed, 'words')),
    voice: createVoice(createRng(seed, 'voice')),
    rng: createRng(seed, 'clip'),
    durationSeconds,
  });

test('the same seed gives the same samples, another seed others', () => {
  expect(utter(1)).toEqual(utter(1));
  expect(utter(1).audio.samples).not.toEqual(utter(2).audio.samples);
});

test('voices of every size speak without clipping, in exactly the time asked for', () => {
  for (let seed = 0; seed < 8; seed++) {
    const duration = 4.2 + 0.04 * seed;
    const { audio, phones } = utter(seed, duration);
    expect(audio.samples).toHaveLength(Math.round(duration * 16000));
    const peak = audio.samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(audio.samples.every((value) => Number.isFinite(value))).toBe(true);
    expect(peak).toBeGreaterThan(0.15);
    expect(peak).toBeLessThanOrEqual(0.9501);
    expect(phones.at(-1)!.end).toBe(duration);
  }
});

const crowd = Array.from({ length: 10 }, (_, seed) => seed);
let spoken: Utterance[] | undefined;

/** Mean power in dB of the phones that `wanted` names, over several voices. */
function powerOf(wanted: string[], emphasis: number): number {
  let [sum, count] = [0, 0];
  spoken ??= crowd.map((seed) => utter(seed));
  for (const { audio, phones } of spoken) {
    for (const { start, end, phone } of phones) {
      if (!wanted.includes(phone)) continue;
      for (let n = Math.ceil((start + 0.02) * 16000); n < (end - 0.02) * 16000; n++) {
        sum += (audio.samples[n]! - emphasis * audio.samples[n - 1]!) ** 2;
        count++;
      }
    }
  }
  return 10 * Math.log10(sum / count);
}

test('each kind of phone has its share of power, low and high', () => {
  const vowels = powerOf(['aa1', 'ae1', 'ow1', 'eh1', 'iy1'], 0);
  expect(powerOf(['sil'], 0) - vowels).toBeLessThan(-25);
  expect(powerOf(['m', 'n'], 0) - vowels).toBeLessThan(-3);
  expect(powerOf(['m', 'n'], 0) - vowels).toBeGreaterThan(-20);
  expect(powerOf(['s'], 0) - vowels).toBeLessThan(-6);
  // After emphasis of the highs the hiss stands out against the hum.
  expect(powerOf(['s', 'sh'], 0.97)).toBeGreaterThan(powerOf(['m', 'n'], 0.97));
  expect(powerOf(['s', 'sh'], 0)).toBeGreaterThan(powerOf(['f', 'th'], 0));
});

test('the room is the convolution with its taps, plus noise at its level', () => {
  const room = { ...createVoice(createRng(5)).room, noiseDb: -300 };
  const rng = createRng(1);
  const dry = Float32Array.from({ length: 6000 }, () => rng.uniform(-1, 1));
  const wet = inRoom(dry, room, rng);
  for (const n of [0, 700, 5999]) {
    const slow = roomTaps(room).reduce(
      (sum, { delaySamples, gain }) => sum + (n >= delaySamples ? gain * dry[n - delaySamples]! : 0),
      dry[n]!,
    );
    expect(wet[n]).toBeCloseTo(slow, 5);
  }
  const noise = inRoom(new Float32Array(50000), { ...room, noiseDb: -50 }, rng);
  const power = noise.reduce((sum, value) => sum + value * value, 0) / noise.length;
  expect(10 * Math.log10(power)).toBeCloseTo(-50, 0);
});

test('voices span the range of formant scales, low voices with long vocal tracts', () => {
  const voices = Array.from({ length: 200 }, (_, i) => createVoice(createRng(i)));
  const scales = voices.map(({ formantScale }) => formantScale);
  expect(Math.min(...scales)).toBeGreaterThanOrEqual(formantScales.low);
  expect(Math.max(...scales)).toBeLessThanOrEqual(formantScales.high);
  expect(Math.max(...scales) - Math.min(...scales)).toBeGreaterThan(0.3);
  const pitch = (low: boolean): number => {
    const some = voices.filter(({ formantScale }) => formantScale < 1 === low).map(({ f0Hz }) => f0Hz);
    return some.reduce((sum, hertz) => sum + hertz, 0) / some.length;
  };
  expect(pitch(false) / pitch(true)).toBeGreaterThan(1.3);
});
