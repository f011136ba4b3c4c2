/**
 * One detector judges one clip. A worker keeps the clip it decoded last and the detectors it has loaded, so that the jobs
 * of one clip, which come one after another, decode it once.
 */
import type { Clip, Detector, FileRef, Model, OpenClip, Scorer } from '../types.ts';
import { defineJob } from './job.ts';
import { canonicalJson } from './key.ts';

export type ScoreInput = {
  /** The detector's module by content, so that a changed detector is a different job. */
  code: FileRef;
  name: string;
  options: unknown;
  model?: Model;
  seed: number;
  clip: Clip;
  /** What the detectors that it asks say of the clip; null of one that it is no question for. */
  others?: (number | null)[];
};

export const scoreClip = defineJob({
  name: 'score',
  module: import.meta.url,
  threads: 1,
  async run({ clip, others, ...detector }: ScoreInput): Promise<{ score: number }> {
    const scorer = await loadScorer(detector);
    const score = await scorer.score(await opened(clip), others);
    if (!Number.isFinite(score))
      throw new Error(`${detector.name} gave ${clip.id} the score ${score}, which is no number`);
    return { score };
  },
});

const scorers = new Map<string, Promise<Scorer>>();
let lastClip: { key: string; open: OpenClip } | undefined;

/** The detector ready to judge; a worker keeps it. */
export async function loadScorer({
  code,
  name,
  options,
  model,
  seed,
}: Omit<ScoreInput, 'clip' | 'others'>): Promise<Scorer> {
  const key = canonicalJson({ name, options, model, seed });
  let scorer = scorers.get(key);
  if (!scorer) {
    const exports = (await import(code.path)) as Record<string, Detector>;
    const detector = Object.values(exports).find(
      (value) => value?.name === name && typeof value.load === 'function',
    );
    if (!detector) throw new Error(`${code.path} exports no detector named "${name}"`);
    scorer = detector.load(model, options, seed);
    scorers.set(key, scorer);
  }
  return scorer;
}

async function opened(clip: Clip): Promise<OpenClip> {
  const key = canonicalJson(clip);
  if (lastClip?.key !== key) {
    const { openClip } = await import('../media/open-clip.ts');
    lastClip = { key, open: openClip(withoutTruth(clip)) };
  }
  return lastClip.open;
}

/** The clip as a detector may know it: of where it comes from only its id is left, which failures name. */
export function withoutTruth({ driving: _driving, likenessConsent: _consent, ...clip }: Clip): Clip {
  return { ...clip, sources: [], labels: {}, origin: 'unknown', licence: 'unknown' };
}
