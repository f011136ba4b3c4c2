/**
 * Events on their way, in `outbox.jsonl`: a line when one is told, a line for each receiver that has it or was given up. The first is on the disk before it is relied
 * upon, so that no event is lost, whatever ends the machine; the second need not be: what had arrived just then comes again.
 */
import { appendFileSync, closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { atomicWrite } from '../../files.ts';

export type Delivery = { id: string; body: string };

const line = z.union([
  z.strictObject({ id: z.string(), body: z.string() }),
  z.strictObject({ done: z.string(), to: z.string() }),
]);

/** Above this an empty outbox is emptied on the disk too. */
const roomyBytes = 1 << 20;

/** What has not arrived at one of `urls`; of other receivers, which are no longer wanted, nothing is kept. `note` hears when it cannot be written down that something arrived. */
export async function openOutbox(folder: string, urls: readonly string[], note: (trouble: string) => void) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'outbox.jsonl');
  const queues = new Map(urls.map((url) => [url, [] as (Delivery & { attempts: number })[]]));
  const found = readLines(path);
  const had = new Set(found.flatMap((entry) => ('done' in entry ? [`${entry.done} ${entry.to}`] : [])));
  const told = found.filter((entry): entry is Delivery => 'body' in entry);
  for (const [url, queue] of queues)
    for (const { id, body } of told) if (!had.has(`${id} ${url}`)) queue.push({ id, body, attempts: 0 });
  const begun = compact();
  await atomicWrite(path, begun);
  const file = openSync(path, 'a', 0o600);
  let bytes = Buffer.byteLength(begun);

  /** As few lines as say the same. */
  function compact(): string {
    const open = new Set([...queues.values()].flat().map(({ id }) => id));
    const left = told.filter(({ id }) => open.has(id));
    const done = found.filter((entry) => 'done' in entry && open.has(entry.done));
    return [...left, ...done].map((entry) => `${JSON.stringify(entry)}\n`).join('');
  }
  /** Throws as `fs` does, with the file as it was. */
  const write = (entry: z.infer<typeof line>, { synced }: { synced: boolean }): void => {
    const text = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      appendFileSync(file, text);
      if (synced) fdatasyncSync(file);
    } catch (error) {
      // What was written of it would stand before the next line.
      ftruncateSync(file, bytes);
      throw error;
    }
    bytes += text.length;
  };
  const waiting = (): number => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  const remove = ({ id }: Delivery, url: string): void => {
    const queue = queues.get(url)!;
    queue.splice(
      queue.findIndex((one) => one.id === id),
      1,
    );
    try {
      write({ done: id, to: url }, { synced: false });
      if (waiting() > 0 || bytes <= roomyBytes) return;
      ftruncateSync(file, 0);
      bytes = 0;
    } catch (error) {
      // It may come again after the next start, which is less than sending nothing more.
      note((error as NodeJS.ErrnoException).code ?? 'not written');
    }
  };

  return {
    /** On the disk when it returns; where it was told before and is still on its way, nothing happens. Throws as `fs` does, and then it is not on its way. */
    add(delivery: Delivery): void {
      const isWaiting = [...queues.values()].some((queue) => queue.some(({ id }) => id === delivery.id));
      if (queues.size === 0 || isWaiting) return;
      write(delivery, { synced: true });
      for (const queue of queues.values()) queue.push({ ...delivery, attempts: 0 });
    },
    next: (url: string): Delivery | undefined => queues.get(url)![0],
    arrived: remove,
    /** Puts it behind the others of that receiver; false where it was the last attempt, and it is dropped. */
    failed(delivery: Delivery, url: string, attempts: number): boolean {
      const queue = queues.get(url)!;
      const one = queue.find(({ id }) => id === delivery.id)!;
      if (++one.attempts >= attempts) {
        remove(delivery, url);
        return false;
      }
      queue.splice(queue.indexOf(one), 1);
      queue.push(one);
      return true;
    },
    waiting,
    close: (): void => closeSync(file),
  };
}

/** A line that is torn by a crash says nothing. */
function readLines(path: string): z.infer<typeof line>[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap((one) => {
    try {
      return [line.parse(JSON.parse(one))];
    } catch {
      return [];
    }
  });
}
