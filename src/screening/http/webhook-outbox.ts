/**
 * Events on their way, in `outbox.jsonl`: a line when one is told, a line for each receiver that has it or was given up. A line is in the file before what it says is
 * relied upon, so that a killed process sends no event too few; at most one that had arrived just then comes again.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
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

/** What has not arrived at one of `urls`; of other receivers, which are no longer wanted, nothing is kept. `note` hears when nothing can be written. */
export async function openOutbox(folder: string, urls: readonly string[], note: (trouble: string) => void) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'outbox.jsonl');
  const queues = new Map(urls.map((url) => [url, [] as (Delivery & { attempts: number })[]]));
  const found = readLines(path);
  const had = new Set(found.flatMap((entry) => ('done' in entry ? [`${entry.done} ${entry.to}`] : [])));
  const told = found.filter((entry): entry is Delivery => 'body' in entry);
  for (const [url, queue] of queues)
    for (const { id, body } of told) if (!had.has(`${id} ${url}`)) queue.push({ id, body, attempts: 0 });
  await atomicWrite(path, compact());
  const file = openSync(path, 'a', 0o600);
  let bytes = 0;

  /** As few lines as say the same. */
  function compact(): string {
    const open = new Set([...queues.values()].flat().map(({ id }) => id));
    const left = told.filter(({ id }) => open.has(id));
    const done = found.filter((entry) => 'done' in entry && open.has(entry.done));
    return [...left, ...done].map((entry) => `${JSON.stringify(entry)}\n`).join('');
  }
  const write = (entry: z.infer<typeof line>): void => {
    try {
      bytes += writeSync(file, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      // On a full disk it is sent from memory; what a crash then loses, or sends twice, is less than stopping.
      note((error as NodeJS.ErrnoException).code ?? 'not written');
    }
  };
  const waiting = (): number => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  const remove = ({ id }: Delivery, url: string): void => {
    const queue = queues.get(url)!;
    queue.splice(
      queue.findIndex((one) => one.id === id),
      1,
    );
    write({ done: id, to: url });
    if (waiting() === 0 && bytes > roomyBytes) {
      ftruncateSync(file, 0);
      bytes = 0;
    }
  };

  return {
    /** Where it was told before and is still on its way, nothing happens. */
    add(delivery: Delivery): void {
      const isWaiting = [...queues.values()].some((queue) => queue.some(({ id }) => id === delivery.id));
      if (queues.size === 0 || isWaiting) return;
      write(delivery);
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
