/** All perturbations by name: of pictures, attacks on detectors of pictures, and of sounds. */
import type { Perturbation } from '../types.ts';
import { bitDepth } from './bit-depth.ts';
import { clipping } from './clipping.ts';
import { crop } from './crop.ts';
import { deeperforensics, deeperforensicsFixed } from './deeperforensics.ts';
import { gamma } from './gamma.ts';
import { h264 } from './h264.ts';
import { jpeg } from './jpeg.ts';
import { lowPass } from './low-pass.ts';
import { messenger } from './messenger.ts';
import { pgd } from './pgd.ts';
import { resize } from './resize.ts';
import { reverberation } from './reverberation.ts';
import { soundCodecs } from './sound-codecs.ts';
import { soundNoise } from './sound-noise.ts';
import { telephone } from './telephone.ts';

export const perturbations = {
  deeperforensics,
  'deeperforensics-fixed': deeperforensicsFixed,
  h264,
  jpeg,
  resize,
  gamma,
  crop,
  messenger,
  pgd,
  'sound-codecs': soundCodecs,
  telephone,
  'sound-noise': soundNoise,
  reverberation,
  'low-pass': lowPass,
  'bit-depth': bitDepth,
  clipping,
} as Record<string, Perturbation>;
