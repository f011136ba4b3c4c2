/** Redis on loopback, with its files in a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { endWithUs } from './queue.ts';

export type RedisServer = {
  url: string;
  /** Stops the process where it stands (SIGSTOP, SIGCONT), or ends it (SIGKILL). */
  signal(signal: NodeJS.Signals): void;
  /** Starts it again over the same files, after it was killed. */
  restart(): Promise<void>;
  flush(): Promise<void>;
  stop(): Promise<void>;
};

/** Whether Redis is installed; where not, that is said aloud. @throws where CI should have brought it. */
export function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version']);
    return true;
  } catch {
    if (process.env['CI']) throw new Error('CI must bring redis-server');
    process.stderr.write('skipped: redis-server is not installed (Debian: apt-get install redis-server)\n');
    return false;
  }
}

/** Starts one that forgets nothing, unless `settings` say otherwise. */
export async function startRedis(folder: string, settings: string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const durable = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'];
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--loglevel', 'warning'];
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = endWithUs(spawn('redis-server', [...place, ...durable, ...settings], { stdio: 'ignore' }));
    // One that asks for a password answers too.
    await ask(url, (redis) => redis.ping().catch(() => {}));
  };
  const ended = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((gone) => child.on('exit', gone));
  };
  await start();
  return {
    url,
    signal: (signal) => void child.kill(signal),
    async restart() {
      await ended();
      await start();
    },
    flush: () => ask(url, (redis) => redis.flushall()),
    async stop() {
      child.kill('SIGKILL');
      await ended();
    },
  };
}

async function ask(url: string, question: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  redis.on('error', () => {});
  try {
    await question(redis);
  } finally {
    redis.disconnect();
  }
}
