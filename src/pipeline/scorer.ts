/** What a worker that scores keeps: the detectors it has loaded, and the clip it opened last, so that jobs of one clip, which come one after another, decode it once. */
import type { Clip, Detector, FileRef, Model, OpenClip, Scorer } from '../types.ts';
import { canonicalJson } from './key.ts';

/** A detector as a job knows it. `code`: its module by content, so that a changed detector is another job. */
export type DetectorRef = { code: FileRef; name: string; options: unknown; model?: Model; seed: number };

const scorers = new Map<string, Promise<Scorer>>();
let lastClip: { key: string; open: OpenClip } | undefined;

/** The detector, ready to judge. */
async function loadScorer({ code, name, options, model, seed }: DetectorRef): Promise<Scorer> {
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

/** The clip, opened as a detector may know it. */
export async function openForScoring(clip: Clip): Promise<OpenClip> {
  const key = canonicalJson(clip);
  if (lastClip?.key !== key) {
    const { openClip } = await import('../media/open-clip.ts');
    lastClip = { key, open: openClip(withoutTruth(clip)) };
  }
  return lastClip.open;
}

/** What it says of the clip. @throws ItemError as the detector; Error on what is no finite number. */
export async function scoreWith(
  detector: DetectorRef,
  open: OpenClip,
  others?: (number | null)[],
): Promise<number> {
  const scorer = await loadScorer(detector);
  const score = await scorer.score(open, others);
  if (!Number.isFinite(score))
    throw new Error(`${detector.name} gave ${open.clip.id} the score ${score}, which is no number`);
  return score;
}

/** Of where a clip comes from only its id is left, which failures name. */
function withoutTruth({ driving: _driving, likenessConsent: _consent, ...clip }: Clip): Clip {
  return { ...clip, sources: [], labels: {}, origin: 'unknown', licence: 'unknown' };
}
