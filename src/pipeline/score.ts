/** media → score: every trained detector judges every test item. A failure is kept with its cause, never turned into a number. */
import { ItemError } from '../errors.ts';
import type { Others, Truth } from '../types.ts';
import type { RunContext } from './context.ts';
import { failureOf, type Failure, type LineItem, makersFor, truthOf } from './items.ts';
import { answersOf, type Said } from './others.ts';
import { scoreClip } from './score.job.ts';
import type { Trained } from './train-detectors.ts';

/** One row of `outcomes.csv` before it is written. `truth` is absent where nobody knows it; `perturbation` is `none` (level 0) of a clip as it was published. */
export type Scored = Said & {
  trained: Trained;
  entry: LineItem;
  perturbation: string;
  level: number;
  truth?: Truth;
};

/**
 * Every detector judges the real items and those of the makers it is asked about (`makersFor`). Scores come in the order of
 * `items` × `trainings`, whatever order trainings and jobs end in.
 *
 * Scoring goes in waves, so that nothing waits for the longest training: whoever is trained when a wave begins scores in it, all of
 * them one clip after the other, so that a worker decodes it once for several.
 */
export async function scoreAsTrained(
  items: LineItem[],
  trainings: Promise<Trained>[],
  context: RunContext,
): Promise<Scored[]> {
  const trained = new Map<number, Trained>();
  const waiting = new Map(
    trainings.map((training, place) => {
      const ready = training.then((value) => void trained.set(place, value));
      ready.catch(() => {}); // told when its turn comes; until then it must not end the process
      return [place, ready];
    }),
  );
  const found: Scored[] = [];
  while (waiting.size > 0) {
    await Promise.race(waiting.values());
    const wave = [...waiting.keys()].filter((place) => trained.has(place));
    for (const place of wave) waiting.delete(place);
    found.push(
      ...(await scoreItems(
        items,
        wave.map((place) => trained.get(place)!),
        context,
      )),
    );
  }
  const itemAt = new Map(items.map((item, i) => [item, i]));
  const trainedAt = new Map([...trained].map(([place, ready]) => [ready, place]));
  const order = ({ entry, trained: by }: Scored): number =>
    itemAt.get(entry)! * trainings.length + trainedAt.get(by)!;
  return found.toSorted((a, b) => order(a) - order(b));
}

async function scoreItems(items: LineItem[], detectors: Trained[], context: RunContext): Promise<Scored[]> {
  const asked = new Map(detectors.map((trained) => [trained, makersFor(trained.judges, items)]));
  const jobs = items.flatMap((entry) =>
    detectors
      .filter((trained) => entry.generator === undefined || asked.get(trained)!.has(entry.generator))
      .map((trained) => scoreOne(entry, trained, context)),
  );
  return Promise.all(jobs);
}

async function scoreOne(entry: LineItem, trained: Trained, context: RunContext): Promise<Scored> {
  const truth = truthOf(entry.item, trained.judges);
  const base = { trained, entry, perturbation: 'none', level: 0, ...(truth ? { truth } : {}) };
  if ('failure' in entry) return { ...base, failure: entry.failure };
  const { code, options, model, members } = trained;
  const others = members && (await scoresOf(entry, members, context));
  if (others && 'failure' in others) return { ...base, ...others };
  const input = {
    code,
    name: trained.detector.name,
    options,
    seed: context.seed,
    clip: entry.clip,
    ...(model ? { model } : {}),
    ...(others ? { others } : {}),
  };
  try {
    return { ...base, score: (await context.run(scoreClip, input)).score };
  } catch (error) {
    return { ...base, failure: failureOf(error) };
  }
}

/**
 * What each of `detectors` says of one item, null where it is not applicable; or why one failed, or none is applicable. Jobs that are
 * done come from the cache.
 */
async function scoresOf(
  entry: LineItem,
  detectors: Trained[],
  context: RunContext,
): Promise<(number | null)[] | { failure: Failure }> {
  const said = await Promise.all(detectors.map((detector) => scoreOne(entry, detector, context)));
  return answersOf(said.map((one) => ({ label: one.trained.label, said: one })));
}

/** `detectors` as one that asks them is given them. */
export function othersOf(detectors: Trained[], context: RunContext): Others {
  return {
    labels: detectors.map(({ label }) => label),
    async scores(clip) {
      const said = await scoresOf({ item: clip, clip }, detectors, context);
      if (!('failure' in said)) return said;
      throw new ItemError(said.failure.code as `E_${string}`, said.failure.cause);
    },
  };
}
