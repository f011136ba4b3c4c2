import { z } from 'zod';
import { bandPassKernel, filterCentred } from '../dsp/low-pass.ts';
import { throughCodec } from '../media/sound-codec.ts';
import type { Perturbation } from '../types.ts';
import { inTurn, onSound } from './on-clips.ts';

const options = z.strictObject({});

/** 300 to 3400 Hz. What is left of a sound is then the same sampled at 8 kHz, so the band alone is filtered at the clip's own rate. */
const band = onSound(({ samples, sampleRate }) => ({
  sampleRate,
  samples: filterCentred(samples, bandPassKernel(300, 3400, sampleRate)),
}));

/** The sound of a telephone: its band, then its codec too. */
export const telephone: Perturbation<z.infer<typeof options>> = {
  name: 'telephone',
  cite: 'band of ITU-T G.712, µ-law of G.711 at 8 kHz (the PSTN condition of ASVspoof 2021 LA, without its lines)',
  options,
  series: () => [
    {
      name: 'telephone',
      changes: 'sound',
      levels: [
        { severity: '300–3400 Hz', distort: band },
        {
          severity: '300–3400 Hz, µ-law at 8 kHz',
          distort: inTurn(
            band,
            onSound((audio, _draw, folder) => throughCodec(audio, 'mu-law', undefined, folder)),
          ),
        },
      ],
    },
  ],
};
