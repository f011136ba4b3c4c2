/**
 * The protocol `baseline`: make the fakes, train each detector on the fakes of the training identities, choose on
 * validation, score the test clips. In a probe each detector is trained again on real clips against a control generator:
 * what it finds there is the trace of the path that every fake takes.
 */
import type { Choice, Experiment } from '../src/config.ts';
import { ItemError } from '../src/errors.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { type LineItem, orFailure } from '../src/pipeline/items.ts';
import { type Fakes, makeFakes } from '../src/pipeline/make-fakes.ts';
import { publishClip } from '../src/pipeline/publish.job.ts';
import { scoreItems, type Scored } from '../src/pipeline/score.ts';
import { type Trained, trainDetector } from '../src/pipeline/train-detectors.ts';
import type { Clip } from '../src/types.ts';
import { catalog, detectorCode } from './catalog.ts';

export type BaselineResult = { line: Line; trained: Trained[]; scored: Scored[]; probed: Scored[] };
/** One data set with everything made of it. */
export type Line = { clips: Clip[]; reals: LineItem[]; fakes: Fakes[] };

export async function baseline(experiment: Experiment, context: RunContext): Promise<BaselineResult> {
  const line = await makeLine(experiment.dataset, experiment.generators, context);
  const school = experiment.training
    ? await makeLine(experiment.training.dataset, experiment.training.generators, context)
    : line;
  const { main, probes } = await trainAll(experiment, school, context);

  const test = (items: LineItem[]): LineItem[] => items.filter(({ item }) => item.split === 'test');
  const fakes = line.fakes.flatMap((made) => made.items);
  const controls = line.fakes.filter((made) => made.control).flatMap((made) => made.items);
  const scored = await scoreItems(test([...line.reals, ...fakes]), main, context);
  const probed = await scoreItems(test([...line.reals, ...controls]), probes, context);
  return { line, trained: [...main, ...probes], scored, probed };
}

/** Reads a data set and makes the fakes of every generator; real clips take the same last encode as the fakes. */
async function makeLine(dataset: Choice, generators: Choice[], context: RunContext): Promise<Line> {
  const clips: Clip[] = [];
  for await (const clip of catalog.datasets[dataset.name]!.clips(dataset.options, context)) clips.push(clip);
  const fakes = generators.map(({ name, options }) =>
    makeFakes(catalog.generators[name]!, options, clips, context),
  );
  const publish = generators.length > 0;
  const scorable = clips.filter((clip) => clip.use === 'score');
  const reals = scorable.map((clip) =>
    orFailure(clip, undefined, async () => {
      requireDecodable(clip);
      return publish && clip.media.video
        ? { ...clip, media: await context.run(publishClip, { clip }) }
        : clip;
    }),
  );
  const [madeFakes, publishedReals] = await Promise.all([Promise.all(fakes), Promise.all(reals)]);
  return { clips, fakes: madeFakes, reals: publishedReals };
}

/** A file in which nothing could be found is a failure for every detector, also for those that would not open it. */
function requireDecodable({ id, media }: Clip): void {
  if (!media.video && !media.audio)
    throw new ItemError(
      'E_MEDIA_UNREADABLE',
      `${id}: neither picture nor sound could be read from this file`,
    );
}

async function trainAll(
  experiment: Experiment,
  school: Line,
  context: RunContext,
): Promise<{ main: Trained[]; probes: Trained[] }> {
  const items = [...school.reals, ...school.fakes.flatMap((made) => made.items)];
  const taught = school.fakes.filter((made) => !made.control).map((made) => made.label);
  const train = (choice: Choice, trainedOn: string[], probe: boolean): Promise<Trained> =>
    trainDetector(
      catalog.detectors[choice.name]!,
      detectorCode(choice.name),
      choice,
      items,
      trainedOn,
      probe,
      context,
    );
  const main = experiment.detectors.map((choice) => train(choice, taught, false));
  const probes = school.fakes
    .filter((made) => made.control)
    .flatMap((made) =>
      experiment.detectors
        .filter((choice) => catalog.detectors[choice.name]!.train !== undefined)
        .map(async (choice): Promise<Trained> => {
          const trained = await train(choice, [made.label], true);
          return { ...trained, label: `${trained.label}~${made.label}` };
        }),
    );
  const [mainTrained, probesTrained] = await Promise.all([Promise.all(main), Promise.all(probes)]);
  return { main: mainTrained, probes: probesTrained };
}
