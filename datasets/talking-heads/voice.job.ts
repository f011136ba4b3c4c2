/** Records a person who is only heard: sound, phone times, and the track their face would have had. Nothing is rendered. */
import { join } from 'node:path';
import { faceMesh } from '../../src/head/face-mesh.ts';
import { writeTrack } from '../../src/head/track.ts';
import { writeWav } from '../../src/media/wav.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Work } from '../../src/types.ts';
import { actClip, clipName, type Recording, type Session } from './clip.ts';
import { headOf } from './person.ts';

export const recordVoice = defineJob<Session, Recording[]>({
  name: 'record-voice',
  module: import.meta.url,
  threads: 1,
  run,
});

async function run(session: Session, work: Work): Promise<Recording[]> {
  const { seed, personId, sentences, fps } = session;
  const { shape, camera } = headOf(seed, personId);
  const mesh = faceMesh(shape);
  const recordings: Recording[] = [];
  for (const clip of sentences.keys()) {
    const { audio, phones, states } = actClip(session, clip);
    const [wavName, trackName] = [`${clipName(clip)}.wav`, `${clipName(clip)}.safetensors`];
    await writeWav(join(work.folder, wavName), audio);
    await writeTrack(join(work.folder, trackName), { mesh, camera, fps, frames: states });
    const sound = { sampleRate: audio.sampleRate, sampleCount: audio.samples.length };
    const media = { ...(await work.keep(wavName)), audio: sound };
    recordings.push({ media, track: await work.keep(trackName), phones });
    work.progress((clip + 1) / sentences.length);
  }
  return recordings;
}
