/** What a reader might look for in a run and does not find, each with its reason. */
import type { Choice, Experiment } from '../src/config.ts';
import { mostValues, tooFine } from '../src/metrics/slices.ts';
import { makersFor } from '../src/pipeline/items.ts';
import { isShown } from '../src/pipeline/score-distorted.ts';
import type { Series } from '../src/types.ts';
import { groupBy } from '../src/group.ts';
import { listed } from '../src/reports/format.ts';
import type { RunRecord } from '../src/records/record.ts';
import type { RunResults } from './results.ts';
import { catalog } from './catalog.ts';

type Missing = RunRecord['notRun'];

export function notRun(experiment: Experiment, result: RunResults): Missing {
  const { dataset, generators, detectors, seed } = experiment;
  const { fakes } = result.line;
  const teachers = experiment.training?.generators ?? generators;
  const isControl = ({ name }: Choice): boolean => catalog.generators[name]!.control === true;
  const controls = listed(generators.filter(isControl).map(({ name }) => name));
  return [
    ...when(generators.length === 0, 'fakes', 'the experiment names no generator'),
    ...fakes.flatMap(({ label, plans }) =>
      when(plans.length === 0, `fakes of ${label}`, 'no clip of the data set can be its target'),
    ),
    ...when(
      detectors.length === 0,
      'detectors',
      'the experiment names none; its generators are judged alone',
    ),
    ...when(
      detectors.length > 0 && teachers.length > 0 && !teachers.some(isControl),
      'probes',
      controls === ''
        ? 'no control generator is named that detectors could be trained against'
        : `${controls} is not among training.generators, so that no detector could be trained against it`,
    ),
    ...faceless(result),
    ...notAsked(result),
    ...when(
      detectors.length > 0 && fakes.some((made) => !made.control) && !metUnknown(result),
      'generators that the detectors have not met',
      'each detector learns from the fakes of all generators that are no controls, or from none',
    ),
    ...('reason' in result.sync ? when(fakes.length > 0, 'sync-own', result.sync.reason) : []),
    ...('reason' in result.kid ? when(fakes.length > 0, 'kid-own', result.kid.reason) : []),
    ...when(
      experiment.perturbations.length === 0,
      'perturbations',
      'the experiment names none: every clip was judged as published',
    ),
    ...unnoticed(experiment, result),
    ...tooFine([...result.attributes.values()].map((attributes) => ({ attributes }))).map(
      ({ attribute, values }) => ({
        what: `slices by ${attribute}`,
        reason: `it has ${values} values; more than ${mostValues} are no classes`,
      }),
    ),
    ...when(
      true,
      'other seeds',
      `people were drawn with ${seed}, networks trained with ${experiment.trainingSeed ?? seed}: one draw, one training of each; seeds: [1, 2, 3] would train each three times`,
    ),
    ...when(dataset.name === 'talking-heads', 'recorded people', 'the data set is rendered'),
  ];
}

/** Whether a detector that learned from fakes was asked about those of a maker which it learned nothing from. */
function metUnknown({ line, scored }: RunResults): boolean {
  const controls = new Set(line.fakes.filter((made) => made.control).map(({ label }) => label));
  return scored.some(
    ({ entry: { generator }, trained: { trainedOn } }) =>
      generator !== undefined &&
      !controls.has(generator) &&
      trainedOn.length > 0 &&
      !trainedOn.includes(generator),
  );
}

const when = (missing: boolean, what: string, reason: string): Missing => (missing ? [{ what, reason }] : []);

/** Detectors that a perturbation changes nothing for. */
function unnoticed({ perturbations }: Experiment, { trained }: RunResults): Missing {
  const series = perturbations.flatMap(({ name, options }) => catalog.perturbations[name]!.series(options));
  const isAttack = ({ levels }: Series): boolean => levels.some((level) => 'attack' in level);
  const kinds = new Set(series.filter((one) => !isAttack(one)).map(({ changes }) => changes));
  const attacks = series.filter(isAttack);
  return trained
    .filter(({ probe, variantOf }) => !probe && variantOf === undefined)
    .flatMap((one) => [
      ...[...kinds]
        .filter((changes) => !isShown(one, changes))
        .map((changes) => ({
          what: `${one.label} on perturbed ${whatOf[changes]}`,
          reason: 'what it reads (the file, the track, or the other of picture and sound) stays as it is',
        })),
      ...attacks
        .filter(() => one.detector.attack === undefined)
        .map(({ name }) => ({ what: `${one.label} under ${name}`, reason: 'its gradient is not known' })),
    ]);
}

const whatOf = { picture: 'pictures', sound: 'sounds', both: 'pictures and sounds' } as const;

/** Clips in which a face was looked for, and none is there throughout. */
function faceless({ line }: RunResults): Missing {
  return line.clips.flatMap(({ id, media, seen, track }) => {
    const lost = (media.video?.frameCount ?? 0) - (seen?.found ?? 0) - (seen?.bridged ?? 0);
    const why = seen?.found === 0 ? 'no frame shows one' : `it is not seen in ${lost} frames`;
    const reason = `${why}; what needs a face is not applicable there`;
    return when(seen !== undefined && track === undefined, `the face in ${id}`, reason);
  });
}

/** Detectors that have nothing to find in what a maker makes; a line for all that judge the same. */
function notAsked({ line, trained }: RunResults): Missing {
  const items = [...line.published, ...line.fakes.flatMap((made) => made.items)];
  const makers = new Set(items.flatMap(({ generator }) => generator ?? []));
  const own = trained.filter(({ probe, variantOf }) => !probe && variantOf === undefined);
  return [...groupBy(own, ({ judges }) => judges).values()].flatMap((alike) => {
    const { judges } = alike[0]!;
    const asked = makersFor(judges, items);
    const others = [...makers].filter((maker) => !asked.has(maker));
    const who = listed(alike.map(({ label }) => label));
    const reason = `${alike.length === 1 ? 'it judges' : 'they judge'} the ${judges}, which is genuine there`;
    return when(others.length > 0, `${who} on ${listed(others)}`, reason);
  });
}
