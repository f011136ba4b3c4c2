/** `kid-own` of every generator's fakes: how far their portraits are from those of the real test clips. */
import { trainEmbedding } from '../quality/train-embedding.job.ts';
import { comparePortraits } from '../quality/compare.job.ts';
import { type Embedded, embedPortraits, type Spoiling } from '../quality/embed.job.ts';
import { groupBy } from '../group.ts';
import { personOf } from '../pairs.ts';
import type { Clip, Measured } from '../types.ts';
import { type RunContext, timed } from './context.ts';
import { type Measure, type MeasuredLine, stepsFor } from './own-measure.ts';
import { type LineItem, orReason } from './items.ts';

/**
 * The measure, or the reason why nothing was measured. The network learns from the training people's `fit` footage; fakes and reals are
 * those of the test people as published. `figures`: of pictures of which one knows how they differ. No-op baselines: other clips of the same people, other people, reals blurred, noisy, and their mean.
 */
export async function measureKid(
  line: MeasuredLine,
  context: RunContext,
): Promise<Measure | { reason: string }> {
  const lessons = line.clips.filter(
    ({ split, use, track, media }) => split === 'train' && use === 'fit' && track && media.video,
  );
  if (new Set(lessons.map(personOf)).size < 2)
    return { reason: 'kid-own learns from two people at least of split train, use fit, with a face track' };
  const { seed } = context;
  const training = timed(context);
  const { files, info } = await training.context.run(trainEmbedding, {
    clips: lessons,
    steps: stepsFor(lessons),
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
