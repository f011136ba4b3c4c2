import { expect, it } from 'vitest';
import { gmmLfcc, lcnnLfcc, lfcc, lfccWidth } from '../../src/dsp/lfcc.ts';
import { createRng } from '../../src/random.ts';

const sampleRate = 16000;
const rng = createRng(1, 'lfcc');
const samples = Float32Array.from({ length: 4000 }, (_, n) => 0.4 * Math.sin(n / 5) + 0.1 * rng.normal());

/** The definition, bin by bin. */
function slow(t: number, length: number, hop: number, filters: number, highHz: number): number[] {
  const power = Array.from({ length: 513 }, (_, k) => {
    let [re, im] = [0, 0];
    for (let n = 0; n < length; n++) {
      const value = samples[t * hop + n]! * (0.54 - 0.46 * Math.cos((2 * Math.PI * n) / (length - 1)));
      re += value * Math.cos((2 * Math.PI * k * n) / 1024);
      im += value * Math.sin((2 * Math.PI * k * n) / 1024);
    }
    return re * re + im * im;
  });
  const width = highHz / (filters + 1);
  const logs = Array.from({ length: filters }, (_, f) => {
    let sum = 0;
    power.forEach((value, k) => {
      const weight = 1 - Math.abs((k * sampleRate) / 1024 - (f + 1) * width) / width;
      if (weight > 0) sum += weight * value;
    });
    return Math.log10(sum + 2 ** -52);
  });
  return Array.from({ length: 20 }, (_, c) =>
    logs.reduce(
      (sum, value, f) =>
        sum +
        value *
          Math.sqrt((c === 0 ? 1 : 2) / filters) *
          Math.cos((Math.PI * c * (2 * f + 1)) / (2 * filters)),
      0,
    ),
  );
}

it.each([
  { what: 'GMM', options: gmmLfcc, length: 480, hop: 240, filters: 70, highHz: 4000 },
  { what: 'LCNN', options: lcnnLfcc, length: 320, hop: 160, filters: 20, highHz: 8000 },
])('rows of the $what baseline are those of the definition', ({ options, length, hop, filters, highHz }) => {
  const rows = lfcc(samples, sampleRate, options);
  expect(rows).toHaveLength(1 + Math.floor((4000 - length) / hop));
  expect(rows.every((row) => row.length === lfccWidth)).toBe(true);
  const expected = [4, 5, 6, 7, 8].map((t) => slow(t, length, hop, filters, highHz));
  const row = rows[6]!;
  for (let c = 0; c < 20; c++) {
    expect(row[c]).toBeCloseTo(expected[2]![c]!, 4);
    expect(row[20 + c]).toBeCloseTo(expected[3]![c]! - expected[1]![c]!, 4);
    const [before, after] = [expected[2]![c]! - expected[0]![c]!, expected[4]![c]! - expected[2]![c]!];
    expect(row[40 + c]).toBeCloseTo(after - before, 4);
  }
});

it('a sound shorter than a window has no rows', () => {
  expect(lfcc(samples.subarray(0, 479), sampleRate, gmmLfcc)).toEqual([]);
});
