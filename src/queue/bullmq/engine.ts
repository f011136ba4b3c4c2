/**
 * The coordinator's side of BullMQ. A run is a flow: its parent job stands for the run, and its jobs are the children, added as soon as
 * what they depend on is known. (A job's key is a hash of the content of its input, so that a deeper tree cannot be laid out before the
 * work is done; the pipeline itself waits for inputs.) What still waits when the run is interrupted is taken back through the parent.
 *
 * Redis knows ids alone, and may forget them: whatever it does not know of any more is looked for in the store, and asked for again.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';
import { exitCodes, ItemError, UserError } from '../../errors.ts';
import type { Job } from '../../types.ts';
import type { Handout } from '../ask.ts';
import { names } from '../asked.ts';
import type { Listener } from '../pool.ts';
import type { Store } from '../store/store.ts';
import { queueName } from './queue-name.ts';
import { type Broker, isFull } from './redis.ts';

/** Redis never holds more of a run's jobs than this, whatever the run's size; enough for a thousand processors. */
const mostInRedis = 2000;
const lookEveryMs = 5_000;
const leaveWithinMs = 3_000;

type Waiting = {
  job: Pick<Job<never, unknown>, 'name' | 'threads' | 'urgent'>;
  listener?: Listener;
  resolve(): void;
  reject(error: Error): void;
};
/** What Redis knows of a job beside its id and name. */
export type Known = { threads: number };
export type Told = { fraction?: number; note?: string };

