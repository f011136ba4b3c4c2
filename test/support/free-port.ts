/** A port for a server that must be told one. */
import { createServer } from 'node:net';

/** Below those that the kernel gives to whoever asks for any (32768 on), so that nobody gets it before its server does; each process that runs tests has its own. */
const first = 10_000 + 1_000 * Number(process.env['VITEST_POOL_ID'] ?? 0);
let next = process.pid % 1_000;

/** @returns one on 127.0.0.1 that nobody listens at, another each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (next++ % 1_000);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
