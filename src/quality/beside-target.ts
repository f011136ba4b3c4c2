/** What `evaluate` says of a generator that repaints films: `beside-target.job.ts` on a fake of each of some test people. */
import { groupBy } from '../group.ts';
import { personOf } from '../pairs.ts';
import { orReason } from '../pipeline/items.ts';
import { publishClip } from '../pipeline/publish.job.ts';
import type { Clip, Context, Generator, Model, Quality } from '../types.ts';
import { judgeBesideTarget } from './beside-target.job.ts';

/** People that are looked at, the first ones, by one fake each. */
const mostPeople = 8;

/** The fakes are those already made: the same jobs under the same input. Nothing is said where none can be made. */
export async function besideTarget<Options>(
  generator: Generator<Options>,
  clips: readonly Clip[],
  model: Model | undefined,
  options: Options,
  context: Context,
): Promise<Quality> {
  const test = clips.filter(({ split }) => split === 'test');
  const byPerson = groupBy(generator.plan(test, options, context), ({ target }) => personOf(target));
  const first = [...byPerson].slice(0, mostPeople).map(([person, plans]) => ({ person, plan: plans[0]! }));
  const made = await Promise.all(
    first.map(({ person, plan }) =>
      orReason(
        (async () => ({
          person,
          target: plan.target,
          fake: await generator.make(plan, model, options, context),
          copy: await context.run(publishClip, { clip: plan.target }),
        }))(),
      ),
    ),
  );
  const judged = made.flatMap((pair) => ('reason' in pair ? [] : [pair]));
  if (judged.length === 0) return { figures: {}, sheets: [] };
  const { figures, sheet } = await context.run(judgeBesideTarget, {
    generator: generator.name,
    clips: judged,
    seed: context.seed,
  });
  const title = 'from left to right: target, fake, and what the fake is lighter, times eight, around grey';
  return { figures, sheets: sheet ? [{ title, picture: sheet }] : [] };
}
