/** A worker as `masque worker` is one, but for the backend, which toys do not need, and with less patience. */
import { openCache } from '../../src/pipeline/cache.ts';
import { serveBullmq } from '../../src/queue/bullmq/worker.ts';
import { openBroker } from '../../src/queue/bullmq/redis.ts';
import { createPool } from '../../src/queue/pool.ts';
import { openScratch } from '../../src/queue/scratch.ts';
import { openStore } from '../../src/queue/store/open.ts';

type Settings = {
  store: string;
  slots: number;
  lockMs: number;
  tools: Record<string, string>;
  scratch: string;
};
const { store: address, slots, lockMs, tools, scratch: root } = JSON.parse(process.argv[2]!) as Settings;
const note = (message: string): void => void process.stderr.write(`${message}\n`);

const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
const store = await openStore(address, note);
const broker = await openBroker(process.env['REDIS_URL']!, note);
const pool = createPool(slots);
const bench = {
  store,
  scratch: openScratch(root, store),
  folders: openCache(root, note),
  pool,
  tools,
  stopped: stopping.signal,
};
note('ready');
try {
  await serveBullmq(broker, bench, { slots, note, lockMs, lookForStalledMs: lockMs / 2 });
} catch (error) {
  note((error as Error).message);
  process.exitCode = 4;
}
await pool.close();
