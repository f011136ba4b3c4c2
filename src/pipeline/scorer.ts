/** What a worker that scores keeps: the detectors it has loaded, and the clip it opened last, so that jobs of one clip, which come one after another, decode it once. */
import type { Rng } from '../random.ts';
import type { Attack, Clip, Detector, FileRef, Model, OpenClip, Scorer } from '../types.ts';
import { canonicalJson } from './key.ts';

/** A detector as a job knows it. `code`: its module by content, so that a changed detector is another job. */
export type DetectorRef = { code: FileRef; name: string; options: unknown; model?: Model; seed: number };

const scorers = new Map<string, Promise<Scorer>>();
const attacks = new Map<string, Promise<Attack>>();
let lastClip: { key: string; open: OpenClip } | undefined;

/** The detector, ready to judge. */
export function loadScorer(ref: DetectorRef): Promise<Scorer> {
  return once(scorers, ref, async () => (await detectorOf(ref)).load(ref.model, ref.options, ref.seed));
}

/** The score of the clip after an attack on the detector. @throws ItemError as the detector; Error where it cannot be attacked. */
export async function scoreAttacked(
  ref: DetectorRef,
  open: OpenClip,
  settings: Parameters<Attack>[1],
  draw: Rng,
): Promise<number> {
  const attack = await once(attacks, ref, async () => {
    const detector = await detectorOf(ref);
    if (!detector.attack) throw new Error(`${ref.name} has no gradient to attack it by`);
    return detector.attack(ref.model, ref.options);
  });
  return finite(await attack(open, settings, draw), ref, open);
}

async function detectorOf({ code, name }: DetectorRef): Promise<Detector> {
  const exports = (await import(code.path)) as Record<string, Detector>;
  const detector = Object.values(exports).find(
    (value) => value?.name === name && typeof value.load === 'function',
  );
  if (!detector) throw new Error(`${code.path} exports no detector named "${name}"`);
  return detector;
}

function once<T>(
  made: Map<string, Promise<T>>,
  { name, options, model, seed }: DetectorRef,
  make: () => Promise<T>,
): Promise<T> {
  const key = canonicalJson({ name, options, model, seed });
  const known = made.get(key) ?? make();
  made.set(key, known);
  return known;
}

function finite(score: number, { name }: DetectorRef, { clip }: OpenClip): number {
  if (Number.isFinite(score)) return score;
  throw new Error(`${name} gave ${clip.id} the score ${score}, which is no number`);
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
  return finite(await scorer.score(open, others), detector, open);
}

/** The clip as a detector may know it: of where it comes from only its id is left, which failures name. */
export function withoutTruth({ driving: _driving, likenessConsent: _consent, ...clip }: Clip): Clip {
  return { ...clip, sources: [], labels: {}, origin: 'unknown', licence: 'unknown' };
}
