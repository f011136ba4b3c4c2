/**
 * A watched folder: what is dropped into it is judged and moved to `clean`, `tagged` or `quarantine` in it, with a sidecar. Nothing that is judged leaves by another name or through a link,
 * and whatever happens to the watcher, a file is in one of the folders or still to be judged.
 */
import { randomUUID } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { access, lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { failPoint } from '../fail-point.ts';
import { linkOrCopy, sha256OfFile, sweep } from '../files.ts';
import { takeLock } from '../records/run-lock.ts';
import { shown } from '../shown.ts';
import { type Judge, judgeFile } from './judge-file.ts';
import { folders, openPlaces, type Places, putAway } from './put-away.ts';

export type Watched = {
  inbox: string;
  judge: Judge;
  /** Is told of each file what became of it, by its hash; by its name only what is left lying. */
  say(line: string): void;
  /** Ends the watching; a file under way stays in the inbox. */
  signal: AbortSignal;
  /** How often the folder is looked at. Not every disk tells when something comes. */
  pollMs?: number;
  /** How long a file must not have changed before it is taken. */
  settleMs?: number;
};

const own = '.masque';
const reserved = new Set<string>([own, ...Object.values(folders)]);

/**
 * Watches until `signal`. Files are judged one after the other. @throws UserError where the inbox is no folder, another process watches it, or the machine fails (a full disk):
 * then files stay where they are.
 */
export async function watchInbox({
  inbox,
  judge,
  say,
  signal,
  pollMs = 500,
  settleMs = 2000,
}: Watched): Promise<void> {
  const there = await stat(inbox).catch(() => undefined);
  if (!there?.isDirectory())
    throw new UserError(`${inbox}: there is no such folder. Make it, then drop files into it`);
  const places: Places = { inbox, own: join(inbox, own) };
  await mkdir(places.own, { recursive: true });
  if (!(await lstat(places.own)).isDirectory())
    throw new UserError(`${places.own}: must be a folder, and is a link. Remove it`);
  const lock = await takeLock(places.own);
  try {
    await rm(workOf(places), { recursive: true, force: true });
    await sweep(places.own);
    await openPlaces(places);
    const settled = settling(settleMs);
    const tell = tellingOnce(say);
    while (!signal.aborted) {
      const names = await namesIn(inbox);
      settled.only(names);
      tell.only(names);
      for (const name of names) {
        if (signal.aborted) break;
        const stats = await lstat(pathOf(inbox, name), { bigint: true }).catch(() => undefined);
        if (!stats) continue;
        const why = await leftBecause(pathOf(inbox, name), name, stats);
        if (why !== undefined) tell.once(name, `${shown(name.toString())}: ${why}; it is left where it is`);
        else if (settled.is(name, stats)) await take(name, stats, { places, judge, say, signal });
      }
      await sleep(pollMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await lock.release();
  }
}

const pathOf = (folder: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name]);
const workOf = (places: Places): string => join(places.own, 'work');
const keyOf = (name: Buffer): string => name.toString('latin1');

/** Names as bytes, for those that are no UTF-8, in their order. */
async function namesIn(inbox: string): Promise<Buffer[]> {
  const names = await readdir(inbox, { encoding: 'buffer' });
  return names.filter((name) => !reserved.has(name.toString())).toSorted(Buffer.compare);
}

async function leftBecause(path: Buffer, name: Buffer, stats: BigIntStats): Promise<string | undefined> {
  if (stats.isDirectory()) return 'folders are not taken, only files';
  if (stats.isSymbolicLink()) return 'links are not followed';
  if (!stats.isFile()) return 'this is no file';
  if (stats.nlink > 1n) return 'the file has another name elsewhere, under which it could still be changed';
  if (name[0] === 0x2e) return 'hidden files are not taken';
  const readable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  return readable ? undefined : 'it may not be read by this user';
}

/** Two looks that see the same see the same file, unchanged. */
const stampOf = ({ dev, ino, size, mtimeNs }: BigIntStats): string => [dev, ino, size, mtimeNs].join(':');

function settling(settleMs: number) {
  const seen = new Map<string, { stamp: string; since: number }>();
  return {
    is(name: Buffer, stats: BigIntStats): boolean {
      const before = seen.get(keyOf(name));
      const stamp = stampOf(stats);
      if (before?.stamp === stamp) return performance.now() - before.since >= settleMs;
      seen.set(keyOf(name), { stamp, since: performance.now() });
      return settleMs === 0;
    },
    only: (names: Buffer[]): void => keep(seen, names),
  };
}

function tellingOnce(say: (line: string) => void) {
  const told = new Map<string, string>();
  return {
    once(name: Buffer, line: string): void {
      if (told.get(keyOf(name)) !== line) say(line);
      told.set(keyOf(name), line);
    },
    only: (names: Buffer[]): void => keep(told, names),
  };
}

/** Forgets what is gone. */
function keep(map: Map<string, unknown>, names: Buffer[]): void {
  const there = new Set(names.map(keyOf));
  for (const key of map.keys()) if (!there.has(key)) map.delete(key);
}

type Taking = { places: Places } & Pick<Watched, 'judge' | 'say' | 'signal'>;

/** Judges under a name of chance, a second one of the same file, so that whoever can write the inbox cannot put another in its place meanwhile. */
async function take(name: Buffer, stats: BigIntStats, { places, judge, say, signal }: Taking): Promise<void> {
  const from = pathOf(places.inbox, name);
  const receivedAt = new Date().toISOString();
  const folder = join(workOf(places), randomUUID());
  const path = join(folder, 'file');
  const same = async (at: string | Buffer): Promise<boolean> => {
    const now = await lstat(at, { bigint: true }).catch(() => undefined);
    return now !== undefined && stampOf(now) === stampOf(stats);
  };
  try {
    await mkdir(folder, { recursive: true });
    await linkOrCopy(from, path);
    const linked = await lstat(path, { bigint: true });
    if (!linked.isFile() || (linked.nlink > 1n && linked.ino !== stats.ino)) return; // put there just now
    failPoint('inbox-taken');
    const sha256 = await sha256OfFile(path);
    const told = (line: string): void => void (signal.aborted || say(line));
    const judged = await judgeFile(
      { path, name: name.toString(), folder: join(folder, 'parts') },
      judge,
      told,
    );
    failPoint('inbox-judged');
    if (signal.aborted || !(await same(from))) return;
    // Whoever still has it open could have written without a trace in size and time.
    if ((await sha256OfFile(path)) !== sha256) return;
    await rm(folder, { recursive: true });
    const facts = { sha256, bytes: Number(stats.size), receivedAt, bundle: judge.bundle };
    const put = await putAway(name, { ...facts, ...judged }, places, () => same(from));
    if (put) say(`${sha256} ${judged.status} → ${put.folder}`);
  } catch (error) {
    // Somebody may have taken it away, or put another there.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await same(from))) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
