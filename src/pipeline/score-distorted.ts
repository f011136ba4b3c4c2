/** media → perturbed media → score: every trained detector judges the test items again at every level of every perturbation. */
import type { Choice } from '../config.ts';
import { personOf } from '../pairs.ts';
import { perturbations } from '../perturbations/index.ts';
import type { Detector, Series, Truth } from '../types.ts';
import type { RunContext } from './context.ts';
import { failureOf, type LineItem, makersFor, truthOf } from './items.ts';
import type { Said } from './others.ts';
import { type PerturbationRef, scoreDistorted as job } from './score-distorted.job.ts';
import type { Scored } from './score.ts';
import type { Trained } from './train-detectors.ts';

/**
 * What is drawn follows from the context's seed, detectors from `trainingSeed`. Scores in the order of items × series × levels × detectors. At each level those detectors are asked that can notice what it changes,
 * each about the makers that it was asked about when nothing was changed. Of controls that cannot, what they said then (`clean`) stands at the level too: what they read is what it was.
 */
export async function scoreDistorted(
  items: LineItem[],
  detectors: Trained[],
  choices: Choice[],
  trainingSeed: number,
  clean: readonly Scored[],
  context: RunContext,
): Promise<Scored[]> {
  const before = new Map(clean.map((row) => [keyOf(row.trained, row.entry), row]));
  const makers = new Map(detectors.map((one) => [one, makersFor(one.judges, items)]));
  const levels = choices.flatMap(({ name, options }) =>
    perturbations[name]!.series(options).flatMap((series) =>
      series.levels.map((level, i) => {
        const shown = detectors.filter((one) =>
          'attack' in level ? one.detector.attack !== undefined : isShown(one, series.changes),
        );
        const isAttack = 'attack' in level;
        const anew = new Set(shown.filter((one) => isAttack || notices(one, series.changes)));
        return { ref: { name, options, series: series.name, level: i + 1, isAttack }, shown, anew };
      }),
    ),
  );
  const rows = items.flatMap((entry) =>
    levels.map(async ({ ref, shown, anew }): Promise<Scored[]> => {
      const asked = shown.filter(
        (one) => entry.generator === undefined || makers.get(one)!.has(entry.generator),
      );
      const news = asked.filter((one) => anew.has(one));
      const scored = await scoreLevel(entry, ref, news, trainingSeed, context);
      const saidNow = new Map(scored.map((row) => [row.trained, row]));
      return asked.flatMap((one) => {
        if (anew.has(one)) return saidNow.get(one) ?? [];
        const same = before.get(keyOf(one, entry));
        if (!same) throw new Error(`${one.label} said nothing of ${entry.item.id} as it was`);
        return { ...same, perturbation: ref.series, level: ref.level };
      });
    }),
  );
  return (await Promise.all(rows)).flat();
}

const keyOf = ({ label }: Trained, { item, generator = 'none' }: LineItem): string =>
  JSON.stringify([label, generator, item.id]);

/** Controls stand in every table. */
export const isShown = (one: Pick<Trained, 'detector' | 'members'>, changes: Series['changes']): boolean =>
  one.detector.family === 'control' || notices(one, changes);

/** What a detector looks at or listens to is changed. */
export function notices(
  { detector, members }: Pick<Trained, 'detector' | 'members'>,
  changes: Series['changes'],
): boolean {
  // One that cannot notice it would speak of the clip as it was.
  if (members) return members.every((member) => notices(member, changes));
  const noticed: Record<Detector['needs'], boolean> = {
    frames: changes !== 'sound',
    faces: changes !== 'sound',
    audio: changes !== 'picture',
    'audio-visual': true,
    // Where the face is, is known from elsewhere; and the file that they read stays as it is.
    track: false,
    container: false,
    nothing: false,
  };
  return noticed[detector.needs];
}

type Level = PerturbationRef & { isAttack: boolean };

async function scoreLevel(
  entry: LineItem,
  perturbation: Level,
  asked: Trained[],
  trainingSeed: number,
  context: RunContext,
): Promise<Scored[]> {
  // An attack makes a clip look like what it is not, so that has to be known.
  const truthful = perturbation.isAttack ? asked.filter((one) => truthOf(entry.item, one.judges)) : asked;
  if (truthful.length === 0) return [];
  const said = await sayAll(entry, perturbation, truthful, trainingSeed, context);
  const { series, level } = perturbation;
  return truthful.map((trained, i) => {
    const truth = truthOf(entry.item, trained.judges);
    return { trained, entry, perturbation: series, level, ...(truth ? { truth } : {}), ...said[i]! };
  });
}

async function sayAll(
  entry: LineItem,
  { isAttack, ...perturbation }: Level,
  asked: Trained[],
  trainingSeed: number,
  context: RunContext,
): Promise<Said[]> {
  if ('failure' in entry) return asked.map(() => ({ failure: entry.failure }));
  // Whoever is asked by another comes before it, once.
  const byLabel = new Map(
    asked.flatMap((one) => [...(one.members ?? []), one]).map((one) => [one.label, one]),
  );
  const labels = [...byLabel.keys()];
  const detectors = [...byLabel.values()].map(({ code, detector, label, options, model, members }) => ({
    code,
    name: detector.name,
    label,
    options,
    seed: trainingSeed,
    ...(model ? { model } : {}),
    ...(members ? { others: members.map((member) => labels.indexOf(member.label)) } : {}),
  }));
  const { clip } = entry;
  try {
    // Whoever can be attacked judges the picture.
    const towards = truthOf(entry.item, 'video') === 'fake' ? 'real' : 'fake';
    const input = {
      clip,
      perturbation,
      seed: context.seed,
      person: personOf(entry.item),
      ...(isAttack ? { towards: towards as Truth } : {}),
      detectors,
    };
    const { said } = await context.run(job, input);
    return asked.map((one) => said[labels.indexOf(one.label)]!);
  } catch (error) {
    const failure = failureOf(error);
    return asked.map(() => ({ failure }));
  }
}
