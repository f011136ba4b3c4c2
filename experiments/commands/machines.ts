/** Options that an experiment and the workers of other machines share. */
import { UserError } from '../../src/errors.ts';

export const storeOption = {
  type: 'string',
  requiresArg: true,
  describe:
    'what machines share: a folder, or s3://bucket/prefix; "store" in the results folder unless given',
} as const;

export const workersOption = {
  type: 'number',
  requiresArg: true,
  describe: 'processor threads to use at once, all unless given; results do not depend on it',
  coerce(workers: number): number {
    if (Number.isInteger(workers) && workers >= 1 && workers <= 1024) return workers;
    throw new UserError('--workers needs a whole number from 1 to 1024');
  },
} as const;
