/**
 * `results/outbox`: what is to be sent and has not arrived. A run is a folder, and each thing to be sent is a file in it, in the order of its number: a batch, the
 * data sets, or an artifact with its content beside it. It is written whole before anybody sees it and never changed after; what has arrived is removed.
 * Files of the run are linked, not copied, so that they stay as they were however the run's folder and the cache are changed or removed. Whoever sends a run
 * renames its folder, and lets go of it where another process has one of the same name, so that one process at a time sends a run.
 */
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from '../../files.ts';
import { isLeftBehind, ownTag } from '../../process-tag.ts';

const entry = z.object({ key: z.string(), value: z.string() });
const metric = z.object({ key: z.string(), value: z.number(), timestamp: z.number(), step: z.number() });
const row = z.object({
  /** `none` of the parent. */
  row: z.string(),
  name: z.string(),
  /** Tags that it is found again by. */
  identity: z.array(entry),
  startMs: z.number(),
  endMs: z.number(),
});
const planShape = z.object({
  version: z.literal(1),
  run: z.string(),
  /** The server that it was meant for. */
  server: z.string(),
  experiment: z.string(),
  /** Tags that all rows share. */
  identity: z.array(entry),
  rows: z.array(row),
  /** What was left out, for the user to know. */
  remarks: z.array(z.string()),
  /** How many items there were. */
  count: z.int(),
});
const itemShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('batch'),
    row: z.string(),
    params: z.array(entry),
    tags: z.array(entry),
    metrics: z.array(metric),
    /** Nothing of this row comes after it. */
    last: z.boolean(),
  }),
  z.object({
    kind: z.literal('inputs'),
    datasets: z.array(
      z.object({
        tags: z.array(entry),
        dataset: z.object({
          name: z.string(),
          digest: z.string(),
          source_type: z.string(),
          source: z.string(),
          profile: z.string().exactOptional(),
        }),
      }),
    ),
  }),
  /** `to`: its path among the artifacts of the parent. */
  z.object({ kind: z.literal('file'), to: z.string() }),
]);

export type Row = z.infer<typeof row>;
export type Plan = z.infer<typeof planShape>;
export type Item = z.infer<typeof itemShape>;
/** What an artifact consists of: a file, or a text that lies nowhere else. */
export type Content = { path: string } | { text: string };

