import { expect, test } from 'vitest';
import { createRng } from '../../src/random.ts';
import { phones } from '../../src/speech/phones.ts';
import { sustain, vowelFormantsHz } from '../../src/speech/speak.ts';
import { createVoice, formantScales } from '../../src/speech/voice.ts';
import { formantsByLpc, predictor, roots } from './lpc.ts';

const vowels = Object.entries(phones).filter(([, { kind, glideToHz }]) => kind === 'vowel' && !glideToHz);
const scales = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
  (share) => formantScales.low + share * (formantScales.high - formantScales.low),
);

test('the measuring itself finds known resonances', () => {
  const polynomial = [1, -1.2, 0.9];
  expect(roots(polynomial).map(({ re }) => re)).toEqual([expect.closeTo(0.6, 9), expect.closeTo(0.6, 9)]);
  // The fading excitation is what the measuring's emphasis turns into an impulse.
  const ringing = new Float32Array(2000);
  for (let n = 1000; n < 2000; n++)
    ringing[n] = 0.97 ** (n - 1000) + 1.5 * ringing[n - 1]! - 0.95 * ringing[n - 2]!;
  const [measured] = formantsByLpc(ringing, 16000, 4);
  expect(measured).toBeCloseTo((Math.acos(1.5 / (2 * Math.sqrt(0.95))) * 16000) / (2 * Math.PI), -1);
  expect(predictor(ringing, 2).map((value) => Number(value.toFixed(2)))).toEqual([1, -1.5, 0.95]);
});

test.each([0.05, 0.8])(
  'F1–F3 of sustained vowels at 100 Hz lie within a tenth of their targets, breathiness %f',
  (breathiness) => {
    let worst = 0;
    for (const [phone] of vowels) {
      for (const formantScale of scales) {
        const voice = { ...createVoice(createRng(1, 'formants')), formantScale, breathiness };
        const { samples, sampleRate } = sustain({
          phone,
          voice,
          f0Hz: 100,
          durationSeconds: 0.3,
          rng: createRng(2, phone),
        });
        const measured = formantsByLpc(samples.subarray(1200, 4400), sampleRate, 20);
        vowelFormantsHz(phone, voice).forEach((target, k) => {
          const deviation = Math.abs(measured[k]! / target - 1);
          worst = Math.max(worst, deviation);
          expect(
            deviation,
            `${phone} F${k + 1}, scale ${formantScale}: ${measured[k]} instead of ${target} Hz`,
          ).toBeLessThan(0.1);
        });
      }
    }
    expect(worst).toBeGreaterThan(0);
  },
);
