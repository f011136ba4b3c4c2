import { defineJob } from '../../src/pipeline/job.ts';
import { readClip, type SyncInput, withSoundOf } from '../../src/sync/sync-input.ts';
import { offsetErrors, type SyncNet, syncOf } from '../../src/sync/sync-net.ts';
import type { Clip, FileRef } from '../../src/types.ts';
import { openNets } from './nets.ts';

export type NetFiles = { picture: FileRef; sound: FileRef };

/** A genuine clip, and one whose sound it is heard with, too. */
export type Lesson = { clip: Clip; foreign?: Clip };
type Features = { own: number[]; foreign?: number[] };

/** What is decided by, three numbers: confidence, size of the offset in frames, least distance. `seen`: as for `syncOf`. */
export async function syncFeatures(nets: SyncNet, input: SyncInput, seen?: Float32Array): Promise<number[]> {
  const { confidence, offset, distance } = await syncOf(nets, input, seen);
  return [confidence, Math.abs(offset), distance];
}

/** `syncFeatures` of a clip, and of its picture with the sound of `foreign` where that is given. */
export const avSyncFeatures = defineJob({
  name: 'av-sync-features',
  module: import.meta.url,
  threads: 1,
  async run({ clip, foreign, nets: files }: Lesson & { nets: NetFiles }): Promise<Features> {
    return using(files, async (nets) => {
      const input = await readClip(clip);
      const seen = await nets.see(input);
      return {
        own: await syncFeatures(nets, input, seen),
        ...(foreign ? { foreign: await syncFeatures(nets, await withSoundOf(foreign, input), seen) } : {}),
      };
    });
  },
});

/** How far off, in frames, the offset is found when the sound is moved by each of `shifts`. */
export const avSyncErrors = defineJob({
  name: 'av-sync-errors',
  module: import.meta.url,
  threads: 1,
  async run({
    clip,
    shifts,
    nets: files,
  }: {
    clip: Clip;
    shifts: number[];
    nets: NetFiles;
  }): Promise<number[]> {
    return using(files, async (nets) => offsetErrors(nets, await readClip(clip), shifts));
  },
});

async function using<T>({ picture, sound }: NetFiles, work: (nets: SyncNet) => Promise<T>): Promise<T> {
  const nets = await openNets({ picture: picture.path, sound: sound.path });
  try {
    return await work(nets);
  } finally {
    nets.close();
  }
}