export async function openBullmq(
  broker: Broker,
  { store, run, note }: { store: Store; run: string; note(message: string): void },
): Promise<Handout> {
  const { redis, address, connection, openedMs } = broker;
  const name = await queueName(store);
  // From here on nothing is waited for: Redis may be away, a part without a listener prints every error, and who gives up must have what to close.
  const options = { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } };
  const [queue, runs] = [new Queue(name, options), new Queue(`${name}-runs`, options)];
  const events = new QueueEvents(name, { connection, lastEventId: `${openedMs}-0` });
  // The connection's own client says when it is away; what else goes wrong is found when the store is looked at.
  for (const part of [queue, runs]) part.on('error', () => {});
  events.on('error', () => {});

  const pending = new Map<string, Waiting>();
  const waitingForRoom: (() => void)[] = [];
  const settle = (id: string, how: (job: Waiting) => void): void => {
    const job = pending.get(id);
    if (!job) return;
    pending.delete(id);
    waitingForRoom.shift()?.();
    how(job);
  };

  const add = async (id: string, { job }: Waiting): Promise<void> => {
    const known: Known = { threads: job.threads };
    const child = {
      jobId: id,
      parent: { id: run, queue: runs.qualifiedName },
      removeDependencyOnFailure: true,
      // Without a priority it stands before all that have one.
      ...(job.urgent ? {} : { priority: 1 }),
    };
    try {
      await queue.add(job.name, known, child);
    } catch (error) {
      if (!(error as Error).message.includes('Missing key for parent')) throw error;
      await runs.add('run', {}, { jobId: run });
      await queue.add(job.name, known, child);
    }
  };
  const isAnswered = async (id: string): Promise<boolean> =>
    (await store.read(names.answer(id))) !== undefined;
  const refused = (why: string): UserError =>
    new UserError(`Redis at ${address}: ${why}`, { exitCode: exitCodes.environment });
  const full =
    'its memory is full. Give it more ("maxmemory"), then run the same again: what is finished is kept';
  const addOrFail = async (id: string, job: Waiting): Promise<void> => {
    try {
      await add(id, job);
    } catch (error) {
      const why = (error as Error).message;
      settle(id, ({ reject }) => reject(refused(why.includes('OOM') ? full : why)));
    }
  };
  /**
   * A worker that ended, or lost its lock, after it had answered has done its job all the same. A Redis that is full loses the locks of jobs that are well.
   */
  const fail = async (id: string, why: string): Promise<void> => {
    if (await isAnswered(id)) return settle(id, ({ resolve }) => resolve());
    const wasFull = await isFull(broker).catch(() => false);
    settle(id, ({ job, reject }) =>
      reject(
        wasFull
          ? refused(full)
          : new ItemError('E_WORKER_CRASH', `${job.name}: two workers ended while they were at it (${why})`),
      ),
    );
  };

  events.on('completed', ({ jobId }) => settle(jobId, ({ resolve }) => resolve()));
  events.on('active', ({ jobId }) => pending.get(jobId)?.listener?.started());
  events.on('progress', ({ jobId, data }) => {
    const { fraction, note: message } = data as Told;
    if (fraction !== undefined) pending.get(jobId)?.listener?.progress(fraction);
    if (message !== undefined) note(message);
  });
  events.on('failed', ({ jobId, failedReason }) => {
    // Where the store cannot be asked, the job is looked for again with all that Redis does not know of any more.
    fail(jobId, failedReason).catch((error: Error) => sayOnce(error.message));
  });

  /** Events may be missed, and Redis may have been emptied or have lost its last second. */
  const lookAround = async (): Promise<void> => {
    const ids = [...pending.keys()];
    // All may have been handed in before it was full, and then no worker is given any.
    if (ids.length > 0 && (await isFull(broker))) {
      for (const id of ids) settle(id, ({ reject }) => reject(refused(full)));
      return;
    }
    const exists = await Promise.all(ids.map((id) => redis.exists(queue.toKey(id))));
    for (const [i, id] of ids.entries()) {
      const job = pending.get(id);
      if (!job || exists[i]) continue;
      if (await isAnswered(id)) settle(id, ({ resolve }) => resolve());
      else await addOrFail(id, job);
    }
    if (pending.size === 0 || (await queue.getWorkersCount()) > 0) return;
    sayOnce(`no worker is there. Start one: REDIS_URL=… npm run worker -- --store ${store.address}`);
  };
  let said = '';
  const sayOnce = (message: string): void => {
    if (said !== message) note(message);
    said = message;
  };
  let looking = false;
  const look = (): void => {
    if (looking) return;
    looking = true;
    const done = (): void => void (looking = false);
    lookAround()
      .catch((error: Error) => sayOnce(error.message))
      .then(done, done);
  };
  const timer = setInterval(look, lookEveryMs);
  redis.on('ready', look);
  look();

  return {
    async submit(id, job, listener) {
      while (pending.size >= mostInRedis) await new Promise<void>((resolve) => waitingForRoom.push(resolve));
      await new Promise<void>((resolve, reject) => {
        const waiting = { job, ...(listener ? { listener } : {}), resolve, reject };
        pending.set(id, waiting);
        void addOrFail(id, waiting);
      });
    },
    async close() {
      clearInterval(timer);
      for (const { reject } of pending.values()) reject(new Error('the engine is closed'));
      pending.clear();
      for (const go of waitingForRoom.splice(0)) go();
      const there = redis.status === 'ready';
      if (there)
        await Promise.race([
          withdraw(runs, run).catch(() => {}),
          wait(leaveWithinMs, undefined, { ref: false }),
        ]);
      broker.close();
      // Only `close` tells events that they are over; disconnected, they would look for Redis for ever.
      const left = Promise.all([queue.disconnect(), runs.disconnect(), events.close()]);
      // Where Redis is away, some of them wait for the end of a connection that there is not.
      await (there ? left : Promise.race([left.catch(() => {}), wait(leaveWithinMs)]));
    },
  };
}

/** Jobs of the run that no worker has begun are taken back; those that are under way end in the store. */
async function withdraw(runs: Queue, run: string): Promise<void> {
  const parent = await runs.getJob(run);
  await parent?.removeUnprocessedChildren();
  await parent?.remove({ removeChildren: false });
}
