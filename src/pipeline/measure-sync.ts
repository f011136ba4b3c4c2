/** `sync-own` of every generator's fakes, beside the real clips they were made of and beside themselves under another sound. */
import { personOf } from '../pairs.ts';
import { measureSyncOwn } from '../sync/measure-own.job.ts';
import { type MeasuredFake, type OwnSync, summarizeFakes, summarizeReals } from '../sync/summary.job.ts';
import { trainSyncOwn } from '../sync/train-own.job.ts';
import type { Clip } from '../types.ts';
import { type RunContext, timed } from './context.ts';
import { orReason } from './items.ts';
import type { MadeFakes } from './make-fakes.ts';
import { type Measure, type MeasuredLine, stepsFor } from './own-measure.ts';

/** Frames by which the sound of real clips is moved to see whether the measure notices. */
const validationShifts = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5];

/**
 * The measure, or the reason why nothing was measured: there must be clips to learn measuring from (`use: 'measure'`). It begins
 * to learn at once and measures fakes as they come.
 */
export async function measureSync(
  line: MeasuredLine,
  context: RunContext,
): Promise<Measure | { reason: string }> {
  const lessons = line.clips.filter((clip) => clip.use === 'measure');
  if (lessons.length === 0)
    return { reason: 'the data set films nobody to learn measuring from (extraFaces of talking-heads)' };
  const { seed } = context;
  const steps = stepsFor(lessons);
  const training = timed(context);
  const model = await orReason(training.context.run(trainSyncOwn, { clips: lessons, steps, seed }));
  if ('reason' in model) return model;
  const { files, info } = model;
  const ask: Ask = (clip, more = {}) =>
    orReason(context.run(measureSyncOwn, { clip, files, shifts: [], ...more }));
  const reals = (await line.published).flatMap((entry) =>
    'clip' in entry && entry.generator === undefined && entry.item.split === 'test' ? [entry.clip] : [],
  );
  const measured = await Promise.all(reals.map((clip) => ask(clip, { shifts: validationShifts })));
  const ofReal = new Map(reals.map((clip, i) => [clip.id, measured[i]!]));
  const generators = await Promise.all(
    line.fakes.map(async (making) => {
      const made = await making;
      const fakes = await measureFakes(made, reals, ofReal, ask);
      return [made.label, await context.run(summarizeFakes, { label: made.label, fakes, seed })] as const;
    }),
  );
  const people = reals.map((clip, i) => ({ person: personOf(clip), measured: measured[i]! }));
  return {
    info,
    trainSeconds: training.seconds(),
    figures: await context.run(summarizeReals, { reals: people, seed }),
    ofGenerator: Object.fromEntries(generators),
  };
}

type Ask = (clip: Clip, more?: { foreign?: Clip; shifts?: number[] }) => Promise<OwnSync>;

/**
 * Each test fake under its own sound and under a foreign one, beside the real clip it was made of (by id in `ofReal`). Foreign is the
 * sound of the next of `reals` that neither drives the fake nor moved the target's own mouth, which is still seen around the fake one.
 */
export async function measureFakes(
  { items, plans }: Pick<MadeFakes, 'items' | 'plans'>,
  reals: readonly Clip[],
  ofReal: ReadonlyMap<string, OwnSync>,
  ask: Ask,
): Promise<MeasuredFake[]> {
  const made = items.flatMap((entry, i) =>
    'clip' in entry && entry.item.split === 'test' ? [{ fake: entry.clip, plan: plans[i]! }] : [],
  );
  return Promise.all(
    made.map(async ({ fake, plan: { target, driver, driving } }) => {
      const at = reals.findIndex(({ id }) => id === target.id) + 1;
      const foreign = [...reals.slice(at), ...reals.slice(0, at)].find(
        ({ id }) => id !== target.id && id !== driver?.id,
      );
      return {
        person: personOf(fake),
        driving: driving ?? null,
        fake: await ask(fake, foreign ? { foreign } : {}),
        real: ofReal.get(target.id) ?? { reason: `${target.id} was not published` },
      };
    }),
  );
}
