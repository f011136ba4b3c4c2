/** What every request goes through before its body is read: the right host and origin, a key or a session, not too many, the role that the route declares, and the session's token. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Role, roles } from '../types.ts';
import type { KeyHolder, Keys } from './keys.ts';
import { Problem } from './problems.ts';
import { hasToken, type openSessions, type Session } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: KeyHolder | null;
  }
  interface FastifyContextConfig {
    /** The least role that may ask. A route without one is not served. */
    role?: Role | 'anyone';
  }
}

export type GuardOptions = {
  keys: Keys;
  sessions: ReturnType<typeof openSessions>;
  /** Names under which browsers may know the service, without port. */
  names: readonly string[];
  requestsPerMinute: number;
  wrongKeysPerMinute: number;
};

const safeHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cache-Control': 'no-store',
};

/** To be called after @fastify/rate-limit is there and before any route. `holderOf` is what the sign-in asks: whose a key is, unless too many wrong ones came from there. */
export function guard(
  app: FastifyInstance,
  options: GuardOptions,
): { holderOf(request: FastifyRequest, key: string): Promise<KeyHolder> } {
  const { keys, sessions, names } = options;
  const requests = app.createRateLimit({
    max: options.requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => request.caller?.id ?? request.ip,
  });
  const wrongKeys = app.createRateLimit({ max: options.wrongKeysPerMinute, timeWindow: 60_000 });

  app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ config, url }) => {
    if (config?.role === undefined) throw new Error(`${url}: a route must say who may ask`);
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ ...safeHeaders, 'X-Request-ID': request.id });
    // Of a sender that has hung up already nothing is known, not even the address.
    if (request.raw.socket.remoteAddress === undefined) throw new Problem(400, 'the connection has ended');
    requireOwnAddress(request, names);
    const role = request.routeOptions.config.role ?? 'anyone';
    if (role === 'anyone') return;
    const session = await authenticate(request);
    await requireFew(request);
    const caller = request.caller!;
    if (roles.indexOf(caller.role) < roles.indexOf(role))
      throw new Problem(403, `this is for a ${role}; the key is a ${caller.role}'s`);
    if (
      session &&
      request.method !== 'GET' &&
      request.method !== 'HEAD' &&
      !hasToken(session, request.headers['x-csrf-token'])
    )
      throw new Problem(403, 'the header X-CSRF-TOKEN is not that of the session');
  });

  /** The caller by the key, or else by the session, which is given back then. */
  async function authenticate(request: FastifyRequest): Promise<Session | undefined> {
    const key = request.headers['x-api-key'];
    if (key !== undefined) {
      request.caller = await holderOf(request, String(key));
      return undefined;
    }
    const session = sessions.find(request.headers.cookie);
    if (!session || !keys.stillGood(session.holder.id)) throw unauthorized();
    request.caller = session.holder;
    return session;
  }

  async function holderOf(request: FastifyRequest, key: string): Promise<KeyHolder> {
    const soFar = await wrongKeys(request, { increment: false });
    if (!soFar.isAllowed && soFar.remaining <= 0)
      throw new Problem(429, 'too many wrong keys from this address', soFar.ttlInSeconds);
    const holder = keys.holder(key);
    if (holder) return holder;
    await wrongKeys(request);
    throw unauthorized();
  }

  async function requireFew(request: FastifyRequest): Promise<void> {
    const counted = await requests(request);
    if (!counted.isAllowed && counted.isExceeded)
      throw new Problem(429, 'too many requests with this key', counted.ttlInSeconds);
  }

  return { holderOf };
}

const unauthorized = (): Problem => new Problem(401, 'a valid key is needed, in the header X-API-KEY');

/** Against DNS rebinding and pages of strangers: a name that is ours, and no origin but our own. @throws Problem 421, 403. */
function requireOwnAddress({ headers, method }: FastifyRequest, names: readonly string[]): void {
  const host = hostOf(`http://${headers.host}`);
  if (!host || !names.includes(host.hostname))
    throw new Problem(421, 'this service is not known under that name');
  const { origin, 'sec-fetch-site': site } = headers;
  const foreign = origin !== undefined && hostOf(origin)?.host !== host.host;
  if (foreign || (site === 'cross-site' && method !== 'GET' && method !== 'HEAD'))
    throw new Problem(403, 'pages of another origin may not ask here');
}

function hostOf(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Bodies up to here are read to their end, so that the connection can be used again. */
const smallBytes = 64 * 1024;
const isSmall = ({ headers }: FastifyRequest): boolean => Number(headers['content-length']) <= smallBytes;
/** Of larger ones of refused senders as much as Node holds of a body is read so often: some hundred KB in a second. */
const readEveryMs = 100;

/** Before a sender is refused: Node would take in all of a large body as fast as it comes, to throw it away. It waits in the sender's own buffers for `endUnread`. */
export function leaveUnread(request: FastifyRequest): void {
  // Of a body that somebody has begun to read Node waits for its reader.
  if (!request.raw.complete && !isSmall(request)) request.raw.read();
}

/** Lets a sender read the answer, and then ends what it still sends: a body that nobody wants is not waited for, and a large one of a `refused` sender comes in slowly. */
export function endUnread(request: FastifyRequest, refused: boolean, lingerMs: number): void {
  const { raw } = request;
  if (raw.complete) return;
  const slowly = refused && !isSmall(request);
  const reading = slowly ? setInterval(() => void raw.read(), readEveryMs).unref() : undefined;
  const ending = setTimeout(() => raw.socket.destroy(), lingerMs).unref();
  const settled = (): void => {
    clearTimeout(ending);
    clearInterval(reading);
  };
  raw.once('end', settled).once('close', settled);
  if (!slowly) raw.resume();
}
