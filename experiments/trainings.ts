/** Teaches the detectors of an experiment: each on all that it may learn from, and in a probe on real clips against the first control generator. */
import type { Choice, Experiment } from '../src/config.ts';
import { UserError } from '../src/errors.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { type LineItem, makersFor } from '../src/pipeline/items.ts';
import { othersOf } from '../src/pipeline/score.ts';
import { judgesOf, type Trained, trainDetector } from '../src/pipeline/train-detectors.ts';
import type { Judged, Others } from '../src/types.ts';
import { catalog, detectorCode } from './catalog.ts';
import { begin, controlLabels, itemsOf, type LineInMaking, realsOf } from './line.ts';

/** Trainings in the order of the experiment; those that ask others begin when these are trained. */
export function trainAll(
  experiment: Experiment,
  school: LineInMaking,
  context: RunContext,
): Promise<Trained>[] {
  const teachOne = async (choice: Choice): Promise<Trained> => {
    const makers = await makersOf(choice, school);
    const members = membersOf(choice, experiment);
    return teach(
      choice,
      makers,
      members.map((member) => trainings[experiment.detectors.indexOf(member)]!),
      school,
      context,
    );
  };
  const trainings: Promise<Trained>[] = experiment.detectors.map((choice) => begin(teachOne(choice)));
  return trainings;
}

/** Detectors trained again on real clips against the first control generator. One probe is enough: further controls are rows to compare with, and a probe takes as long as all trainings. */
export function trainProbes(
  experiment: Experiment,
  school: LineInMaking,
  context: RunContext,
): Promise<Trained>[] {
  const [place] = school.controls;
  if (place === undefined) return [];
  const { name, options } = experiment.training?.generators[place] ?? experiment.generators[place]!;
  const control = catalog.generators[name]!.label(options);
  return experiment.detectors.filter(mayProbe).map((choice) =>
    begin(
      (async () => {
        const items = [...(await realsOf(school)), ...(await school.fakes[place]!).items];
        const trained = await trainDetector(
          catalog.detectors[choice.name]!,
          detectorCode(choice.name),
          choice,
          items,
          [control],
          true,
          context,
        );
        return { ...trained, label: `${trained.label}~${control}` };
      })(),
    ),
  );
}

/** One detector, taught by the fakes of `makers` where it learns from fakes. */
async function teach(
  choice: Choice,
  makers: string[],
  members: Promise<Trained>[],
  school: LineInMaking,
  context: RunContext,
): Promise<Trained> {
  const detector = catalog.detectors[choice.name]!;
  const train = (items: LineItem[], trainedOn: string[], others?: Others): Promise<Trained> =>
    trainDetector(detector, detectorCode(choice.name), choice, items, trainedOn, false, context, others);
  if (detector.bring) return train([], []);
  if (detector.learnsFrom === 'real') return train(await realsOf(school), []);
  const items = await itemsOf(school);
  if (!detector.asksOthers) return train(items, makers);
  const asked = await Promise.all(members);
  return { ...(await train(items, makers, othersOf(asked, context))), members: asked };
}

/** Whose fakes a detector can learn from: those of no control, and not of one whose fakes are test clips alone. */
async function makersOf({ name, options }: Choice, school: LineInMaking): Promise<string[]> {
  const controls = await controlLabels(school);
  const lessons = (await itemsOf(school)).filter((one) => 'clip' in one && one.item.split !== 'test');
  const makers = makersFor(judgesOf(catalog.detectors[name]!, options), lessons);
  return [...makers].filter((maker) => !controls.has(maker));
}

/** What is left out of the lessons, and how that stands behind a label. */
const ways = [
  { sign: '←', pick: (makers: string[], one: string) => makers.filter((maker) => maker === one) },
  { sign: '∖', pick: (makers: string[], one: string) => makers.filter((maker) => maker !== one) },
];

/**
 * The protocol `cross-generator`: every detector that learns from fakes, taught by each maker alone (`←`) and by all but that one (`∖`). Whatever is chosen on the way, the epoch,
 * calibration, stacking or a threshold, never sees the fakes of the others, of validation neither.
 * @param trainings All of them, by the order of the experiment.
 */
export async function trainCrossGenerator(
  experiment: Experiment,
  school: LineInMaking,
  trainings: Promise<Trained>[],
  context: RunContext,
): Promise<Promise<Trained>[]> {
  const { detectors } = experiment;
  const lessons = await Promise.all(
    detectors.map(async (choice) => {
      const { train, learnsFrom } = catalog.detectors[choice.name]!;
      const learns = train !== undefined && learnsFrom === undefined;
      return learns ? makersOf(choice, school) : ([] as string[]);
    }),
  );
  return [...new Set(lessons.flat())].flatMap((maker) =>
    ways.flatMap(({ sign, pick }) => {
      const varied = new Map<Choice, Promise<Trained>>();
      // Those that ask others stand last, so that the others are there.
      const order = detectors.toSorted((a, b) => Number(asks(a)) - Number(asks(b)));
      for (const choice of order) {
        const makers = lessons[detectors.indexOf(choice)]!;
        const picked = pick(makers, maker);
        // Of two makers, all but one is the other alone.
        const again = picked.length === makers.length || (sign === '∖' && picked.length < 2);
        if (!makers.includes(maker) || again) continue;
        const members = membersOf(choice, experiment).map(
          (member) => varied.get(member) ?? trainings[detectors.indexOf(member)]!,
        );
        const taught = teach(choice, picked, members, school, context).then((trained) => ({
          ...trained,
          variantOf: trained.label,
          label: `${trained.label}${sign}${maker}`,
        }));
        varied.set(choice, begin(taught));
      }
      return [...varied.values()];
    }),
  );
}

const asks = ({ name }: Choice): boolean => catalog.detectors[name]!.asksOthers === true;

/** The choices that one which asks others asks: no controls, and they judge the same. @throws UserError where it is left without two. */
export function membersOf(choice: Choice, { detectors }: Experiment): Choice[] {
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
