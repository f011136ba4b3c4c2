import { openClip } from '../../src/media/open-clip.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { readSyncInput, type SyncInput } from '../../src/sync/sync-input.ts';
import { offsetErrors, type SyncNet, syncOf } from '../../src/sync/sync-net.ts';
import type { Clip, FileRef } from '../../src/types.ts';
import { openNets } from './nets.ts';

export type NetFiles = { picture: FileRef; sound: FileRef };

/** What is decided by, three numbers: confidence, size of the offset in frames, least distance. */
export async function syncFeatures(nets: SyncNet, input: SyncInput): Promise<number[]> {
  const { confidence, offset, distance } = await syncOf(nets, input);
  return [confidence, Math.abs(offset), distance];
}

/** `syncFeatures` of a clip's picture with its own or another clip's sound. */
export const avSyncFeatures = defineJob({
  name: 'av-sync-features',
  module: import.meta.url,
  threads: 1,
  async run({
    clip,
    soundFrom,
    nets: files,
  }: {
    clip: Clip;
    soundFrom: Clip;
    nets: NetFiles;
  }): Promise<number[]> {
    return using(files, async (nets) => syncFeatures(nets, await readSyncInput(openClip(clip), soundFrom)));
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
    return using(files, async (nets) => offsetErrors(nets, await readSyncInput(openClip(clip)), shifts));
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
