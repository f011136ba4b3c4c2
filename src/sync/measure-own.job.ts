import { defineJob } from '../pipeline/job.ts';
import type { Clip, Model } from '../types.ts';
import type { Sync } from './offsets.ts';
import { openOwnNets } from './own-nets.ts';
import { readClip } from './sync-input.ts';
import { offsetErrors, syncOf } from './sync-net.ts';

/** `soundFrom`: whose sound is heard, the clip's own or that of another. `shifts`: see `offsetErrors`. */
type MeasureInput = { clip: Clip; soundFrom: Clip; files: Model['files']; shifts: number[] };

/** What `sync-own` says of a clip. Throws ItemError as `readSyncInput` and `syncOf`. */
export const measureSyncOwn = defineJob({
  name: 'sync-own',
  module: import.meta.url,
  threads: 1,
  async run({ clip, soundFrom, files, shifts }: MeasureInput): Promise<{ sync: Sync; errors: number[] }> {
    const { see, weigh, hear } = files;
    const net = await openOwnNets({ see: see!.path, weigh: weigh!.path, hear: hear!.path });
    try {
      const input = await readClip(clip, soundFrom);
      return { sync: await syncOf(net, input), errors: await offsetErrors(net, input, shifts) };
    } finally {
      net.close();
    }
  },
});
