/** Stands before a tracking server and does to its answers what networks and busy servers do. */
import { type ClientRequest, createServer, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `lost`: done, and the connection ends before the answer. `cut`: done, and the answer ends in its middle. `deaf`: the connection ends before anything is done.
 * `silent`: nothing is done, no answer. `drip`: an answer that never ends. `html`: another program answers. A number: this status, nothing done.
 */
export type Fault = 'lost' | 'cut' | 'deaf' | 'silent' | 'drip' | 'html' | 429 | 500 | 502 | 503;
export const faults: Fault[] = ['lost', 'cut', 'deaf', 'html', 429, 500, 502, 503];

export type Asked = { method: string; url: string; startMs: number; endMs?: number };

/**
 * `choose` is told how many requests there were before and says what happens to this one. `asked` is every request with the times at which it came and at
 * which its connection or answer ended.
 */
export async function startFaults(
  target: string,
  choose: (count: number, asked: Asked) => Fault | undefined,
) {
  const asked: Asked[] = [];
  const server = createServer((request, reply) => {
    const one: Asked = { method: request.method!, url: request.url!, startMs: performance.now() };
    reply.on('close', () => void (one.endMs = performance.now()));
    asked.push(one);
    const fault = choose(asked.length - 1, one);
    if (fault !== undefined && fault !== 'lost' && fault !== 'cut') {
      request.resume();
      return refuse(fault, reply);
    }
    const { method, headers } = request;
    const forwarded: ClientRequest = ask(
      `${target}${request.url}`,
      { method, headers: { ...headers, host: new URL(target).host } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks);
          if (fault === 'lost') return void reply.destroy();
          reply.writeHead(answer.statusCode!, {
            'Content-Type': answer.headers['content-type'] ?? 'application/json',
            'Content-Length': body.length,
          });
          if (fault === 'cut') reply.write(body.subarray(0, body.length >> 1), () => reply.destroy());
          else reply.end(body);
        });
      },
    );
    forwarded.on('error', () => reply.destroy());
    request.on('error', () => forwarded.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop() {
      server.closeAllConnections();
      return new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

function refuse(fault: Exclude<Fault, 'lost' | 'cut'>, reply: ServerResponse): void {
  if (fault === 'silent') return;
  if (fault === 'deaf') return void reply.destroy();
  if (fault === 'html') return void reply.writeHead(200).end('<html>One moment, please</html>');
  if (fault === 429) return void reply.writeHead(429, { 'Retry-After': '1' }).end('too many requests');
  if (typeof fault === 'number') return void reply.writeHead(fault).end('<html>try later</html>');
  reply.writeHead(200, { 'Content-Type': 'application/json' });
  const drip = setInterval(() => reply.write(' '), 100);
  reply.on('close', () => clearInterval(drip));
}