/** Puts a run into the outbox, or leaves what lies there under that name, whoever sends it. @throws what `fs` throws; nothing is left then. */
export async function putEntry(
  outbox: string,
  name: string,
  plan: Omit<Plan, 'version' | 'count'>,
  items: readonly { item: Item; content?: Content }[],
): Promise<void> {
  await mkdir(outbox, { recursive: true });
  await sweepOutbox(outbox);
  const temporary = join(outbox, `.${name}.${ownTag()}`);
  await rm(temporary, { recursive: true, force: true });
  try {
    await mkdir(temporary);
    const whole: Plan = { ...plan, version: 1, count: items.length };
    await writeSynced(join(temporary, planName), JSON.stringify(whole));
    for (const [i, { item, content }] of items.entries()) {
      const path = join(temporary, `${String(i).padStart(6, '0')}.json`);
      if (content) await put(content, contentOf(path));
      await writeSynced(path, JSON.stringify(item));
    }
    await syncFolder(temporary);
    // One that slips in between is kept from being sent at the same time by `claim`.
    if ((await entriesOf(outbox)).some((entry) => entry.name === name)) return;
    await rename(temporary, join(outbox, name)).catch(unlessThere);
    await syncFolder(outbox);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const planName = 'plan.json';
const contentOf = (path: string): string => path.replace(/json$/, 'content');

async function put(content: Content, target: string): Promise<void> {
  if ('text' in content) return writeSynced(target, content.text);
  // Another file system, or one without links.
  await link(content.path, target).catch(() => copyFile(content.path, target));
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

/** A run of which something may not have arrived. `owner`: tag of the process that sends it, or did when it ended. */
export type Entry = { name: string; folder: string; owner?: string };

/** By name. Files that somebody laid there are none. */
export async function entriesOf(outbox: string): Promise<Entry[]> {
  const found = await readdir(outbox, { withFileTypes: true }).catch(noneIfAbsent);
  return found
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => ({ folder: join(outbox, name), ...nameAndOwner(name) }))
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

function nameAndOwner(name: string): Pick<Entry, 'name' | 'owner'> {
  const [, own, owner] = /^(.+)\.(\d+-[0-9a-f]{8}-[0-9a-f]{8})$/.exec(name) ?? [];
  return own !== undefined && owner !== undefined ? { name: own, owner } : { name };
}

/** Takes a run for this process, also from one that is gone; undefined where another process has it, or one of its name, or was quicker. */
export async function claim(outbox: string, { name, folder }: Entry): Promise<Entry | undefined> {
  const others = async (): Promise<boolean> =>
    (await entriesOf(outbox)).some((entry) => entry.name === name && isOthers(entry));
  if (await others()) return undefined;
  const taken = { name, folder: join(outbox, `${name}.${ownTag()}`), owner: ownTag() };
  const own = await rename(folder, taken.folder).then(
    () => true,
    () => false,
  );
  if (!own) return undefined;
  // Two may have taken two of one name since they looked. Each looks again after its rename, so that the later one sees the other.
  if (!(await others())) return taken;
  await rename(taken.folder, folder).catch(() => {}); // what cannot go back is this process's own, and free when it has ended
  return undefined;
}

/** Whether a process has it that is another one and may be alive. */
const isOthers = ({ owner }: Entry): boolean =>
  owner !== undefined && owner !== ownTag() && !isLeftBehind(owner);

/** Leaves it to whoever comes next; nothing where it was removed. */
export async function release(outbox: string, { name, folder }: Entry): Promise<void> {
  await rename(folder, join(outbox, name)).catch(() => {}); // when this process has ended, that says the same
}

/** Removes what processes left that ended while they were writing it, or when all of it had arrived. */
export async function sweepOutbox(outbox: string): Promise<void> {
  const found = await readdir(outbox).catch(noneIfAbsent);
  for (const name of found.filter(
    (each) => each.startsWith('.') && isLeftBehind(nameAndOwner(each).owner ?? ''),
  ))
    await rm(join(outbox, name), { recursive: true, force: true });
  for (const entry of await entriesOf(outbox)) {
    const own = (await hasArrived(entry.folder)) && (await claim(outbox, entry));
    if (!own) continue;
    // Another may have come under that name since it was looked at.
    if (await hasArrived(own.folder)) await removeEntry(own.folder);
    else await release(outbox, own);
  }
}

/** Whether nothing is left in a run's folder but what is removed last; what else somebody laid there is not touched. */
async function hasArrived(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => undefined); // taken by another process
  return names?.every((name) => name === planName || /^\d+\.content$/.test(name)) ?? false;
}

/** The files of a run's items that have not arrived, in the order in which they are sent. */
export async function itemsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(noneIfAbsent);
  const items = names.filter((name) => /^\d+\.json$/.test(name));
  return items.toSorted().map((name) => join(folder, name));
}

function noneIfAbsent(error: NodeJS.ErrnoException): [] {
  if (error.code !== 'ENOENT') throw error;
  return [];
}

/** How many items have not arrived. */
export async function countPending(outbox: string): Promise<number> {
  const counts = await Promise.all(
    (await entriesOf(outbox)).map(async ({ folder }) => (await itemsOf(folder)).length),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** @throws Error to be shown, when it is damaged. */
export const readPlan = (folder: string): Promise<Plan> => readChecked(join(folder, planName), planShape);

/** `path` of its content, where it has some. @throws Error to be shown, when it is damaged. */
export async function readItem(path: string): Promise<Item & { content: string }> {
  return { ...(await readChecked(path, itemShape)), content: contentOf(path) };
}

async function readChecked<T>(path: string, shape: z.ZodType<T>): Promise<T> {
  try {
    return shape.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    const folder = freeFolder(dirname(path));
    throw new Error(
      `${join(folder, basename(path))} is damaged; remove ${folder} and run the experiment again, whose results come from the cache`,
    );
  }
}

/** Where a run's folder lies when nobody sends it, as whoever is told of it finds it. */
export const freeFolder = (folder: string): string =>
  join(dirname(folder), nameAndOwner(basename(folder)).name);

/** To be called when it has arrived. */
export async function removeItem(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(contentOf(path), { force: true });
}

export const removeEntry = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
