/**
 * The protocol `baseline`: make the fakes, train each detector on the fakes of the training identities, choose on
 * validation, score the test clips. In a probe each detector is trained again on real clips against the first control generator:
 * what it finds there is the trace of the path that every fake takes.
 */
import type { Choice, Experiment } from '../src/config.ts';
import { probe } from '../src/media/probe.ts';
import { ItemError, UserError } from '../src/errors.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { isGenuine, type LineItem, makersFor, orFailure } from '../src/pipeline/items.ts';
import { type Fakes, type MadeFakes, makeFakes, withQuality } from '../src/pipeline/make-fakes.ts';
import { measureKid } from '../src/pipeline/measure-kid.ts';
import { measureSync } from '../src/pipeline/measure-sync.ts';
import type { Measure } from '../src/pipeline/own-measure.ts';
import { refuseOverlap } from '../src/pipeline/no-overlap.ts';
import { publishClip } from '../src/pipeline/publish.job.ts';
import { othersOf, scoreAsTrained, type Scored } from '../src/pipeline/score.ts';
import { judgesOf, type Trained, trainDetector } from '../src/pipeline/train-detectors.ts';
import type { Clip, Judged, Others, Split } from '../src/types.ts';
import type { ReportInput } from '../src/reports/report.job.ts';
import { catalog, detectorCode } from './catalog.ts';
import { drawHardest } from './draw-hardest.ts';
import { drawLooked } from './draw-looked.ts';
import { drawStrips } from './draw-strips.ts';

export type BaselineResult = {
  line: Line;
  trained: Trained[];
  scored: Scored[];
  probed: Scored[];
  sync: Measure | { reason: string };
  kid: Measure | { reason: string };
  strips: ReportInput['strips'];
  hardest: ReportInput['hardest'];
  looked: ReportInput['looked'];
};
/**
 * One data set with everything made of it. `published`: its clips that are scored, in the same last encode as the fakes; among them
 * may be fakes that it brings along, whose maker is their origin.
 */
export type Line = { clips: Clip[]; published: LineItem[]; fakes: Fakes[] };

/**
 * Trainings begin as soon as what they need is there, so that no core waits: a probe is trained while generators learn. What comes
 * out does not depend on it.
 */
export async function baseline(experiment: Experiment, context: RunContext): Promise<BaselineResult> {
  await requireBrought(experiment, context);
  // Fakes of training people are made for detectors to learn from, where there are any.
  const splits: Split[] = experiment.detectors.length > 0 ? ['train', 'validation', 'test'] : ['test'];
  const line = await beginLine(experiment.dataset, experiment.generators, splits, context);
  const school = experiment.training
    ? await beginLine(experiment.training.dataset, experiment.training.generators, splits, context)
    : line;
  if (school !== line) {
    const [learned, asked] = [
      school.clips.filter(({ split }) => split !== 'test'),
      line.clips.filter(({ split }) => split === 'test'),
    ];
    await refuseOverlap([...learned, ...asked]);
  }
  const sync = begin(measureSync(line, context));
  const kid = begin(measureKid(line, context));
  const strips = line.fakes.map((making) =>
    begin(making.then(async (made) => drawStrips(made, await line.published, context))),
  );
  const { main, probes } = trainAll(experiment, school, context);
  const judged = main.map((trained) =>
    begin(trained.then(async (ready) => evaluateDetector(ready, test(await realsOf(line)), context))),
  );
  const scored = begin(scoreAsTrained(test(await itemsOf(line)), main, context));
  const probeItems = test([...(await realsOf(line)), ...(await controlsOf(line, 1))]);
  const probed = begin(scoreAsTrained(probeItems, probes, context));
  const controls = new Set(await controlLabels(line));
  return {
    line: {
      clips: line.clips,
      published: await line.published,
      fakes: await Promise.all(line.fakes.map(async (made) => withQuality(await made))),
    },
    trained: [...(await Promise.all(judged)), ...(await Promise.all(probes))],
    scored: await scored,
    hardest: await drawHardest(await scored, controls, context),
    looked: await drawLooked(await scored, controls, context),
    probed: await probed,
    sync: await sync,
    kid: await kid,
    strips: (await Promise.all(strips)).flat(),
  };
}

