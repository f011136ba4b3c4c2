/** All perturbations by name. */
import type { Perturbation } from '../types.ts';
import { crop } from './crop.ts';
import { deeperforensics, deeperforensicsFixed } from './deeperforensics.ts';
import { gamma } from './gamma.ts';
import { h264 } from './h264.ts';
import { jpeg } from './jpeg.ts';
import { messenger } from './messenger.ts';
import { pgd } from './pgd.ts';
import { resize } from './resize.ts';

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
} as Record<string, Perturbation>;
