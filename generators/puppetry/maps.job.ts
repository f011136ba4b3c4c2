/** A7: the maps of all targets, each from its own `fit` footage alone (or one from that of all), the networks frozen; one from that of all too where the sound itself is heard. */
import { join } from 'node:path';
import { expressionCount } from '../../src/head/expressions.ts';
import { readTrack } from '../../src/head/track.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import { writeTensors } from '../../src/tensors.ts';
import type { NamedTensors } from '../../src/tensors.ts';
import type { Clip, FileRef, Work } from '../../src/types.ts';
import { clipAudio } from './clip-audio.ts';
import { personOf } from '../../src/pairs.ts';
import { closeEars, type HearingFiles, listen, openEars, speechOf } from './puppet.ts';
import { concat } from '../../src/compute/rows.ts';
import { fitSoundMap } from './sound-map.ts';
import { fitPersonMap } from './speech-models.ts';
import type { AudioVariant } from './variants.ts';

/** Clips of `use: 'fit'` with a track. */
type Input = {
  clips: Clip[];
  files: Partial<HearingFiles>;
  variant: AudioVariant;
};

/** One tensor [inputs, K] per person under their name. */
export const fitMaps = defineJob<Input, FileRef>({
  name: 'puppetry-maps',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ clips, files, variant }: Input, work: Work): Promise<FileRef> {
  const ears = await openEars(files, variant.input);
  const footage = new Map<string, { heard: Float32Array[]; shown: Float32Array[] }>();
  for (const clip of clips) {
    const own = footage.get(personOf(clip)) ?? { heard: [], shown: [] };
    const track = await readTrack(clip.track!.path);
    own.heard.push(
      await listen(ears, await clipAudio(clip), { fps: track.fps, frameCount: track.frames.length }),
    );
    own.shown.push(speechOf(track));
    footage.set(personOf(clip), own);
  }
  closeEars(ears);
  const all = [...footage.values()];
  const together = [
    concat(all.flatMap(({ heard }) => heard)),
    concat(all.flatMap(({ shown }) => shown)),
  ] as const;
  const shared = !ears.nets
    ? fitSoundMap(...together)
    : variant.maps === 'shared'
      ? fitPersonMap(...together)
      : undefined;
  const maps: NamedTensors = {};
  for (const [person, { heard, shown }] of footage) {
    const { inputs, weights } = shared ?? fitPersonMap(concat(heard), concat(shown));
    maps[person] = { shape: [inputs, expressionCount], data: weights };
  }
  await writeTensors(join(work.folder, 'maps.safetensors'), maps);
  return work.keep('maps.safetensors');
}
