import { describe, expect, it } from 'vitest';
import { frameSpectrum, spectrumFeatures } from '../../detectors/spectrum.job.ts';
import { noisy, openFrames, paint } from '../support/clips.ts';

describe('frameSpectrum', () => {
  it('has 179 values, starts at 1 and falls along smooth pictures faster than along noise', async () => {
    const [smooth, rough] = [
      await frameSpectrum(noisy('a', 256, 256, 0.5)),
      await frameSpectrum(noisy('a', 256, 256, 40)),
    ];
    expect(smooth.length).toBe(179);
    expect(smooth[0]).toBe(1);
    expect(smooth[150]).toBeLessThan(rough[150]! - 0.2);
  });

  it('equals the definition, frequency by frequency', async () => {
    const frame = noisy('definition', 256, 256, 10);
    const spectrum = await frameSpectrum(frame);
    expect(spectrum[39]).toBeCloseTo(slowRing(frame.data, 40) / slowRing(frame.data, 1), 9);
  });

  it('crops a larger frame and enlarges a smaller one', async () => {
    const large = noisy('large', 360, 288, 20);
    const middle = paint(256, 256, (x, y) => {
      const at = ((y + 16) * 360 + x + 52) * 3;
      return [large.data[at]!, large.data[at + 1]!, large.data[at + 2]!];
    });
    expect(await frameSpectrum(large)).toEqual(await frameSpectrum(middle));
    expect((await frameSpectrum(noisy('small', 64, 48, 20))).every(Number.isFinite)).toBe(true);
  });
});

it('averages the spectra of 8 frames in the middles of equal stretches', async () => {
  const frames = Array.from({ length: 16 }, (_, i) => noisy(`frame ${i}`, 256, 256, i));
  const features = await spectrumFeatures(openFrames('clip', frames));
  const spectra = await Promise.all(frames.filter((_, i) => i % 2 === 1).map(frameSpectrum));
  features.forEach((value, j) =>
    expect(value).toBeCloseTo(spectra.reduce((sum, row) => sum + row[j]!, 0) / 8, 12),
  );
});

/** Mean of 20·ln(|F| + 1e-8) over one ring, by the definition of the transform. */
function slowRing(data: Uint8Array, ring: number): number {
  const levels: number[] = [];
  for (let v = -128; v < 128; v++) {
    for (let u = -128; u < 128; u++) {
      if (Math.floor(Math.hypot(u + 0.5, v + 0.5)) === ring)
        levels.push(20 * Math.log(slowMagnitude(data, u, v) + 1e-8));
    }
  }
  return levels.reduce((sum, level) => sum + level, 0) / levels.length;
}

function slowMagnitude(data: Uint8Array, u: number, v: number): number {
  let [real, imaginary] = [0, 0];
  for (let y = 0; y < 256; y++) {
    for (let x = 0; x < 256; x++) {
      const turn = (((u * x + v * y) % 256) + 256) % 256;
      const value =
        0.299 * data[(y * 256 + x) * 3]! +
        0.587 * data[(y * 256 + x) * 3 + 1]! +
        0.114 * data[(y * 256 + x) * 3 + 2]!;
      real += value * cosines[turn]!;
      imaginary += value * sines[turn]!;
    }
  }
  return Math.hypot(real, imaginary);
}

const cosines = Float64Array.from({ length: 256 }, (_, k) => Math.cos((2 * Math.PI * k) / 256));
const sines = Float64Array.from({ length: 256 }, (_, k) => -Math.sin((2 * Math.PI * k) / 256));
