/** What every data set with lists of its own can be asked. */
import { z } from 'zod';
import type { Split } from '../types.ts';

/** A list of at least one of `values`, each once: what is read twice would be taken for data that are there twice. */
export const eachOnce = <const Value extends string>(values: readonly Value[]) =>
  z
    .array(z.enum(values))
    .min(1)
    .refine((all) => new Set(all).size === all.length, 'expected each of them once');

const parts = ['train', 'validation', 'test'] satisfies Split[];

/** @param folder Where it is looked for unless `path` says otherwise. */
export const listedOptions = (folder: string) => ({
  /** The data set's own folder, relative to where the command runs. */
  path: z.string().min(1).default(folder),
  /** What you were given it under. While it is `unknown`, generators refuse the data; detectors may learn from it and score it. */
  licence: z.string().min(1).default('unknown'),
  /** The parts that are read. */
  splits: eachOnce(parts).default(parts),
  /** At most so many clips of each origin in each part, drawn with the seed. */
  clipsPerOrigin: z.int().positive().optional(),
  /** Files that are listed and not there: all of them are told and nothing is read, or they are left out and counted. */
  missing: z.enum(['refuse', 'skip']).default('refuse'),
  /** Keep a published split although people or recordings stand in more than one of its parts; the record says so. */
  publishedSplit: z.boolean().default(false),
});

export type ListedOptions = {
  path: string;
  licence: string;
  splits: Split[];
  clipsPerOrigin?: number | undefined;
  missing: 'refuse' | 'skip';
  publishedSplit: boolean;
};
