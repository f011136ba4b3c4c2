/** Made-up talkers: a dark mouth that opens as loud as the sound is, on a face that fills the picture and whose red skin has a pulse. */
import { expressionCount } from '../../src/head/expressions.ts';
import { lowerLip } from '../../src/head/lip-opening.ts';
import { type FaceTrack, writeTrack } from '../../src/head/track.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, PhoneSpan, Split } from '../../src/types.ts';
import { describeClip, paint, stillTrack } from './clips.ts';
import { encodeLossless } from './lossless.ts';

const [width, height, fps, sampleRate] = [64, 64, 25, 16000];
const face = { x: 8, y: 4, width: 48, height: 56 };

/** A clip of `frameCount` frames in `folder`; `id` decides everything about it, but that the mouth of a `forged` one jumps. */
export async function talker(
  folder: string,
  id: string,
  frameCount: number,
  split: Split = 'train',
  forged = false,
): Promise<Clip> {
  const rng = createRng(1, 'talker', id);
  const tone = rng.uniform(90, 200);
  const loudness = syllables(frameCount, rng.fork('syllables').uniform);
  const openings = forged ? rng.fork('jumps').shuffle(loudness) : loudness;
  const frames = openings.map((open, i) =>
    paint(width, height, (x, y) => {
      const inside = Math.abs(x - 32) < 9 && Math.abs(y - 50) < 0.5 + 5 * open;
      const value = (inside ? 20 : tone) + 4 * Math.sin(x * 1.7 + y);
      const beat = inside ? 0 : 2 * Math.sin((2 * Math.PI * 1.3 * i) / fps);
      return [value + 20, value - beat, value - 10];
    }),
  );
  const noise = rng.fork('voice');
  const samples = Float32Array.from({ length: (frameCount * sampleRate) / fps }, (_, i) => {
    const open = loudness[Math.floor((i * fps) / sampleRate)]!;
    return (0.02 + 0.4 * open) * Math.sin(i * (0.05 + 0.2 * open)) + noise.normal(0, 0.002);
  });
  const media = await encodeLossless(`${folder}/${id}.mp4`, {
    frames,
    fps,
    width,
    height,
    audio: { sampleRate, samples },
  });
  const track = openingTrack(loudness);
  await writeTrack(`${folder}/${id}.track`, track);
  return {
    ...describeClip(id, []),
    sources: [id.split('-')[0]!],
    labels: { video: forged ? 'fake' : 'real', audio: 'real', pairing: forged ? 'fake' : 'real' },
    split,
    media: { ...media, sha256: id },
    track: { path: `${folder}/${id}.track`, sha256: `${id} track` },
    phones: phonesOf(loudness),
  };
}

/** The first expression lowers the lower lip. */
function openingTrack(loudness: readonly number[]): FaceTrack {
  const still = stillTrack(width, height, face, loudness.length);
  still.mesh.basis[still.mesh.landmarks[lowerLip]! * 3 + 1] = 10;
  const frames = still.frames.map(({ pose }, i) => {
    const expression = new Float32Array(expressionCount);
    expression[0] = loudness[i]!;
    return { pose, expression };
  });
  return { ...still, frames };
}

/** Lips that hardly open say m, others a vowel. */
function phonesOf(loudness: readonly number[]): PhoneSpan[] {
  return loudness.map((open, i) => ({ phone: open < 0.1 ? 'm' : 'aa1', start: i / fps, end: (i + 1) / fps }));
}

/** How far the mouth is open in each frame, 0 to 1: bumps at irregular distances. */
function syllables(frameCount: number, uniform: (low?: number, high?: number) => number): number[] {
  const open = Array.from({ length: frameCount }, () => 0);
  for (let at = uniform(0, 4); at < frameCount + 4; at += uniform(4, 9)) {
    const size = uniform(0.4, 1);
    for (let t = 0; t < frameCount; t++)
      open[t] = Math.min(1, open[t]! + size * Math.exp(-((t - at) ** 2) / 3));
  }
  return open;
}
