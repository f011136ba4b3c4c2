/** `sync-own` of every generator's fakes, beside the real clips they were made of and beside themselves under another sound. */
import { personOf } from '../pairs.ts';
import { measureSyncOwn, type OwnSync } from '../sync/measure-own.job.ts';
import { summarizeFakes, summarizeReals } from '../sync/summary.job.ts';
import { trainSyncOwn } from '../sync/train-own.job.ts';
import type { Clip, Measured, Model } from '../types.ts';
import { type RunContext, timed } from './context.ts';
import type { LineItem } from './items.ts';
import type { Fakes } from './make-fakes.ts';

type Figures = Record<string, Measured>;
/** `figures`: whether the measure itself can be trusted, on real clips. `ofGenerator`: by the generator's label. */
export type SyncMeasure = {
  info: Record<string, unknown>;
  trainSeconds: number;
  figures: Figures;
  ofGenerator: Record<string, Figures>;
};

/** Fifteen steps a clip, so that few clips are not learnt by heart, and no more than it takes. */
const stepsPerClip = 15;
const mostSteps = 500;
/** Frames by which the sound of real clips is moved to see whether the measure notices. */
const validationShifts = [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5];

/** Undefined where the data set has no clips to learn measuring from (`use: 'measure'`). */
export async function measureSync(
  line: { clips: Clip[]; published: LineItem[]; fakes: Fakes[] },
  context: RunContext,
): Promise<SyncMeasure | undefined> {
  const lessons = line.clips.filter((clip) => clip.use === 'measure');
  if (lessons.length === 0) return undefined;
  const { seed } = context;
  const steps = Math.min(mostSteps, stepsPerClip * lessons.length);
  const training = timed(context);
  const { files, info } = await training.context.run(trainSyncOwn, { clips: lessons, steps, seed });
  const reals = line.published.flatMap((entry) =>
    'clip' in entry && entry.generator === undefined && entry.item.split === 'test' ? [entry.clip] : [],
  );
  const measured = new Map(
    await Promise.all(
      reals.map(async (clip) => {
        const sync = await context.run(measureSyncOwn, {
          clip,
          soundFrom: clip,
          files,
          shifts: validationShifts,
        });
        return [clip.id, sync] as const;
      }),
    ),
  );
  const ofReals = reals.map((clip) => ({ person: personOf(clip), measured: measured.get(clip.id)! }));
  const generators = await Promise.all(
    line.fakes.map(async (made) => [made.label, await figuresOf(made, measured, files, context)] as const),
  );
  return {
    info,
    trainSeconds: training.seconds(),
    figures: await context.run(summarizeReals, { reals: ofReals, seed }),
    ofGenerator: Object.fromEntries(generators),
  };
}

/** `reals`: what was measured of the published real clips, by id. */
async function figuresOf(
  { label, items, plans }: Fakes,
  reals: ReadonlyMap<string, OwnSync>,
  files: Model['files'],
  context: RunContext,
): Promise<Figures> {
  const made = items.flatMap((entry, i) => {
    const plan = plans[i]!;
    const real = reals.get(plan.target.id);
    return 'clip' in entry && entry.item.split === 'test' && real ? [{ fake: entry.clip, real, plan }] : [];
  });
  const ask = (clip: Clip, soundFrom: Clip) =>
    context.run(measureSyncOwn, { clip, soundFrom, files, shifts: [] });
  const fakes = await Promise.all(
    made.map(async ({ fake, real, plan }, i) => {
      const sound = (plan.driver ?? plan.target).id;
      const other = [...made.slice(i + 1), ...made.slice(0, i)].find(
        (next) => (next.plan.driver ?? next.plan.target).id !== sound,
      );
      return {
        person: personOf(fake),
        driving: plan.driving ?? null,
        fake: await ask(fake, fake),
        real,
        shuffled: other ? await ask(fake, other.fake) : { reason: 'there is no other sound' },
      };
    }),
  );
  return context.run(summarizeFakes, { label, fakes, seed: context.seed });
}