/** What a user brings along is looked at first, so that nothing is made in vain. @throws UserError. */
async function requireBrought(experiment: Experiment, context: RunContext): Promise<void> {
  const { generators, detectors, training } = experiment;
  for (const { name, options } of [...generators, ...(training?.generators ?? [])])
    await catalog.generators[name]!.bring?.(options, context);
  for (const choice of detectors) membersOf(choice, experiment);
  for (const { name, options } of detectors) await catalog.detectors[name]!.bring?.(options, context);
}

/** Awaited in its turn. Until then, should it fail, its failure must not end the process: another one may be told first. */
function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

const test = (items: LineItem[]): LineItem[] => items.filter(({ item }) => item.split === 'test');

/** A line whose clips are there and whose fakes are being made. */
type LineInMaking = {
  clips: Clip[];
  published: Promise<LineItem[]>;
  fakes: Promise<MadeFakes>[];
  /** Places in `fakes` of the control generators. */
  controls: number[];
};

/** Reads a data set and begins to make the fakes of every generator; its own clips take the same last encode as the fakes. */
async function beginLine(
  dataset: Choice,
  generators: Choice[],
  splits: readonly Split[],
  context: RunContext,
): Promise<LineInMaking> {
  const clips: Clip[] = [];
  for await (const clip of catalog.datasets[dataset.name]!.clips(dataset.options, context)) clips.push(clip);
  await refuseOverlap(clips);
  const material = clips.filter((clip) => clip.use !== 'measure' && isGenuine(clip));
  const controls = [...generators.keys()].filter((i) => catalog.generators[generators[i]!.name]!.control);
  // Nothing learns from further controls.
  const splitsOf = (place: number): readonly Split[] => (controls.indexOf(place) > 0 ? ['test'] : splits);
  const fakes = generators.map(({ name, options }, i) =>
    begin(makeFakes(catalog.generators[name]!, options, material, splitsOf(i), context)),
  );
  const publish = generators.length > 0;
  const published = clips
    .filter((clip) => clip.use === 'score')
    .map((clip) =>
      orFailure(clip, isGenuine(clip) ? undefined : clip.origin, async () => {
        await requireDecodable(clip);
        return publish && clip.media.video
          ? { ...clip, media: await context.run(publishClip, { clip }) }
          : clip;
      }),
    );
  return { clips, fakes, published: begin(Promise.all(published)), controls };
}

async function realsOf({ published }: LineInMaking): Promise<LineItem[]> {
  return (await published).filter(({ generator }) => generator === undefined);
}

/** What the control generators made, or the first of them. */
async function controlsOf({ fakes, controls }: LineInMaking, most = controls.length): Promise<LineItem[]> {
  return (await Promise.all(controls.slice(0, most).map((i) => fakes[i]!))).flatMap((made) => made.items);
}

async function controlLabels(line: LineInMaking): Promise<string[]> {
  return Promise.all(line.controls.map(async (i) => (await line.fakes[i]!).label));
}

async function itemsOf({ published, fakes }: LineInMaking): Promise<LineItem[]> {
  return [...(await published), ...(await Promise.all(fakes)).flatMap((made) => made.items)];
}

/** A file in which nothing could be found is a failure for every detector, also for those that would not open it, with its cause. */
async function requireDecodable({ id, media }: Clip): Promise<void> {
  if (media.video || media.audio) return;
  await probe(media.path);
  throw new ItemError('E_MEDIA_UNREADABLE', `${id}: neither picture nor sound could be read from this file`);
}

