/** `kid-own` between two sets of embedded portraits, with its interval over people: every portrait against every other, too long for the main process. */
import { kernelDistance } from '../metrics/kid.ts';
import { defineJob } from '../pipeline/job.ts';
import { readTensors } from '../tensors.ts';
import type { Measured } from '../types.ts';
import type { Embedded } from './embed.job.ts';

export const comparePortraits = defineJob({
  name: 'kid-own',
  module: import.meta.url,
  threads: 1,
  async run({ real, other }: { real: Embedded; other: Embedded }): Promise<Measured> {
    const read = async ({ rows, people }: Embedded) => {
      const { shape, data } = (await readTensors(rows.path))['features']!;
      return { rows: data, width: shape[1]!, people };
    };
    return kernelDistance(await read(real), await read(other));
  },
});
