/** Redis hands out work and forgets nothing that it was told, or it is not used. It is never the truth. */
import { Redis } from 'ioredis';
import { exitCodes, UserError } from '../../errors.ts';

export type Broker = {
  redis: Redis;
  /** Host, port and database, fit to be printed. */
  address: string;
  /** For BullMQ, which opens connections of its own. */
  connection: { url: string; maxRetriesPerRequest: null; retryStrategy(times: number): number | null };
  /** When it was reached, by its own clock. */
  openedMs: number;
  /** Leaves Redis, without a word. */
  close(): void;
};

/** From here on whoever waits for Redis waits until it returns, and looks for it at least so often. */
const lookEveryMs = 5_000;
const connectWithinMs = 4_000;
/** For what the engine lets it hold at a time, events and finished children of a run of a million jobs. */
const leastBytes = 256 * 2 ** 20;
const steady = (times: number): number => Math.min(200 * times, lookEveryMs);

/**
 * Connects to the Redis of `url` (`redis://[:password@]host[:port][/database]`, `rediss://` for TLS) and looks whether it may
 * be relied on: what it was told must outlive it (AOF), and it must not drop jobs when its memory is full.
 * @throws UserError: exit 2 on a wrong address, exit 4 within a few seconds where it does not answer or is not fit; names it.
 */
export async function openBroker(url: string, note: (message: string) => void): Promise<Broker> {
  const address = addressOf(url);
  const refuse = (why: string): UserError =>
    new UserError(`Redis at ${address}: ${why}`, { exitCode: exitCodes.environment });
  let open = false;
  let left = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectWithinMs,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (open ? steady(times) : null),
  });
  let lastError: Error | undefined;
  redis.on('error', (error: Error) => {
    lastError = error;
  });
  let openedMs: number;
  try {
    const [info, [seconds, microseconds]] = await within(
      connectWithinMs,
      redis.connect().then(() => Promise.all([redis.info(), redis.time()])),
    );
    openedMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
    const value = valuesOf(info);
    if (value('aof_enabled') !== '1')
      throw refuse('it would forget jobs when it stops. Start it with "appendonly yes"');
    if (value('maxmemory_policy') !== 'noeviction')
      throw refuse(
        `it may drop jobs when its memory is full (maxmemory-policy ${value('maxmemory_policy')}). Start it with "maxmemory-policy noeviction"`,
      );
    const most = Number(value('maxmemory'));
    if (most > 0 && most < leastBytes)
      throw refuse(
        `its memory is too small (maxmemory ${most}). Start it with "maxmemory ${leastBytes / 2 ** 20}mb" or more`,
      );
  } catch (error) {
    redis.disconnect();
    if (error instanceof UserError) throw error;
    const why = withoutSecrets((lastError ?? (error as Error)).message);
    if (/^(?:NOAUTH|WRONGPASS|NOPERM) /.test(why))
      throw refuse(
        `it refuses (${why}). Set the user and the password in REDIS_URL, redis://user:password@…`,
      );
    throw refuse(`it does not answer (${why}). Is it running, and does REDIS_URL name it?`);
  }
  open = true;
  let away = false;
  redis.on('close', () => {
    if (!away) note(`Redis at ${address} is away; waiting until it is back`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) note(`Redis at ${address} is back`);
    away = false;
  });
  return {
    redis,
    address,
    // Once it is left, nobody looks for it any more.
    connection: { url, maxRetriesPerRequest: null, retryStrategy: (times) => (left ? null : steady(times)) },
    openedMs,
    close() {
      away = true;
      // Told so twice, it waits two seconds for what is closed already.
      if (!left) redis.disconnect();
      left = true;
    },
  };
}

/** Whether it refuses to be told more, so that locks of running jobs are lost too. */
export async function isFull({ redis }: Broker): Promise<boolean> {
  const value = valuesOf(await redis.info('memory'));
  const most = Number(value('maxmemory'));
  return most > 0 && Number(value('used_memory')) > 0.95 * most;
}

const valuesOf =
  (info: string) =>
  (name: string): string =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';

function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol) || !parsed.hostname)
    // What it is instead may hold a password.
    throw new UserError(
      'REDIS_URL is no address of a Redis; expected redis://host:6379 or rediss://:password@host:6379/0',
    );
  try {
    decodeURIComponent(parsed.username + parsed.password);
  } catch {
    throw new UserError('REDIS_URL: in its password a "%" is written as "%25"');
  }
  return `${parsed.hostname}:${parsed.port || 6379}${parsed.pathname.replace(/^\/$/, '')}`;
}

const withoutSecrets = (message: string): string => message.replaceAll(/:\/\/[^@\s]*@/g, '://');

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
