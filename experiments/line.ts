/** A data set and everything that is made of it, as far as it is: what learns or judges begins as soon as what it needs is there. */
import type { Choice } from '../src/config.ts';
import { ItemError } from '../src/errors.ts';
import { reasonOf } from '../src/listed/reason.ts';
import { probe } from '../src/media/probe.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { isGenuine, type LineItem, orFailure } from '../src/pipeline/items.ts';
import { type Fakes, type MadeFakes, makeFakes } from '../src/pipeline/make-fakes.ts';
import { refuseOverlap } from '../src/pipeline/no-overlap.ts';
import { publishClip } from '../src/pipeline/publish.job.ts';
import type { Clip, Split } from '../src/types.ts';
import { catalog } from './catalog.ts';

/**
 * One data set with everything made of it. `published`: its clips that are scored, in the same last encode as the fakes; among them
 * may be fakes that it brings along, whose maker is their origin.
 */
export type Line = { clips: Clip[]; published: LineItem[]; fakes: Fakes[] };

/** A line whose clips are there and whose fakes are being made. */
export type LineInMaking = {
  clips: Clip[];
  published: Promise<LineItem[]>;
  fakes: Promise<MadeFakes>[];
  /** Places in `fakes` of the control generators. */
  controls: number[];
};

/** Reads a data set and begins to make the fakes of every generator; its own clips take the same last encode as the fakes. `taught`: with the seed that generators learn with. */
export async function beginLine(
  dataset: Choice,
  generators: Choice[],
  splits: readonly Split[],
  context: RunContext,
  taught: RunContext,
): Promise<LineInMaking> {
  const clips: Clip[] = [];
  for await (const clip of catalog.datasets[dataset.name]!.clips(dataset.options, context)) clips.push(clip);
  await refuseOverlap(clips);
  const material = clips.filter((clip) => clip.use !== 'measure' && isGenuine(clip));
  const controls = [...generators.keys()].filter((i) => catalog.generators[generators[i]!.name]!.control);
  // Nothing learns from further controls.
  const splitsOf = (place: number): readonly Split[] => (controls.indexOf(place) > 0 ? ['test'] : splits);
  const fakes = generators.map(({ name, options }, i) =>
    begin(makeFakes(catalog.generators[name]!, options, material, splitsOf(i), context, taught)),
  );
  const publish = generators.length > 0;
  const published = clips
    .filter((clip) => clip.use === 'score')
    .map((clip) =>
      orFailure(clip, isGenuine(clip) ? undefined : clip.origin, async () => {
        await requireDecodable(clip);
        return publish && clip.media.video
          ? { ...clip, media: await context.run(publishClip, { clip }) }
          : clip;
      }),
    );
  return { clips, fakes, published: begin(Promise.all(published)), controls };
}

export async function realsOf({ published }: LineInMaking): Promise<LineItem[]> {
  return (await published).filter(({ generator }) => generator === undefined);
}

/** What the control generators made, or the first of them. */
export async function controlsOf(
  { fakes, controls }: LineInMaking,
  most = controls.length,
): Promise<LineItem[]> {
  return (await Promise.all(controls.slice(0, most).map((i) => fakes[i]!))).flatMap((made) => made.items);
}

/** Labels of the control generators. */
export async function controlLabels({ fakes, controls }: LineInMaking): Promise<Set<string>> {
  return new Set(await Promise.all(controls.map(async (i) => (await fakes[i]!).label)));
}

export async function itemsOf({ published, fakes }: LineInMaking): Promise<LineItem[]> {
  return [...(await published), ...(await Promise.all(fakes)).flatMap((made) => made.items)];
}

/** A file in which nothing could be found is a failure for every detector, also for those that would not open it, with its cause. */
export async function requireDecodable({ id, media }: Clip): Promise<void> {
  if (media.video || media.audio) return;
  const reason = reasonOf(media);
  if (reason) throw reason;
  await probe(media.path);
  throw new ItemError('E_MEDIA_UNREADABLE', `${id}: neither picture nor sound could be read from this file`);
}

/** Awaited in its turn. Until then, should it fail, its failure must not end the process: another one may be told first. */
export function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}
