/** Options that several commands share. */
import { deviceChoices } from '../../src/compute/device.ts';
import { UserError } from '../../src/errors.ts';

export const setOption = {
  type: 'string',
  array: true,
  nargs: 1,
  default: [] as string[],
  describe: 'replace one value of the file: --set seed=2 --set dataset.path=my-clips',
} as const;

export const resultsOption = {
  type: 'string',
  requiresArg: true,
  default: 'results',
  describe: 'where runs, cache and leaderboard lie',
} as const;

export const deviceOption = {
  choices: deviceChoices,
  describe: 'what computes; auto, or what MASQUE_DEVICE says, unless given',
} as const;

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
  coerce: (workers: number): number => requireWhole('--workers', workers, 1, 1024),
} as const;

export const serviceOption = {
  type: 'string',
  requiresArg: true,
  default: 'screening',
  describe: 'the folder that "serve" has, running or not',
} as const;

/** @throws UserError where the option's value is no whole number in the range, or several where the option was given twice. */
export function requireWhole(option: string, value: number | number[], least: number, most: number): number {
  if (Array.isArray(value)) throw new UserError(`${option} was given twice`);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`${option} needs a whole number from ${least} to ${most}`);
}
