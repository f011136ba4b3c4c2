/** What every data set with lists of its own can be asked. */
import { z } from 'zod';
import type { Split } from '../types.ts';

const split = z.enum(['train', 'validation', 'test']);

/** @param folder Where it is looked for unless `path` says otherwise. */
export const listedOptions = (folder: string) => ({
  /** The data set's own folder, relative to where the command runs. */
  path: z.string().min(1).default(folder),
  /** What you were given it under. While it is `unknown`, generators refuse the data; detectors may learn from it and score it. */
  licence: z.string().min(1).default('unknown'),
  /** The parts that are read. */
  splits: z.array(split).min(1).default(['train', 'validation', 'test']),
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
