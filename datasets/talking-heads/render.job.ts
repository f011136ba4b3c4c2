/**
 * Films a person: each clip's picture and sound encoded as a camera would, the exact track, and when each phone is spoken.
 * One job per person, not per clip, because preparing a head for drawing takes as long as drawing a clip.
 */
import { join } from 'node:path';
import { createRenderer } from '../../src/head/renderer.ts';
import { writeTrack } from '../../src/head/track.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Frame, Work } from '../../src/types.ts';
import { actClip, clipName, type Recording, type Session } from './clip.ts';
import { headOf } from './person.ts';

export const filmPerson = defineJob<Session, Recording[]>({
  name: 'film-person',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run(session: Session, work: Work): Promise<Recording[]> {
  const { seed, personId, sentences, fps } = session;
  const renderer = createRenderer(headOf(seed, personId));
  const { mesh, camera } = renderer;
  const { width, height } = camera;
  const recordings: Recording[] = [];
  for (const clip of sentences.keys()) {
    const { audio, phones, states } = actClip(session, clip);
    function* frames(): Iterable<Frame> {
      for (const [i, state] of states.entries()) {
        work.progress((clip + i / states.length) / sentences.length, `${personId}/${clipName(clip)}`);
        yield renderer.render(state);
      }
    }
    const path = join(work.folder, `${clipName(clip)}.mp4`);
    const media = await encodeClip(path, { frames: frames(), fps, width, height, audio });
    const trackName = `${clipName(clip)}.safetensors`;
    await writeTrack(join(work.folder, trackName), { mesh, camera, fps, frames: states });
    recordings.push({ media, track: await work.keep(trackName), phones });
  }
  return recordings;
}
