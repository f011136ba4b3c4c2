/** Probing decodes the whole file, so that a data set asks for each file once: the answer is cached under its content. */
import type { FileRef, Media } from '../types.ts';
import { defineJob } from '../pipeline/job.ts';

export const probeFile = defineJob({
  name: 'probe',
  module: import.meta.url,
  threads: 1,
  /** `extension` is part of the question, because a file's name decides how it may be read. */
  async run({ file }: { file: FileRef; extension: string }): Promise<Omit<Media, 'path'>> {
    const { probe } = await import('./probe.ts');
    const { path: _, ...content } = await probe(file.path);
    return content;
  },
});
