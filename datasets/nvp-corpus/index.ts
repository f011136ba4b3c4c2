/**
 * `nvp-corpus`: the corpus that Neural Voice Puppetry was published with, in its own layout: of each target a folder
 * `TARGETS/<name>` with `audio_feature/<frame>.deepspeech.npy` (the 16×29 window of logits of one video frame) and
 * `expression.txt` (a row of 76 coefficients per frame). No media, no meshes: a network learns from sound to coefficients, and no
 * fake is made. `SOURCES` hold sound alone and are not read. Symbolic links are left out.
 */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src/errors.ts';
import { sha256OfFile } from '../../src/files.ts';
import type { Clip, Context, Dataset, FileRef } from '../../src/types.ts';
import { readSequence } from './read.job.ts';

const options = z.strictObject({
  /** The folder that holds `TARGETS`, relative to where the command runs. */
  path: z.string().min(1).default('nvp-corpus'),
  /** While it is `unknown`, generators refuse the data. */
  licence: z.string().min(1).default('unknown'),
  /**
   * Coefficients 32, 41 and 71 to 75 move the brows, which cannot be heard. As they lie in the files, set to 0 as the paper means to, or as its
   * code does, whose range leaves out the last.
   */
  brows: z.enum(['kept', 'zeroed', 'code']).default('kept'),
});
export type Options = z.infer<typeof options>;

export const nvpCorpus: Dataset<Options> = {
  name: 'nvp-corpus',
  cite: 'Thies, Elgharib, Tewari, Theobalt, Nießner: Neural Voice Puppetry, ECCV 2020: its features and coefficients, files of your own',
  options,
  async *clips(chosen, context) {
    for (const name of await targetsOf(chosen.path)) yield await toClip(name, chosen, context);
  },
};

const silentCoefficients: Record<Options['brows'], number[]> = {
  kept: [],
  zeroed: [32, 41, 71, 72, 73, 74, 75],
  code: [32, 41, 71, 72, 73, 74],
};

/** Names of the targets, sorted. @throws UserError where there is none. */
async function targetsOf(path: string): Promise<string[]> {
  const folder = join(resolve(path), 'TARGETS');
  const found = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new UserError(
      `data set "nvp-corpus": ${folder} cannot be read (${(cause as NodeJS.ErrnoException).code}). Set dataset.path to the folder that holds TARGETS/<name>/audio_feature and TARGETS/<name>/expression.txt`,
      { cause },
    );
  });
  const names = found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (names.length === 0) throw new UserError(`data set "nvp-corpus": no target's folder in ${folder}`);
  return names.toSorted();
}

async function toClip(name: string, { path, licence, brows }: Options, context: Context): Promise<Clip> {
  const folder = join(resolve(path), 'TARGETS', name);
  const expressions = await hashed(join(folder, 'expression.txt'));
  const windows: FileRef[] = [];
  for (const file of await windowFiles(join(folder, 'audio_feature'))) windows.push(await hashed(file));
  return {
    id: name,
    sources: [name],
    labels: {},
    origin: 'nvp-corpus',
    split: 'test',
    licence,
    use: 'fit',
    media: expressions,
    coefficients: await context.run(readSequence, {
      windows,
      expressions,
      silent: silentCoefficients[brows],
    }),
  };
}

async function hashed(path: string): Promise<FileRef> {
  const sha256 = await sha256OfFile(path).catch((cause: unknown) => {
    throw new UserError(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  return { path, sha256 };
}

/** The files of the frames in their order. @throws UserError where there is none, or one between them is missing. */
async function windowFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new UserError(`${folder}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  const frames = entries.flatMap((entry) => {
    const number = /^(\d{1,9})\.deepspeech\.npy$/.exec(entry.name)?.[1];
    return number !== undefined && entry.isFile() ? [{ frame: Number(number), name: entry.name }] : [];
  });
  frames.sort((a, b) => a.frame - b.frame);
  if (frames.length === 0) throw new UserError(`${folder}: holds no <frame>.deepspeech.npy`);
  const gap = frames.findIndex(({ frame }, i) => frame !== frames[0]!.frame + i);
  if (gap > 0)
    throw new UserError(
      frames[gap]!.frame === frames[gap - 1]!.frame
        ? `${folder}: frame ${frames[gap]!.frame} is there twice (${frames[gap - 1]!.name}, ${frames[gap]!.name})`
        : `${folder}: frame ${frames[gap - 1]!.frame + 1} is missing (after ${frames[gap - 1]!.name} comes ${frames[gap]!.name})`,
    );
  return frames.map(({ name }) => join(folder, name));
}
