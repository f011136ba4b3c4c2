import { expect, it } from 'vitest';
import { realFft } from '../../src/dsp/fft.ts';
import { minimumPhase } from '../../src/dsp/minimum-phase.ts';
import { inverseRealFft } from '../../src/dsp/stft.ts';

it('gives a filter without zeros outside the unit circle back from the sizes of its spectrum, at whatever delay', () => {
  const size = 256;
  const response = new Float64Array(size);
  response.set([1, -0.9, 0.5, -0.1]);
  const late = Float64Array.from(response, (_, n) => response[(n - 30 + size) % size]!);
  const { real, imaginary } = realFft(late);
  const found = inverseRealFft(
    minimumPhase(real.map((value, k) => Math.log(Math.hypot(value, imaginary[k]!)))),
  );
  found.forEach((value, n) => expect(value).toBeCloseTo(response[n]!, 8));
});
