/** real → fake: trains a generator, plans its fakes and makes them. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { provenancePath } from '../media/provenance.ts';
import { mixOf } from '../pairs.ts';
import type { Clip, FakePlan, Generator, Item, Model, Quality, Split } from '../types.ts';
import { orFailure, type LineItem } from './items.ts';
import { timed, type RunContext } from './context.ts';

export type Fakes = {
  name: string;
  label: string;
  control: boolean;
  model?: Model;
  trainSeconds: number;
  items: LineItem[];
  plans: FakePlan[];
  /** Their portraits are meant to be of nobody. */
  nobody: boolean;
  quality?: Quality;
};
/** Fakes that are made while their quality is still being measured: detectors need not wait for that. */
export type MadeFakes = Omit<Fakes, 'quality'> & { quality: Promise<Quality | undefined> };

/**
 * All fakes of one generator for the given clips and splits, split by split. The quality it measures of itself comes later. What it learns and draws follows from the seed of `taught`; who
 * is paired with whom from that of `context`, so that several trainings make the same fakes.
 * @throws UserError when a clip has no recorded licence.
 */
export async function makeFakes(
  generator: Generator,
  options: unknown,
  clips: Clip[],
  splits: readonly Split[],
  context: RunContext,
  taught: RunContext,
): Promise<MadeFakes> {
  requireLicence(generator.name, clips);
  const label = generator.label(options);
  const training = timed(taught);
  const model = generator.train
    ? await generator.train(clips, options, training.context)
    : await generator.bring?.(options, taught);
  const plans = splits.flatMap((split) =>
    generator.plan(
      clips.filter((clip) => clip.split === split),
      options,
      context,
    ),
  );
  const depicted = generator.depicts?.(clips);
  const making = plans.map((plan) => {
    const item = describe(plan, label, depicted);
    return orFailure(item, label, () => makeOne(generator, plan, item, model, options, taught));
  });
  const items = await Promise.all(making);
  const quality = Promise.resolve(generator.evaluate?.(clips, model, options, taught));
  quality.catch(() => {}); // whoever waits for it is told
  return {
    name: generator.name,
    label,
    control: generator.control ?? false,
    trainSeconds: training.seconds(),
    items,
    plans,
    nobody: depicted !== undefined,
    quality,
    ...(model ? { model } : {}),
  };
}

/** With their quality, once that is known. */
export async function withQuality({ quality, ...fakes }: MadeFakes): Promise<Fakes> {
  const known = await quality;
  return known ? { ...fakes, quality: known } : fakes;
}

async function makeOne(
  generator: Generator,
  plan: FakePlan,
  item: Item,
  model: Model | undefined,
  options: unknown,
  context: RunContext,
): Promise<Clip> {
  const media = await generator.make(plan, model, options, context);
  await readFile(provenancePath(media.path)).catch((cause: unknown) => {
    throw new Error(`${generator.name} left ${media.path} without its provenance`, { cause });
  });
  const track = generator.depicts ? undefined : plan.target.track;
  // What is heard is the driver's sound, unless it is spoken anew.
  const phones = plan.phones ?? (plan.driver ?? plan.target).phones;
  return {
    ...item,
    media,
    use: 'score',
    ...(track ? { track } : {}),
    ...(phones ? { phones } : {}),
  };
}

function describe(
  { id, target, driver, face, labels, driving }: FakePlan,
  label: string,
  depicted: Clip[] = [],
): Item {
  const mixed = mixOf(target, driver ?? face ?? target);
  return {
    id: `${label}/${id}`,
    labels,
    origin: label,
    split: target.split,
    ...mixOf(mixed, ...depicted),
    sources: mixed.sources,
    ...(driving ? { driving } : {}),
  };
}

function requireLicence(generator: string, clips: Clip[]): void {
  const without = clips.filter((clip) => clip.licence === '' || clip.licence === 'unknown');
  if (without.length === 0) return;
  throw new UserError(
    `generator "${generator}" makes fakes only of data with a recorded licence, and ${without.length} of ${clips.length} clips have none (first: ${without[0]!.id}). ` +
      'Set the licence in the data set (option "licence", or the column "licence" of its CSV)',
  );
}
