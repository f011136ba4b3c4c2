import { expect, test } from 'vitest';
import {
  bandPass,
  butterworthGain,
  chromPulse,
  type Colours,
  detrend,
  posPulse,
  pulseSnr,
} from '../../src/dsp/heartbeat.ts';
import { createRng } from '../../src/random.ts';

const [fps, frameCount] = [25, 250];

/** Skin with a heartbeat of `hertz` under light that flickers far more than it. */
function skin(hertz: number, beat: number): Colours {
  const rng = createRng(1, 'skin');
  return Array.from({ length: frameCount }, (_, t) => {
    const light = 1 + 0.05 * Math.sin(t / 9) + rng.normal(0, 0.02);
    const p = beat * Math.sin((2 * Math.PI * hertz * t) / fps);
    const noise = (): number => rng.normal(0, 0.02);
    return [
      180 * light * (1 - 0.3 * p) + noise(),
      120 * light * (1 - p) + noise(),
      90 * light * (1 - 0.6 * p) + noise(),
    ];
  });
}

test.each([
  ['POS', posPulse],
  ['CHROM', chromPulse],
])('%s finds the heart rate under light that flickers ten times as much', (_, method) => {
  const beating = pulseSnr(method(skin(1.3, 0.005), fps), fps)!;
  expect(beating.hertz).toBeCloseTo(1.3, 1);
  expect(beating.decibel).toBeGreaterThan(3);
  expect(pulseSnr(method(skin(1.3, 0), fps), fps)!.decibel).toBeLessThan(beating.decibel - 5);
});

test('nothing but brightness changes: both see nothing', () => {
  const grey: Colours = Array.from({ length: frameCount }, (_, t) => {
    const value = 100 + 10 * Math.sin(t / 3);
    return [value, value, value];
  });
  expect(Math.max(...posPulse(grey, fps).map(Math.abs))).toBeLessThan(1e-9);
  expect(pulseSnr(new Float64Array(frameCount), fps)).toBeUndefined();
});

test('POS is its definition, window by window', () => {
  const colours = skin(1, 0.01).slice(0, 70);
  const slow = new Float64Array(70);
  for (let start = 0; start + 40 <= 70; start++) {
    const own = colours.slice(start, start + 40);
    const mean = [0, 1, 2].map((c) => own.reduce((sum, colour) => sum + colour[c]! / 40, 0));
    const s = [
      [0, 1, -1],
      [-2, 1, 1],
    ].map((row) => own.map((colour) => row.reduce((sum, k, c) => sum + (k * colour[c]!) / mean[c]!, 0)));
    const spread = s.map((values) => {
      const middle = values.reduce((a, b) => a + b) / 40;
      return Math.sqrt(values.reduce((a, b) => a + (b - middle) ** 2, 0) / 40);
    });
    const h = s[0]!.map((value, i) => value + (spread[0]! / spread[1]!) * s[1]![i]!);
    const middle = h.reduce((a, b) => a + b) / 40;
    h.forEach((value, i) => {
      slow[start + i]! += value - middle;
    });
  }
  const expected = bandPass(detrend(slow), { fps, lowHz: 0.75, highHz: 3, order: 1 });
  posPulse(colours, fps).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 10));
});

test('the trend taken away solves (I + λ²DᵀD) t = z', () => {
  const rng = createRng(2, 'trend');
  const z = Float64Array.from({ length: 23 }, (_, i) => i * 0.3 + rng.normal());
  const rest = detrend(z);
  const t = z.map((value, i) => value - rest[i]!);
  const bend = (i: number): number => (i < 0 || i + 2 >= 23 ? 0 : t[i]! - 2 * t[i + 1]! + t[i + 2]!);
  t.forEach((value, i) =>
    expect(value + 1e4 * (bend(i) - 2 * bend(i - 1) + bend(i - 2))).toBeCloseTo(z[i]!, 6),
  );
  const line = Float64Array.from({ length: 50 }, (_, i) => 3 + 0.1 * i);
  for (const value of detrend(line)) expect(value).toBeCloseTo(0, 6);
});

test('the band-pass lets the middle of its band through, half the power squared at its edges', () => {
  const band = { lowHz: 0.75, highHz: 3, order: 1 };
  for (const edge of [0.75, 3]) expect(butterworthGain(edge, band)).toBeCloseTo(0.5, 12);
  expect(butterworthGain(1.5, band)).toBeCloseTo(1, 12);
  expect(butterworthGain(0, band)).toBe(0);
  expect(butterworthGain(6, { ...band, order: 3 })).toBeLessThan(butterworthGain(6, band));
});

test('a filtered signal is what the slow transform of the filled-up signal gives', () => {
  const rng = createRng(3, 'band');
  const band = { fps, lowHz: 0.7, highHz: 2.5, order: 3 };
  const values = Float64Array.from({ length: 20 }, () => rng.normal());
  const size = 64;
  const filtered = bandPass(values, band);
  for (let n = 0; n < 20; n++) {
    let sum = 0;
    for (let k = 0; k < size; k++) {
      const gain = butterworthGain((Math.min(k, size - k) * fps) / size, band);
      values.forEach((value, m) => {
        sum += (gain / size) * value * Math.cos((2 * Math.PI * k * (n - m)) / size);
      });
    }
    expect(filtered[n]).toBeCloseTo(sum, 10);
  }
});

test('signal to noise of two tones is the ratio of their powers', () => {
  const tones = (other: number) =>
    Float64Array.from({ length: 2500 }, (_, t) => {
      const seconds = t / fps;
      return Math.sin(2 * Math.PI * 1.2 * seconds) + other * Math.sin(2 * Math.PI * 0.9 * seconds);
    });
  const { hertz, decibel } = pulseSnr(tones(0.5), fps)!;
  expect(hertz).toBeCloseTo(1.2, 2);
  expect(decibel).toBeCloseTo(10 * Math.log10(1 / 0.25), 0);
});
