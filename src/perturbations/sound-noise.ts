import { z } from 'zod';
import { babble, type Noise, pinkNoise, whiteNoise } from '../dsp/noise.ts';
import { ItemError } from '../errors.ts';
import type { Rng } from '../random.ts';
import type { Audio, Perturbation } from '../types.ts';
import { onSound } from './on-clips.ts';

const options = z.strictObject({});
const snrsDb = [20, 15, 10, 5, 0];
const noises: Record<string, Noise> = { white: whiteNoise, pink: pinkNoise, babble };

/** Noise under the sound. The ratio is that of their powers over the whole clip, pauses and all. */
export const soundNoise: Perturbation<z.infer<typeof options>> = {
  name: 'sound-noise',
  cite: 'noise at 0 to 20 dB as in ASVspoof-LD (Ali et al., 2024), made up here; babble after the ICRA noises (Dreschler et al., 2001)',
  options,
  series: () =>
    Object.entries(noises).map(([name, noise]) => ({
      name: `sound-noise/${name}`,
      changes: 'sound',
      levels: snrsDb.map((snrDb) => ({
        severity: `SNR ${snrDb} dB`,
        distort: onSound((audio, draw) => noisy(audio, noise, snrDb, draw)),
      })),
    })),
};

/** @throws ItemError E_NOT_APPLICABLE where there is no ratio: of silence, and of a rate too low for any of the noise. */
function noisy({ samples, sampleRate }: Audio, noise: Noise, snrDb: number, draw: Rng): Audio {
  const under = noise(samples.length, sampleRate, draw);
  const [energy, noiseEnergy] = [energyOf(samples), energyOf(under)];
  if (energy === 0 || noiseEnergy === 0)
    throw new ItemError(
      'E_NOT_APPLICABLE',
      energy === 0
        ? `the clip is silent, so no noise has an SNR of ${snrDb} dB to it`
        : `at ${sampleRate} Hz there is no such noise`,
    );
  const gain = Math.sqrt(energy / noiseEnergy) * 10 ** (-snrDb / 20);
  return { sampleRate, samples: samples.map((sample, n) => sample + gain * under[n]!) };
}

const energyOf = (values: Float32Array | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
};
