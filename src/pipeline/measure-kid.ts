/** `kid-own` of every generator's fakes: how far their portraits are from those of the real test clips, and whether they show whom they should. */
import { trainEmbedding } from '../quality/train-embedding.job.ts';
import { comparePortraits } from '../quality/compare.job.ts';
import { type Embedded, embedPortraits, type Spoiling } from '../quality/embed.job.ts';
import { type Claim, compareIdentities } from '../quality/identity.job.ts';
import { groupBy } from '../group.ts';
import { personOf } from '../pairs.ts';
import type { Clip, Measured } from '../types.ts';
import { type RunContext, timed } from './context.ts';
import type { MadeFakes } from './make-fakes.ts';
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
  const input = { clips: lessons, steps: stepsFor(lessons), seed };
  const trained = await orReason(training.context.run(trainEmbedding, input));
  if ('reason' in trained) return trained;
  const { files, info } = trained;
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
  const identity = async (seen: Promise<Embedded>, claims: Claim[]): Promise<Measured> => {
    const pair = await orReason(Promise.all([seen, real]));
    if ('reason' in pair) return { value: null, reason: pair.reason };
    return context.run(compareIdentities, { seen: pair[0], real: pair[1], claims, seed });
  };
  const others = published.filter(({ split }) => split !== 'test');
  const figures: Record<string, Promise<Measured>> = {
    'kidOwn/same people': compare(embed(halfOne), embed(halfTwo)),
    'kidOwn/other people': compare(real, embed(others)),
    'kidOwn/blurred': compare(real, embed(reals, 'blurred')),
    'kidOwn/noisy': compare(real, embed(reals, 'noisy')),
    'kidOwn/mean portrait': compare(real, embed(reals, 'mean')),
    'identity/same person': identity(
      real,
      reals.map((clip) => ({ clip: clip.id, person: personOf(clip), without: clip.id })),
    ),
    'identity/other people': identity(real, strangers(reals)),
  };
  const ofGenerator = await Promise.all(
    line.fakes.map(async (making) => {
      const made = await making;
      const { fakes, claims } = shownBy(made);
      const seen = embed(fakes);
      return [
        made.label,
        {
          'kidOwn/fake': await compare(real, seen),
          'identity/fake': claims
            ? await identity(seen, claims)
            : { value: null, reason: 'its portraits are meant to be of nobody' },
        },
      ] as const;
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

/** Fakes of test people, and who each should show by other clips than the one it was made of; no claims where it should be nobody. */
function shownBy({ items, plans, nobody }: MadeFakes): { fakes: Clip[]; claims?: Claim[] } {
  const fakes: Clip[] = [];
  const claims: Claim[] = [];
  for (const [i, entry] of items.entries()) {
    if (!('clip' in entry) || entry.item.split !== 'test' || entry.item.labels.video !== 'fake') continue;
    fakes.push(entry.clip);
    const { target, face } = plans[i]!;
    claims.push({ clip: entry.clip.id, person: personOf(face ?? target), without: target.id });
  }
  return nobody ? { fakes } : { fakes, claims };
}

/** That each clip shows each of the others: what another face looks like. */
const strangers = (clips: readonly Clip[]): Claim[] => {
  const people = [...new Set(clips.map(personOf))];
  return clips.flatMap((clip) =>
    people
      .filter((person) => person !== personOf(clip))
      .map((person) => ({ clip: clip.id, person, without: clip.id })),
  );
};

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
