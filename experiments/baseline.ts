/**
 * The protocol `baseline`: make the fakes, train each detector on the fakes of the training identities, choose on
 * validation, score the test clips. In a probe each detector is trained again on real clips against the first control generator:
 * what it finds there is the trace of the path that every fake takes.
 */
import type { Choice, Experiment } from '../src/config.ts';
import { UserError } from '../src/errors.ts';
import { type RunContext, withSeed } from '../src/pipeline/context.ts';
import type { LineItem } from '../src/pipeline/items.ts';
import { withQuality } from '../src/pipeline/make-fakes.ts';
import { measureKid } from '../src/pipeline/measure-kid.ts';
import { measureSync } from '../src/pipeline/measure-sync.ts';
import { namesShared, refuseOverlap } from '../src/pipeline/no-overlap.ts';
import type { Measure } from '../src/pipeline/own-measure.ts';
import { scoreAsTrained, type Scored } from '../src/pipeline/score.ts';
import type { Trained } from '../src/pipeline/train-detectors.ts';
import type { ReportInput } from '../src/reports/report.job.ts';
import type { Attributes, Clip, Split } from '../src/types.ts';
import { catalog } from './catalog.ts';
import { drawHardest } from './draw-hardest.ts';
import { drawLooked } from './draw-looked.ts';
import { drawStrips } from './draw-strips.ts';
import { begin, beginLine, controlLabels, controlsOf, itemsOf, type Line, realsOf } from './line.ts';
import { membersOf, trainAll, trainCrossGenerator, trainProbes } from './trainings.ts';

export type BaselineResult = {
  line: Line;
  trained: Trained[];
  scored: Scored[];
  /** Clips and fakes of split `validation`, for what is chosen there. */
  validated: Scored[];
  probed: Scored[];
  sync: Measure | { reason: string };
  kid: Measure | { reason: string };
  strips: ReportInput['strips'];
  hardest: ReportInput['hardest'];
  looked: ReportInput['looked'];
  /** What is known of the test items, by id. */
  attributes: Map<string, Attributes>;
  /** What the lists of the data sets say that a reader must know. */
  remarks: string[];
};
/**
 * Trainings begin as soon as what they need is there, so that no core waits: a probe is trained while generators learn. What comes
 * out does not depend on it.
 */
export async function baseline(experiment: Experiment, context: RunContext): Promise<BaselineResult> {
  await requireBrought(experiment, context);
  const { trainingSeed } = experiment;
  const taught = trainingSeed === undefined ? context : withSeed(context, trainingSeed);
  // Fakes of training people are made for detectors to learn from, where there are any.
  const splits: Split[] = experiment.detectors.length > 0 ? ['train', 'validation', 'test'] : ['test'];
  const line = await beginLine(experiment.dataset, experiment.generators, splits, context, taught);
  const scores = line.clips.some(({ split, use }) => split === 'test' && use === 'score');
  if (experiment.detectors.length > 0 && !scores)
    throw new UserError(
      `data set "${experiment.dataset.name}" has no clip of split "test" that could be scored, so there would be nothing to report. ${addition(experiment.dataset, 'dataset', 'test')}`,
    );
  const school = experiment.training
    ? await beginLine(experiment.training.dataset, experiment.training.generators, splits, context, taught)
    : line;
  const [learned, asked] = [
    school.clips.filter(({ split }) => split !== 'test'),
    line.clips.filter(({ split }) => split === 'test'),
  ];
  if (school !== line) await refuseOverlap([...learned, ...asked]);
  const shared = school === line ? undefined : namesShared(learned, asked);
  refuseWithoutLessons(experiment, school.clips);
  const sync = begin(measureSync(line, context));
  const kid = begin(measureKid(line, context));
  const makers = experiment.generators.filter(({ name }) => !catalog.generators[name]!.control).length;
  const strips = line.fakes.map((making) =>
    begin(making.then(async (made) => drawStrips(made, await line.published, makers, context))),
  );
  const main = trainAll(experiment, school, taught);
  const probes = trainProbes(experiment, school, taught);
  const judged = main.map((trained) =>
    begin(trained.then(async (ready) => evaluateDetector(ready, test(await realsOf(line)), taught))),
  );
  const variants = experiment.crossGenerator
    ? await trainCrossGenerator(experiment, school, main, taught)
    : [];
  const scored = begin(scoreAsTrained(test(await itemsOf(line)), [...main, ...variants], taught));
  const controls = await controlLabels(school);
  const known = (await itemsOf(school)).filter(
    ({ item, generator }) =>
      item.split === 'validation' && (generator === undefined || !controls.has(generator)),
  );
  const validated = begin(scoreAsTrained(known, [...main, ...variants], taught));
  const probeItems = test([...(await realsOf(line)), ...(await controlsOf(line, 1))]);
  const probed = begin(scoreAsTrained(probeItems, probes, taught));
  const shown = await controlLabels(line);
  const fakes = await Promise.all(line.fakes.map(async (made) => withQuality(await made)));
  const published = await line.published;
  return {
    line: { clips: line.clips, published, fakes },
    attributes: await attributesOf(experiment.dataset, { published, fakes }, context),
    remarks: [...(await remarksOf(experiment, context)), ...(shared ? [shared] : [])],
    trained: [...(await Promise.all(judged)), ...(await Promise.all([...variants, ...probes]))],
    scored: await scored,
    hardest: await drawHardest(await scored, shown, taught),
    looked: await drawLooked(await scored, shown, taught),
    validated: await validated,
    probed: await probed,
    sync: await sync,
    kid: await kid,
    strips: (await Promise.all(strips)).flat(),
  };
}

