/** Makes one clip whose face is blended with itself, alike in every frame. */
import { join } from 'node:path';
import { drawBlend, elasticOf, selfBlend } from '../src/faces/self-blend.ts';
import { landmarksOf, readTrack } from '../src/head/track.ts';
import { mixOf } from '../src/pairs.ts';
import { defineJob } from '../src/pipeline/job.ts';
import { createRng } from '../src/random.ts';
import type { Clip, Frame, Media, Work } from '../src/types.ts';

export type SelfBlendInput = { target: Clip; label: string; seed: number };

export const selfBlendClip = defineJob<SelfBlendInput, Media>({
  name: 'self-blend',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, label, seed }: SelfBlendInput, work: Work): Promise<Media> {
  const { decodeAudio, decodeFrames } = await import('../src/media/decode.ts');
  const { encodeClip } = await import('../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video) throw new Error(`${target.id}: planned without a picture`);
  const track = await readTrack(target.track!.path);
  const rng = createRng(seed, 'self-blend', target.id);
  const blend = drawBlend(rng.fork('blend'));
  const elastic = elasticOf(rng.fork('elastic'), video.width, video.height);
  async function* frames(): AsyncGenerator<Frame> {
    let t = 0;
    for await (const frame of decodeFrames(path, { frameCount: video!.frameCount }))
      yield (
        await selfBlend(frame, landmarksOf(track, t++), { ...blend, changesCopy: true, finish }, elastic)
      ).fake;
  }
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: frames(),
    fps: video.fps,
    width: video.width,
    height: video.height,
    comment: provenanceComment(label),
    ...(audio ? { audio: await decodeAudio(path, audio.sampleRate) } : {}),
  });
  await writeProvenance(out, {
    generator: label,
    options: {},
    model: {},
    sourceFiles: [sha256],
    ...mixOf(target),
  });
  return media;
}

/** The real clip it stands beside had no such change either. */
const finish = { tone: { shift: [0, 0, 0] as [number, number, number], brightness: 0, contrast: 1 } };
