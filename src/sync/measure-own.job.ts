import { defineJob } from '../pipeline/job.ts';
import type { Clip, Model } from '../types.ts';
import type { Sync } from './offsets.ts';
import { openOwnNets } from './own-nets.ts';
import { readClip, withSoundOf } from './sync-input.ts';
import { offsetErrors, syncOf } from './sync-net.ts';

/** `foreign`: a clip whose sound is heard with the same picture, too. `shifts`: see `offsetErrors`. */
type MeasureInput = { clip: Clip; foreign?: Clip; files: Model['files']; shifts: number[] };
/** `foreign` is absent where no foreign sound was given. */
export type OwnMeasured = { own: Sync; errors: number[]; foreign?: Sync };

/** What `sync-own` says of a clip. Throws ItemError as `readSyncInput` and `syncOf`. */
export const measureSyncOwn = defineJob({
  name: 'sync-own',
  module: import.meta.url,
  threads: 1,
  async run({ clip, foreign, files, shifts }: MeasureInput): Promise<OwnMeasured> {
    const { see, weigh, hear } = files;
    const net = await openOwnNets({ see: see!.path, weigh: weigh!.path, hear: hear!.path });
    try {
      const input = await readClip(clip);
      const seen = await net.see(input);
      return {
        own: await syncOf(net, input, seen),
        errors: await offsetErrors(net, input, shifts, seen),
        ...(foreign ? { foreign: await syncOf(net, await withSoundOf(foreign, input), seen) } : {}),
      };
    } finally {
      net.close();
    }
  },
});