/** Trainings of all detectors, and of all probes: detectors trained again on real clips against the first control generator. */
function trainAll(
  experiment: Experiment,
  school: LineInMaking,
  context: RunContext,
): { main: Promise<Trained>[]; probes: Promise<Trained>[] } {
  const train: Train = (choice, items, trainedOn, probe, others) =>
    trainDetector(
      catalog.detectors[choice.name]!,
      detectorCode(choice.name),
      choice,
      items,
      trainedOn,
      probe,
      context,
      others,
    );
  const main = trainMain(experiment, school, train, context);
  // One probe is enough: further controls are rows to compare with, and a probe takes as long as all trainings.
  const probes = school.controls.slice(0, 1).flatMap((place) => {
    const { name, options } = experiment.training?.generators[place] ?? experiment.generators[place]!;
    const control = catalog.generators[name]!.label(options);
    return experiment.detectors.filter(mayProbe).map(async (choice): Promise<Trained> => {
      const items = [...(await realsOf(school)), ...(await school.fakes[place]!).items];
      const trained = await train(choice, items, [control], true);
      return { ...trained, label: `${trained.label}~${control}` };
    });
  });
  return { main, probes: probes.map(begin) };
}

type Train = (
  choice: Choice,
  items: LineItem[],
  trainedOn: string[],
  probe: boolean,
  others?: Others,
) => Promise<Trained>;

/** Trainings in the order of the experiment; those that ask others begin when these are trained. */
function trainMain(
  experiment: Experiment,
  school: LineInMaking,
  train: Train,
  context: RunContext,
): Promise<Trained>[] {
  const makersOf = async ({ name, options }: Choice): Promise<string[]> => {
    const controls = new Set(await controlLabels(school));
    // Of a maker whose fakes are test clips alone nothing can be learned.
    const lessons = (await itemsOf(school)).filter((one) => 'clip' in one && one.item.split !== 'test');
    const makers = makersFor(judgesOf(catalog.detectors[name]!, options), lessons);
    return [...makers].filter((maker) => !controls.has(maker));
  };
  const trainOne = async (choice: Choice): Promise<Trained> => {
    const { bring, learnsFrom, asksOthers } = catalog.detectors[choice.name]!;
    if (bring) return train(choice, [], [], false);
    if (learnsFrom === 'real') return train(choice, await realsOf(school), [], false);
    const [items, makers] = [await itemsOf(school), await makersOf(choice)];
    if (!asksOthers) return train(choice, items, makers, false);
    const members = await Promise.all(
      membersOf(choice, experiment).map((member) => trainings[experiment.detectors.indexOf(member)]!),
    );
    return { ...(await train(choice, items, makers, false, othersOf(members, context))), members };
  };
  const trainings: Promise<Trained>[] = experiment.detectors.map((choice) => begin(trainOne(choice)));
  return trainings;
}

/** The choices that one which asks others asks: no controls, and they judge the same. @throws UserError where it is left without two. */
function membersOf(choice: Choice, { detectors }: Experiment): Choice[] {
  const judged = ({ name, options }: Choice): Judged => judgesOf(catalog.detectors[name]!, options);
  if (!catalog.detectors[choice.name]!.asksOthers) return [];
  const members = detectors.filter((other) => {
    const { family, constructed, asksOthers } = catalog.detectors[other.name]!;
    const mayJoin = family !== 'control' && constructed === undefined && !asksOthers;
    return mayJoin && judged(other) === judged(choice);
  });
  if (members.length >= 2) return members;
  throw new UserError(
    `detector "${choice.name}" joins at least two others that judge the ${judged(choice)} and are neither controls nor constructed cues; there ${members.length === 1 ? `is one, "${members[0]!.name}"` : 'is none'}. Add some, or leave it out`,
  );
}

/** What is trained on fakes, and asked about pictures: a control generator leaves sound and pairing as they are. */
function mayProbe({ name, options }: Choice): boolean {
  const detector = catalog.detectors[name]!;
  const { train, learnsFrom, asksOthers } = detector;
  const judges = judgesOf(detector, options);
  return (
    train !== undefined && learnsFrom === undefined && !asksOthers && (judges === 'video' || judges === 'any')
  );
}

/** The detector with what it says of itself on genuine test clips. */
async function evaluateDetector(trained: Trained, reals: LineItem[], context: RunContext): Promise<Trained> {
  const { detector, model, options } = trained;
  const clips = reals.flatMap((entry) => ('clip' in entry ? [entry.clip] : []));
  const quality = await detector.evaluate?.(clips, model, options, context);
  return quality ? { ...trained, quality } : trained;
}