/** What the data set knows of its clips; a fake has what its target has, unless it shows nobody who is in the data set. */
async function attributesOf(
  { name, options }: Choice,
  { published, fakes }: Pick<Line, 'published' | 'fakes'>,
  context: RunContext,
): Promise<Map<string, Attributes>> {
  const known = await catalog.datasets[name]!.attributes?.(options, context);
  if (!known) return new Map();
  const own = published.flatMap((entry) => ('clip' in entry ? [[entry.item.id, entry.clip] as const] : []));
  const made = fakes.flatMap(({ items, plans, nobody }) =>
    nobody ? [] : items.map(({ item }, i) => [item.id, plans[i]!.target] as const),
  );
  return new Map([...own, ...made].map(([id, clip]) => [id, known(clip)]));
}

/** A detector would say the same, but only once every fake is made. @throws UserError where detectors have no clip to learn from. */
function refuseWithoutLessons({ dataset, detectors, training }: Experiment, clips: readonly Clip[]): void {
  const learner = detectors.find(({ name }) => catalog.detectors[name]!.train);
  if (!learner || clips.some(({ split, use }) => split === 'train' && use === 'score')) return;
  const [school, key] = training ? [training.dataset, 'training.dataset'] : [dataset, 'dataset'];
  throw new UserError(
    `detector "${learner.name}" cannot learn: data set "${school.name}" has no clip of split "train" to learn from. ${addition(school, key, 'train')}, or name another data set to learn from (training)`,
  );
}

/** How a data set that has no clips of `split` comes to have some, as far as its options say. */
function addition({ options }: Choice, key: string, split: Split): string {
  const { identities, splits, split: own } = options as Record<string, unknown>;
  if (identities !== undefined) return `Add some (${key}.identities.${split})`;
  if (Array.isArray(splits)) return splits.includes(split) ? `Fetch that part` : `Add it to ${key}.splits`;
  return own === undefined ? 'Add some' : `Say that its clips are (${key}.split: ${split})`;
}

/** Of the data set that is asked about, and of the one that is learned from. */
async function remarksOf({ dataset, training }: Experiment, context: RunContext): Promise<string[]> {
  const remarks: string[] = [];
  for (const { name, options } of [dataset, ...(training ? [training.dataset] : [])]) {
    const listing = await catalog.datasets[name]!.list?.(options, context);
    remarks.push(...(listing?.remarks ?? []).map((remark) => `${name}: ${remark}`));
  }
  return [...new Set(remarks)];
}

/** What a user brings along is looked at first, so that nothing is made in vain. @throws UserError. */
async function requireBrought(experiment: Experiment, context: RunContext): Promise<void> {
  const { generators, detectors, perturbations, training } = experiment;
  for (const { name, options } of [...generators, ...(training?.generators ?? [])])
    await catalog.generators[name]!.bring?.(options, context);
  for (const choice of detectors) membersOf(choice, experiment);
  for (const { name, options } of perturbations) await catalog.perturbations[name]!.bring?.(options, context);
  for (const { name, options } of detectors) await catalog.detectors[name]!.bring?.(options, context);
}

const test = (items: LineItem[]): LineItem[] => items.filter(({ item }) => item.split === 'test');

/** The detector with what it says of itself on genuine test clips. */
async function evaluateDetector(trained: Trained, reals: LineItem[], context: RunContext): Promise<Trained> {
  const { detector, model, options } = trained;
  const clips = reals.flatMap((entry) => ('clip' in entry ? [entry.clip] : []));
  const quality = await detector.evaluate?.(clips, model, options, context);
  return quality ? { ...trained, quality } : trained;
}
