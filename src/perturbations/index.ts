/** All perturbations by name. */
import type { Perturbation } from '../types.ts';
import { deeperforensics, deeperforensicsFixed } from './deeperforensics.ts';

export const perturbations: Record<string, Perturbation> = {
  deeperforensics: deeperforensics as Perturbation,
  'deeperforensics-fixed': deeperforensicsFixed as Perturbation,
};
