/** What every data set promises, wherever its clips come from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalog } from '../../experiments/catalog.ts';
import { UserError } from '../../src/errors.ts';
import { sha256OfFile } from '../../src/files.ts';
import { isGenuine } from '../../src/pipeline/items.ts';
import type { Clip, FileRef } from '../../src/types.ts';
import { goldenPath } from '../golden/make.ts';
import { directContext } from '../support/context.ts';
import { countListed } from '../../src/listed/count.ts';
import { writeCorpus } from '../support/nvp-corpus.ts';
import { publishedSets, writePublishedSet } from '../support/published-sets.ts';
import { writeReviewed } from '../support/reviewed-set.ts';

let root: string;
const published = new Map<string, object>();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masque-datasets-'));
  await writeCorpus(join(root, 'corpus'), { targets: 2, frames: 12, seed: 1 });
  await writeReviewed(join(root, 'reviewed'));
  for (const name of publishedSets) published.set(name, await writePublishedSet(name, root));
});
afterAll(() => rm(root, { recursive: true }));

/** Options of one as small as it can be. A data set that is not here is asked as it is by default. */
const smallest: Record<string, () => object> = {
  'talking-heads': () => ({
    identities: { train: 1, validation: 0, test: 1 },
    clipsPerIdentity: 1,
    fitClips: 0,
    framesPerClip: 38,
    extraVoices: 1,
    voiceClips: 1,
  }),
  folder: () => ({ path: goldenPath('.'), licence: 'CC0-1.0' }),
  'nvp-corpus': () => ({ path: join(root, 'corpus'), licence: 'CC0-1.0' }),
  reviewed: () => ({ path: join(root, 'reviewed'), licence: 'CC0-1.0' }),
  ...Object.fromEntries(publishedSets.map((name) => [name, () => published.get(name)!])),
};

const filesOf = ({ media, track, coefficients }: Clip): FileRef[] =>
  [media, track, coefficients].filter((file) => file !== undefined);

describe.each(Object.entries(catalog.datasets))('data set %s', (name, dataset) => {
  const read = async (chosen: object): Promise<Clip[]> => {
    const clips: Clip[] = [];
    for await (const clip of dataset.clips(dataset.options.parse(chosen), directContext(root)))
      clips.push(clip);
    return clips;
  };
  let clips: Clip[];
  beforeAll(async () => {
    clips = await read(smallest[name]?.() ?? {});
  });

  it('says who it is, on every genuine clip too', () => {
    expect(dataset.name).toBe(name);
    expect(dataset.cite.length).toBeGreaterThan(10);
    expect(new Set(clips.filter(isGenuine).map(({ origin }) => origin))).toEqual(new Set([name]));
  });

  it('needs no option and refuses unknown ones', () => {
    expect(dataset.options.safeParse({}).success).toBe(true);
    expect(dataset.options.safeParse({ nosuch: 1 }).success).toBe(false);
  });

  it('gives each clip an id of its own, somebody who is in it, and a licence', () => {
    expect(clips.length).toBeGreaterThan(1);
    expect(new Set(clips.map(({ id }) => id)).size).toBe(clips.length);
    for (const { id, sources, licence } of clips) {
      expect(sources.length, id).toBeGreaterThan(0);
      expect(
        sources.every((source) => source !== ''),
        id,
      ).toBe(true);
      expect(licence, id).not.toBe('');
    }
  });

  it('has every file it names, with the content it says', async () => {
    for (const { path, sha256 } of clips.flatMap(filesOf))
      expect(await sha256OfFile(path), path).toBe(sha256);
  });

  it('has nobody in two splits', () => {
    const splitOf = new Map<string, string>();
    for (const { sources, split } of clips)
      for (const source of sources) {
        expect(splitOf.get(source) ?? split, source).toBe(split);
        splitOf.set(source, split);
      }
  });

  it('gives the same clips again, in the same order', async () => {
    const content = (found: Clip[]): unknown =>
      JSON.parse(JSON.stringify(found, (key, value: unknown) => (key === 'path' ? undefined : value)));
    expect(content(await read(smallest[name]?.() ?? {}))).toEqual(content(clips));
  });

  const { list } = dataset;
  if (list)
    it('lists what it gives, before anything is opened', async () => {
      const options = dataset.options.parse(smallest[name]!());
      const listing = await list(options, directContext(root));
      const listed = new Map<string, object>();
      for await (const { attributes, labels, ...item } of listing.clips()) {
        listed.set(item.id, item);
        // What a file turns out not to hold loses its label; nothing else changes.
        const { spans, ...own } = clips.find(({ id }) => id === item.id)!.labels;
        expect(labels, item.id).toMatchObject(own);
        expect(spans, item.id).toEqual(labels.spans);
        const known = await dataset.attributes?.(options, directContext(root));
        expect(known?.(clips.find(({ id }) => id === item.id)!) ?? {}).toEqual(attributes ?? {});
      }
      expect([...listed.values()]).toEqual(
        clips.map(({ id, sources, origin, split, licence }) => ({ id, sources, origin, split, licence })),
      );
      const counts = await countListed((await list(options, directContext(root))).clips());
      expect(counts.reduce((sum, count) => sum + count.clips, 0)).toBe(clips.length);
    });

  // Those that read files have the option `path`.
  if ('path' in (dataset.options.parse({}) as object))
    it('says of a folder that is not there what it looked for and where', async () => {
      const path = join(root, 'nowhere');
      const told = await read({ path }).catch((error: unknown) => error);
      expect(told).toBeInstanceOf(UserError);
      const { message } = told as UserError;
      expect(message).toContain(`data set "${name}": ${path}`);
      expect(message).toMatch(/[Ll]ooked for|the folder that holds/);
      expect(message).toContain('dataset.path');
    });
});
