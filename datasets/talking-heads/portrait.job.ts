/** Photographs a person of whom there is nothing else: single frames of a speech that nobody hears, seconds apart, each with its track. */
import { join } from 'node:path';
import { createRenderer } from '../../src/head/renderer.ts';
import { writeTrack } from '../../src/head/track.ts';
import { writePng } from '../../src/media/images.ts';
import { probe } from '../../src/media/probe.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Work } from '../../src/types.ts';
import { actClip, clipName, type Recording, type Session } from './clip.ts';
import { headOf } from './person.ts';

/** One photo of each sentence, where it is half said. */
export const photographPerson = defineJob<Session, Recording[]>({
  name: 'photograph-person',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run(session: Session, { folder, keep, progress }: Work): Promise<Recording[]> {
  const { seed, personId, sentences, fps } = session;
  const renderer = createRenderer(headOf(seed, personId));
  const { mesh, camera } = renderer;
  const recordings: Recording[] = [];
  for (const clip of sentences.keys()) {
    const { states } = actClip(session, clip);
    const state = states[Math.floor(states.length / 2)]!;
    const [photo, track] = [join(folder, `${clipName(clip)}.png`), `${clipName(clip)}.safetensors`];
    await writePng(photo, renderer.render(state));
    await writeTrack(join(folder, track), { mesh, camera, fps, frames: [state] });
    recordings.push({ media: await probe(photo), track: await keep(track) });
    progress((clip + 1) / sentences.length, `${personId}/${clipName(clip)}`);
  }
  return recordings;
}
