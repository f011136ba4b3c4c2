/** What can be said of files of your own, and what is said of each. */
import { z } from 'zod';
import type { Attributes, Truth } from '../../src/types.ts';

export const options = z.strictObject({
  /** The folder, relative to where the command runs. */
  path: z.string().min(1).default('clips'),
  /** A table of the files to use, in the folder or else relative to where the command runs; without it every media file below the folder is used. */
  csv: z.string().min(1).optional(),
  split: z.enum(['train', 'validation', 'test']).default('test'),
  /** Further columns of the table, by which results are sliced: `[skin tone, age]`. An empty field is not known. */
  attributes: z.array(z.string().min(1)).optional(),
  /** Licence of files whose row states none. While it is `unknown`, generators refuse the data; detectors may score it. */
  licence: z.string().min(1).default('unknown'),
  /** Share of every film, from its beginning, that generators may be fitted on; the rest is scored. Without it all is scored. */
  fitShare: z.number().gt(0).lt(1).optional(),
  /** Whether the face in every film is tracked, which generators of faces and many detectors need. */
  faces: z.boolean().default(false),
});
export type FolderOptions = z.infer<typeof options>;

/** A file to become a clip; `file` is relative to the folder, with `/`. */
export type Found = {
  file: string;
  identity: string;
  label?: Truth;
  licence: string;
  attributes?: Attributes;
};
