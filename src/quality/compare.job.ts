/** `kid-own` between two sets of embedded portraits, with its interval over people: every portrait against every other, too long for the main process. */
import { kernelDistance } from '../metrics/kid.ts';
import { defineJob } from '../pipeline/job.ts';
import type { Measured } from '../types.ts';
import { type Embedded, readFeatures } from './embed.job.ts';

export const comparePortraits = defineJob({
  name: 'kid-own',
  module: import.meta.url,
  threads: 1,
  async run({ real, other }: { real: Embedded; other: Embedded }): Promise<Measured> {
    const read = async (all: Embedded) => ({ ...(await readFeatures(all)), people: all.people });
    return kernelDistance(await read(real), await read(other));
  },
});
