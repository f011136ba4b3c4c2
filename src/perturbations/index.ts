/** All perturbations by name. */
import type { Perturbation } from '../types.ts';
import { bitDepth } from './bit-depth.ts';
import { clipping } from './clipping.ts';
import { lowPass } from './low-pass.ts';
import { reverberation } from './reverberation.ts';
import { soundCodecs } from './sound-codecs.ts';
import { soundNoise } from './sound-noise.ts';
import { telephone } from './telephone.ts';

export const perturbations: Record<string, Perturbation> = {
  'sound-codecs': soundCodecs as Perturbation,
  telephone: telephone as Perturbation,
  'sound-noise': soundNoise as Perturbation,
  reverberation: reverberation as Perturbation,
  'low-pass': lowPass as Perturbation,
  'bit-depth': bitDepth as Perturbation,
  clipping: clipping as Perturbation,
};
