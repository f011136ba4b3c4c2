/** `kid-own` of every generator's fakes: how far their portraits are from those of the real test clips. */
import { trainEmbedding } from '../quality/train-embedding.job.ts';
import { comparePortraits } from '../quality/compare.job.ts';
import { type Embedded, embedPortraits, type Spoiling } from '../quality/embed.job.ts';
import { groupBy } from '../group.ts';
import { personOf } from '../pairs.ts';
import type { Clip, Measured } from '../types.ts';
import { type RunContext, timed } from './context.ts';
import { type LineItem, orReason } from './items.ts';
import type { MadeFakes } from './make-fakes.ts';

type Figures = Record<string, Measured>;
/** `figures`: what the measure says of pictures of which one knows how they differ. `ofGenerator`: by the generator's label. */
export type KidMeasure = {
  info: Record<string, unknown>;
  trainSeconds: number;
  figures: Figures;
  ofGenerator: Record<string, Figures>;
};

/** As of `sync-own`: so that few clips are not learnt by heart, and no more than it takes. */
const stepsPerClip = 15;
const mostSteps = 300;

/**
 * The measure, or the reason why nothing was measured. The network learns from the training people's `fit` footage; fakes and reals are
 * those of the test people as published. No-op baselines: other clips of the same people, other people, reals blurred, noisy, and their mean.
 */
export async function measureKid(
  line: { clips: Clip[]; published: Promise<LineItem[]>; fakes: Promise<MadeFakes>[] },
  context: RunContext,
): Promise<KidMeasure | { reason: string }> {
  const lessons = line.clips.filter(
    ({ split, use, track, media }) => split === 'train' && use === 'fit' && track && media.video,
  );
  if (new Set(lessons.map(personOf)).size < 2)
    return { reason: 'kid-own learns from two people at least of split train, use fit, with a face track' };
  const { seed } = context;
  const training = timed(context);
  const { files, info } = await training.context.run(trainEmbedding, {
    clips: lessons,
    steps: Math.min(mostSteps, stepsPerClip * lessons.length),
    seed,
  });
  const embed = (clips: Clip[], spoiling: Spoiling = 'none'): Promise<Embedded> =>
    context.run(embedPortraits, { clips, embedding: files['embedding']!, spoiling, seed });
  const published = genuine(await line.published);
  const reals = published.filter(({ split }) => split === 'test');
  const [halfOne, halfTwo] = halves(reals);
  const real = embed(reals);
  const compare = async (a: Promise<Embedded>, b: Promise<Embedded>): Promise<Measured> => {
    const pair = await orReason(Promise.all([a, b]));
    if ('reason' in pair) return { value: null, reason: pair.reason };
    return context.run(comparePortraits, { real: pair[0], other: pair[1] });
  };
  const others = published.filter(({ split }) => split !== 'test');
  const figures: Record<string, Promise<Measured>> = {
    'kidOwn/same people': compare(embed(halfOne), embed(halfTwo)),
    'kidOwn/other people': compare(real, embed(others)),
    'kidOwn/blurred': compare(real, embed(reals, 'blurred')),
    'kidOwn/noisy': compare(real, embed(reals, 'noisy')),
    'kidOwn/mean portrait': compare(real, embed(reals, 'mean')),
  };
  const ofGenerator = await Promise.all(
    line.fakes.map(async (making) => {
      const { label, items } = await making;
      const fakes = items.flatMap((entry) =>
        'clip' in entry && entry.item.split === 'test' && entry.item.labels.video === 'fake'
          ? [entry.clip]
          : [],
      );
      return [label, { 'kidOwn/fake': await compare(real, embed(fakes)) }] as const;
    }),
  );
  return {
    info,
    trainSeconds: training.seconds(),
    figures: Object.fromEntries(
      await Promise.all(Object.entries(figures).map(async ([name, value]) => [name, await value] as const)),
    ),
    ofGenerator: Object.fromEntries(ofGenerator),
  };
}

const genuine = (items: readonly LineItem[]): Clip[] =>
  items.flatMap((entry) =>
    'clip' in entry && entry.generator === undefined && entry.clip.media.video && entry.clip.track
      ? [entry.clip]
      : [],
  );

/** Every second clip of each person, and the rest. */
function halves(clips: readonly Clip[]): [Clip[], Clip[]] {
  const own = [...groupBy(clips, personOf).values()];
  const half = (odd: 0 | 1): Clip[] => own.flatMap((all) => all.filter((_, i) => i % 2 === odd));
  return [half(0), half(1)];
}
