/** What the detectors of a bundle make of one file, before anything is concluded from it. The same job calibrates the bundle and serves it, so that both see the same numbers. */
import { ItemError } from '../errors.ts';
import type { DetectorRef } from '../pipeline/scorer.ts';
import { withFrames } from '../media/with-frames.ts';
import { defineJob } from '../pipeline/job.ts';
import type { Clip, FileRef, Frame, Media, OpenClip } from '../types.ts';
import type { Kind, Localised, Provenance } from './types.ts';

/** A detector with what it is called in tables and what it hears or sees. */
export type Member = DetectorRef & { label: string; looksAt: 'picture' | 'sound' };

export type Said = { label: string } & ({ score: number } | { code: string; cause: string });
export type Examined = {
  kind: Kind;
  said: Said[];
  /** Rows of `features.ts`; absent where there is no such stream, or too little of it. */
  features: { picture?: number[]; sound?: number[] };
  fingerprints: string[];
  provenance: Provenance;
  /** Whether packets of its picture show no frame (`VideoInfo.unshown`). */
  hasUnshown: boolean;
  /** Whether it holds a picture or a sound beside those that were examined. */
  hasMoreTracks: boolean;
};

/** Sound shorter than this says too little of a voice. */
export const leastSoundSeconds = 1;
const framesForFeatures = 8;
const framesForFingerprints = 5;

/** @throws ItemError as `probe`, and where nothing of the file can be decoded. */
export const examineFile = defineJob({
  name: 'examine',
  module: import.meta.url,
  threads: 1,
  async run({ file, members }: { file: FileRef; members: Member[] }): Promise<Examined> {
    const { probe } = await import('../media/probe.ts');
    const { holdsMoreTracks } = await import('../media/more-tracks.ts');
    const { openClip } = await import('../media/open-clip.ts');
    const media = await probe(file.path);
    const clip = openClip(asClip(media));
    const kind = kindOf(media);
    const said: Said[] = [];
    for (const member of members) said.push(await ask(member, clip));
    const { pictureFeatures, soundFeatures, soundRateHz, fingerprint } = await import('./features.ts');
    const frames = media.video ? await some(clip, framesForFeatures) : [];
    const sound = media.audio && (await soundAt(media, soundRateHz));
    const heard = sound && hasEnoughSound(media) && soundFeatures(sound);
    return {
      kind,
      said,
      features: {
        ...(frames.length > 0 ? { picture: await pictureFeatures(frames) } : {}),
        ...(heard ? { sound: heard } : {}),
      },
      fingerprints: await Promise.all(
        frames.slice(0, kind === 'photo' ? 1 : framesForFingerprints).map(fingerprint),
      ),
      provenance: await provenanceOf(file.path),
      hasUnshown: (media.video?.unshown ?? 0) > 0,
      hasMoreTracks: await holdsMoreTracks(file.path),
    };
  },
});

/** As a detector may know it: nothing of where it comes from. */
export const asClip = (media: Media): Clip => ({
  id: media.sha256.slice(0, 12),
  sources: [],
  labels: {},
  origin: 'unknown',
  split: 'test',
  licence: 'unknown',
  use: 'score',
  media,
});

function kindOf({ video, audio }: Media): Kind {
  if (!video) return 'sound';
  return video.frameCount === 1 && !audio ? 'photo' : 'clip';
}

const hasEnoughSound = ({ audio }: Media): boolean =>
  audio !== undefined && audio.sampleCount >= leastSoundSeconds * audio.sampleRate;

/** A sound that is too short for the test of the domain is too short to be judged. */
async function ask(member: Member, clip: OpenClip): Promise<Said> {
  const { scoreWith } = await import('../pipeline/scorer.ts');
  const { label, looksAt, ...detector } = member;
  const { media } = clip.clip;
  if (looksAt === 'picture' ? !media.video : !hasEnoughSound(media))
    return { label, code: 'E_NOT_APPLICABLE', cause: `the file has no ${looksAt}, or too little of it` };
  try {
    return { label, score: await scoreWith(detector, clip) };
  } catch (error) {
    if (error instanceof ItemError) return { label, code: error.code, cause: error.message };
    throw error;
  }
}

async function some(clip: OpenClip, count: number): Promise<Frame[]> {
  const { sampleFrames } = await import('../media/sample-frames.ts');
  const frames: Frame[] = [];
  for await (const { frame } of sampleFrames(clip, count)) frames.push(frame);
  return frames;
}

async function soundAt({ path, ...media }: Media, sampleRate: number) {
  const { decodeAudio, soundSeconds } = await import('../media/decode.ts');
  const seconds = soundSeconds({ path, ...media });
  return seconds === undefined ? undefined : decodeAudio(path, sampleRate, { seconds });
}

