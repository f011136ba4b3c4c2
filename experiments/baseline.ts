/**
 * The protocol `baseline`: make the fakes, train each detector on the fakes of the training identities, choose on
 * validation, score the test clips. In a probe each detector is trained again on real clips against a control generator:
 * what it finds there is the trace of the path that every fake takes.
 */
import type { Choice, Experiment } from '../src/config.ts';
import { ItemError } from '../src/errors.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { isGenuine, type LineItem, makersFor, orFailure } from '../src/pipeline/items.ts';
import { type Fakes, makeFakes } from '../src/pipeline/make-fakes.ts';
import { measureSync, type SyncMeasure } from '../src/pipeline/measure-sync.ts';
import { publishClip } from '../src/pipeline/publish.job.ts';
import { scoreItems, type Scored } from '../src/pipeline/score.ts';
import { type Trained, trainDetector } from '../src/pipeline/train-detectors.ts';
import type { Clip } from '../src/types.ts';
import { catalog, detectorCode } from './catalog.ts';

export type BaselineResult = {
  line: Line;
  trained: Trained[];
  scored: Scored[];
  probed: Scored[];
  sync: SyncMeasure | { reason: string };
};
/**
 * One data set with everything made of it. `published`: its clips that are scored, in the same last encode as the fakes; among them
 * may be fakes that it brings along, whose maker is their origin.
 */
export type Line = { clips: Clip[]; published: LineItem[]; fakes: Fakes[] };

export async function baseline(experiment: Experiment, context: RunContext): Promise<BaselineResult> {
  const line = await makeLine(experiment.dataset, experiment.generators, context);
  const school = experiment.training
    ? await makeLine(experiment.training.dataset, experiment.training.generators, context)
    : line;
  const measuring = measureSync(line, context);
  measuring.catch(() => {});
  const { main, probes } = await trainAll(experiment, school, context);

  const fakes = line.fakes.flatMap((made) => made.items);
  const controls = line.fakes.filter((made) => made.control).flatMap((made) => made.items);
  const reals = line.published.filter(({ generator }) => generator === undefined);
  const scored = await scoreItems(test([...line.published, ...fakes]), main, context);
  const probed = await scoreItems(test([...reals, ...controls]), probes, context);
  const judged = await Promise.all(main.map((trained) => evaluateDetector(trained, test(reals), context)));
  return { line, trained: [...judged, ...probes], scored, probed, sync: await measuring };
}

const test = (items: LineItem[]): LineItem[] => items.filter(({ item }) => item.split === 'test');

/** Reads a data set and makes the fakes of every generator; its own clips take the same last encode as the fakes. */
async function makeLine(dataset: Choice, generators: Choice[], context: RunContext): Promise<Line> {
  const clips: Clip[] = [];
  for await (const clip of catalog.datasets[dataset.name]!.clips(dataset.options, context)) clips.push(clip);
  const material = clips.filter((clip) => clip.use !== 'measure' && isGenuine(clip));
  const fakes = generators.map(({ name, options }) =>
    makeFakes(catalog.generators[name]!, options, material, context),
  );
  const publish = generators.length > 0;
  const published = clips
    .filter((clip) => clip.use === 'score')
    .map((clip) =>
      orFailure(clip, isGenuine(clip) ? undefined : clip.origin, async () => {
        requireDecodable(clip);
        return publish && clip.media.video
          ? { ...clip, media: await context.run(publishClip, { clip }) }
          : clip;
      }),
    );
  const [madeFakes, madePublished] = await Promise.all([Promise.all(fakes), Promise.all(published)]);
  return { clips, fakes: madeFakes, published: madePublished };
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
  const items = [...school.published, ...school.fakes.flatMap((made) => made.items)];
  const controls = new Set(school.fakes.filter((made) => made.control).map((made) => made.label));
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
  const main = experiment.detectors.map((choice) => {
    const { judges, learnsFrom } = catalog.detectors[choice.name]!;
    const makers = learnsFrom === 'real' ? [] : [...makersFor(judges, items)];
    return train(
      choice,
      makers.filter((maker) => !controls.has(maker)),
      false,
    );
  });
  const probes = [...controls].flatMap((control) =>
    experiment.detectors
      .filter((choice) => {
        const { judges, learnsFrom, train } = catalog.detectors[choice.name]!;
        return train !== undefined && learnsFrom === undefined && makersFor(judges, items).has(control);
      })
      .map(async (choice): Promise<Trained> => {
        const trained = await train(choice, [control], true);
        return { ...trained, label: `${trained.label}~${control}` };
      }),
  );
  const [mainTrained, probesTrained] = await Promise.all([Promise.all(main), Promise.all(probes)]);
  return { main: mainTrained, probes: probesTrained };
}

/** The detector with what it says of itself on genuine test clips. */
async function evaluateDetector(trained: Trained, reals: LineItem[], context: RunContext): Promise<Trained> {
  const { detector, model, options } = trained;
  const clips = reals.flatMap((entry) => ('clip' in entry ? [entry.clip] : []));
  const quality = await detector.evaluate?.(clips, model, options, context);
  return quality ? { ...trained, quality } : trained;
}
