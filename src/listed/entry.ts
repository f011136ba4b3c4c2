/** What a data set with lists of its own says of itself and of its clips. */
import type { z } from 'zod';
import { quoted } from '../shown.ts';
import type { ListedClip } from '../types.ts';
import type { ListedOptions } from './options.ts';
import type { Tree } from './tree.ts';

/** A clip as a list names it. */
export type Entry = Omit<ListedClip, 'licence'> & {
  /** Its place below the root; of a clip of pictures, each of theirs in order. */
  file: string | readonly string[];
  /** Where it lies in the folder of another data set. */
  tree?: Tree;
  /** The list that names it, with the line where that is known. */
  listed?: string;
};

export type ListedSet<Options extends ListedOptions> = {
  name: string;
  cite: string;
  options: z.ZodType<Options>;
  /** Where what lies, for whoever named the wrong folder: `lists/train.txt, videos/<name>.mp4`. */
  layout: string;
  /** What of its options lies there, for whoever misses it: `dataset.compressions and dataset.manipulations to what lies there (…)`. */
  whatLies?(tree: Tree): Promise<string | undefined>;
  /** Frames per second that clips of single pictures are said to have. */
  fps?(options: Options): number;
  /**
   * Everything listed, in an order that is always the same, and what of it to `remark`. It is gone through more than once and never held.
   * @throws UserError where a list is missing or damaged.
   */
  entries(tree: Tree, options: Options, remark: (sentence: string) => void): AsyncIterable<Entry>;
};

/** A remark on what lies in a folder and is no clip of the data set. */
export const namedOtherwise = (folder: string, first: string): string =>
  `${folder} holds files that are not named as clips of the data set are, and left out (first: ${quoted(first)})`;