async function provenanceOf(path: string): Promise<Provenance> {
  const { readC2pa } = await import('../media/c2pa.ts');
  const { readMark } = await import('../media/provenance.ts');
  const [manifest, mark] = await Promise.all([
    readC2pa(path).catch(() => 'damaged' as const),
    readMark(path).catch(() => undefined),
  ]);
  const marked = mark === undefined ? [] : [`a mark of masque: ${mark}`];
  if (manifest === 'damaged') return { credentials: 'damaged', claims: marked };
  if (!manifest) return { credentials: 'absent', claims: marked };
  const sources = manifest.sourceTypes.map((type) => `digital source type: ${type}`);
  return { credentials: 'present-signer-not-verified', claims: [...sources, ...marked] };
}

/** Stretches of time, and patches of the picture, that are asked about one by one. */
const stretches = 6;
const patches = 4;
const framesLookedAt = 4;

/**
 * Where one detector's score comes from: of each stretch of time its score of that alone; of the picture the patch whose hiding lowers it most. Scores are the detector's own. Empty where it cannot judge so little.
 */
export const localise = defineJob({
  name: 'localise',
  module: import.meta.url,
  threads: 1,
  async run({ file, member }: { file: FileRef; member: Member }): Promise<Localised[]> {
    const { probe } = await import('../media/probe.ts');
    const { openClip } = await import('../media/open-clip.ts');
    const { loadScorer } = await import('../pipeline/scorer.ts');
    const clip = openClip(asClip(await probe(file.path)));
    const scorer = await loadScorer(member);
    const scoreOf = async (part: OpenClip): Promise<number | undefined> => {
      try {
        return await scorer.score(part);
      } catch (error) {
        if (error instanceof ItemError) return undefined;
        throw error;
      }
    };
    const parts = member.looksAt === 'picture' ? await pictureParts(clip) : await soundParts(clip);
    const found: Localised[] = [];
    for (const { start, end, part, hide } of parts) {
      const score = await scoreOf(part);
      if (score === undefined) continue;
      let best: { box: Localised['box']; rest: number } | undefined;
      for (const { box, without } of hide) {
        const rest = await scoreOf(without);
        if (rest !== undefined && rest < (best?.rest ?? score)) best = { box, rest };
      }
      found.push({ start, end, box: best?.box ?? null, score });
    }
    return found;
  },
});

type Part = {
  start: number;
  end: number;
  part: OpenClip;
  /** The same with one patch grey, for one patch after the other. */
  hide: Iterable<{ box: Localised['box']; without: OpenClip }>;
};

/** Stretches of the frames. */
async function pictureParts(clip: OpenClip): Promise<Part[]> {
  const { fps, frameCount } = clip.clip.media.video!;
  const count = Math.min(stretches, frameCount);
  const perStretch = Math.max(1, Math.round(framesLookedAt / 2));
  const { sampleFrames } = await import('../media/sample-frames.ts');
  const taken: { index: number; frame: Frame }[] = [];
  for await (const one of sampleFrames(clip, count * perStretch)) taken.push(one);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [(i * frameCount) / count, ((i + 1) * frameCount) / count];
    const own = taken.filter(({ index }) => index >= from && index < to).map(({ frame }) => frame);
    return {
      start: from / fps,
      end: to / fps,
      part: withFrames(clip, own),
      hide: hiding(clip, own),
    };
  }).filter(({ part }) => part.clip.media.video!.frameCount > 0);
}

const boxes = Array.from({ length: patches ** 2 }, (_, i) => ({
  x: (i % patches) / patches,
  y: Math.floor(i / patches) / patches,
  width: 1 / patches,
  height: 1 / patches,
}));

/** Each is made when its turn comes: those of a large film would be gigabytes at once. */
function* hiding(clip: OpenClip, frames: readonly Frame[]): Part['hide'] {
  for (const box of boxes)
    yield {
      box,
      without: withFrames(
        clip,
        frames.map((frame) => hidden(frame, box)),
      ),
    };
}

function hidden(frame: Frame, box: NonNullable<Localised['box']>): Frame {
  const data = Uint8Array.from(frame.data);
  const [left, right] = [box.x, box.x + box.width].map((share) => Math.round(share * frame.width));
  const [top, bottom] = [box.y, box.y + box.height].map((share) => Math.round(share * frame.height));
  for (let y = top!; y < bottom!; y++)
    data.fill(127, 3 * (y * frame.width + left!), 3 * (y * frame.width + right!));
  return { ...frame, data };
}

/** Stretches of the sound, each long enough to be judged. */
async function soundParts(clip: OpenClip): Promise<Part[]> {
  const { samples, sampleRate } = await clip.audio();
  const seconds = samples.length / sampleRate;
  const count = Math.max(1, Math.min(stretches, Math.floor(seconds / leastSoundSeconds)));
  return Array.from({ length: count }, (_, i) => {
    const [start, end] = [(i * seconds) / count, ((i + 1) * seconds) / count];
    const part = samples.slice(Math.round(start * sampleRate), Math.round(end * sampleRate));
    return { start, end, hide: [], part: { ...clip, audio: async () => ({ samples: part, sampleRate }) } };
  });
}
