/** Sends what the outbox holds of one run, item by item, each removed when the server has it. Begun again anywhere, it goes on there. */
import { stat } from 'node:fs/promises';
import {
  freeFolder,
  type Item,
  itemsOf,
  type Plan,
  readItem,
  readPlan,
  removeEntry,
  removeItem,
  type Row,
} from './outbox.ts';
import type { Patiently } from './patience.ts';
import type { Server } from './server.ts';
import {
  createRun,
  deleteRun,
  findOrCreateExperiment,
  findRuns,
  finishRun,
  getRun,
  logBatch,
  logInputs,
  missingOf,
  sizeOfArtifact,
  type StoredRun,
  tagOf,
} from './tracking.ts';

/** A run that was made in this process holds nothing but what was sent since. */
type Known = { run: StoredRun; isNew: boolean };
const sentTag = 'masque.sent';
/** A smaller file is sent again sooner than asked about. */
const largeBytes = 1_000_000;

/** What the last batch of a run marks it with, so that it is not sent another time. */
export const sentMark = (sha256: string) => ({ key: sentTag, value: sha256 });

/**
 * Returns the address of the run's page and what the user should know of it. @throws Error to be shown, when the server does not take it, or `patiently` is at
 * its end; what has arrived is removed then.
 */
export async function sendEntry(
  server: Server,
  patiently: Patiently,
  folder: string,
): Promise<{ page: string; remarks: string[] }> {
  const plan = await readPlan(folder);
  const items = await itemsOf(folder);
  if (items.length < plan.count && plan.server !== server.address)
    throw new Error(
      `a part of run ${plan.run} has been sent to ${plan.server}; set MLFLOW_TRACKING_URI to that, or remove ${freeFolder(folder)} and run the experiment again`,
    );
  const experiment = await patiently(() => findOrCreateExperiment(server, plan.experiment));
  const runs = await openRuns(server, patiently, plan, experiment);
  const parent = await runs.find('none');
  const page = `${server.address}/#/experiments/${experiment}/runs/${parent.run.info.run_id}`;
  const root = artifactRoot(parent.run.info.artifact_uri);
  const remarks = [...plan.remarks];
  if (root === undefined) remarks.push(withoutFiles(parent.run.info.artifact_uri));
  const isThere = await endsAs(items.at(-1), parent.run);
  for (const path of items) {
    const item = await readItem(path);
    if (!isThere && (item.kind !== 'file' || root !== undefined))
      await sendItem(server, patiently, item, runs, root ?? '');
    // While there is an item left, the run is sent again; without one it is over.
    if (path === items.at(-1)) await runs.close();
    await removeItem(path);
  }
  await removeEntry(folder);
  return { page, remarks: isThere ? ['it was there already'] : remarks };
}

type Runs = { find(row: string): Promise<Known>; row(row: string): Row; close(): Promise<void> };

/** The rows of a run at the server, each made when it is first asked for and not there. */
async function openRuns(
  server: Server,
  patiently: Patiently,
  { rows, identity }: Plan,
  experiment: string,
): Promise<Runs> {
  const search = (): Promise<StoredRun[]> => patiently(() => findRuns(server, experiment, identity));
  const rowOf = (name: string): Row => rows.find(({ row }) => row === name)!;
  const known = new Map<string, Known>();
  for (const run of await dropTwins(server, patiently, await search()))
    known.set(tagOf(run, 'masque.row')!, { run, isNew: false });
  let doubtful = false;

  const make = async (name: string): Promise<Known> => {
    const parent = name === 'none' ? undefined : (await find('none')).run.info.run_id;
    return patiently(async (again) => {
      // The answer was lost; the run may have been made.
      doubtful ||= again;
      const made = (again ? await search() : []).find((run) => tagOf(run, 'masque.row') === name);
      if (made) return { run: made, isNew: false };
      return { run: await createRun(server, experiment, rowOf(name), parent), isNew: true };
    });
  };
  const find = async (name: string): Promise<Known> => {
    const run = known.get(name) ?? (await make(name));
    known.set(name, run);
    return run;
  };
  return {
    find,
    row: rowOf,
    async close() {
      if (doubtful) await dropTwins(server, patiently, await search());
    },
  };
}

/**
 * A run whose making was asked for again, because the server was slow to answer, may be made twice. Nothing is ever sent to more than one of them: those
 * without content go.
 */
async function dropTwins(
  server: Server,
  patiently: Patiently,
  found: readonly StoredRun[],
): Promise<StoredRun[]> {
  const content = ({ data }: StoredRun): number => data.params.length + data.metrics.length;
  const kept = new Map<string, StoredRun>();
  for (const run of found.toSorted((a, b) => content(b) - content(a))) {
    const row = tagOf(run, 'masque.row');
    if (row === undefined) continue;
    if (!kept.has(row)) kept.set(row, run);
    else if (content(run) === 0) await patiently(() => deleteRun(server, run));
  }
  return [...kept.values()];
}

/** Whether the last item's mark stands at the run: everything was sent by somebody before. */
async function endsAs(path: string | undefined, run: StoredRun): Promise<boolean> {
  const item = path === undefined ? undefined : await readItem(path);
  const mark = item?.kind === 'batch' ? item.tags.find(({ key }) => key === sentTag) : undefined;
  return mark !== undefined && tagOf(run, sentTag) === mark.value;
}

async function sendItem(
  server: Server,
  patiently: Patiently,
  item: Item & { content: string },
  runs: Runs,
  root: string,
): Promise<void> {
  const row = item.kind === 'batch' ? item.row : 'none';
  const { run, isNew } = await runs.find(row);
  const id = run.info.run_id;
  // Before the batch, because the mark of a run that has arrived is the last thing of all.
  if (item.kind === 'batch' && item.last) await patiently(() => finishRun(server, id, runs.row(row).endMs));
  await patiently(async (again) => {
    if (item.kind === 'file') {
      const { size } = await stat(item.content);
      const asked = size > largeBytes && (again || !isNew);
      if (asked && (await patiently(() => sizeOfArtifact(server, id, item.to))) === size) return;
      await server.upload(`${root}/${item.to}`, item.content);
      return;
    }
    // What was sent before and not answered may be there.
    const held = again ? await patiently(() => getRun(server, id)) : isNew ? undefined : run;
    if (item.kind === 'inputs') return logInputs(server, id, item.datasets, held);
    const batch = held ? await missingOf(server, patiently, item, held) : item;
    await logBatch(server, id, batch);
  });
}

/** Where the server itself takes the files of a run; undefined where they belong elsewhere. */
function artifactRoot(uri: string): string | undefined {
  return /^mlflow-artifacts:(?:\/\/[^/]+)?\/+(.+)$/.exec(uri)?.[1];
}

const withoutFiles = (uri: string): string =>
  `without files, because the server does not take them itself (they belong at ${uri.split(':')[0]}:…; start it with --serve-artifacts)`;
