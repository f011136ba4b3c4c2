/**
 * The HTTP door of screening. Everything is refused that is not said here: a route without a role is not served, a body is not read before its sender is known, and what
 * takes too long or too much is ended.
 */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import multipart from '@fastify/multipart';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { UserError, withoutFolders } from '../../errors.ts';
import type { Caller, Service } from '../types.ts';
import { endUnread, guard, leaveUnread } from './guard.ts';
import type { Keys } from './keys.ts';
import { openApiOf } from './openapi.ts';
import { asProblem, Problem, sendProblem } from './problems.ts';
import { type Beside, type Route, routesOf } from './routes.ts';
import { openSessions } from './sessions.ts';
import { openTurns } from './turns.ts';

export type HttpLimits = {
  /** Of one file. */
  uploadBytes: number;
  uploadsAtOnce: number;
  requestsPerMinute: number;
  wrongKeysPerMinute: number;
  connections: number;
  /** Until the headers are there; until all is there; without a byte either way, but for the time in which an answer is made. */
  headersMs: number;
  requestMs: number;
  idleMs: number;
};
const usualLimits: HttpLimits = {
  uploadBytes: 250e6,
  uploadsAtOnce: 100,
  requestsPerMinute: 1200,
  wrongKeysPerMinute: 10,
  connections: 1000,
  headersMs: 10_000,
  requestMs: 300_000,
  idleMs: 20_000,
};

export type HttpOptions = {
  service: Service;
  keys: Keys;
  beside?: Beside;
  /** A folder of static files, served as they are to anyone. */
  page?: string;
  /** The first is listened at; browsers may know the service under all. */
  hosts?: readonly string[];
  /** 0: any that is free. */
  port?: number;
  limits?: Partial<HttpLimits>;
  /** Given one line of JSON for each request: no names, no keys, no paths; and one more where the machine must be mended, which says the place. */
  log?(line: string): void;
};

export type HttpServer = {
  /** `http://host:port`. */
  address: string;
  routes: readonly Route[];
  /** Answers what is under way and takes no more. */
  close(): Promise<void>;
};

/** How long a sender waits for being told that it asks too much: whoever asks again at once is then no burden to the others. */
const slowedMs = 200;
/** How long a sender that was refused may go on sending, to read why. */
const lingerMs = 2000;

/** A name or address as it stands in the Host of a request: in small letters, an address of IPv6 short and in brackets. @throws UserError where it is neither. */
export function hostnameOf(host: string): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}`;
  const { hostname, href } = URL.canParse(url) ? new URL(url) : {};
  if (hostname === undefined || href !== `http://${hostname}/`)
    throw new UserError(`host ${JSON.stringify(host)}: expected a name or an address, without a port`);
  return hostname;
}

/** Listens once it resolves. Throws what listening throws (EADDRINUSE, EACCES), and as `hostnameOf`. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { service, keys, beside = {}, hosts = ['127.0.0.1'], port = 0 } = options;
  const limits = { ...usualLimits, ...options.limits };
  const app = openApp(limits);
  await app.register(rateLimit, { global: false });
  await app.register(multipart);
  const sessions = openSessions();
  const names = ['localhost', '127.0.0.1', '[::1]', ...hosts.map(hostnameOf)];
  const { holderOf } = guard(app, { keys, sessions, names, ...limits });
  answerProblems(app, options.log ?? (() => {}));
  const routes: Route[] = routesOf({
    service,
    beside,
    sessions,
    holderOf,
    maxBytes: limits.uploadBytes,
    uploadsAtOnce: limits.uploadsAtOnce,
    openApi: () => document,
  });
  const document = JSON.stringify(openApiOf(routes));
  const turn = openTurns();
  for (const route of routes) serve(app, route, turn);
  if (options.page !== undefined) await servePage(app, options.page);
  app.server.maxConnections = limits.connections;
  await app.listen({ host: hosts[0]!, port });
  const { port: given } = app.server.address() as { port: number };
  const shown = hosts[0]!.includes(':') ? `[${hosts[0]}]` : hosts[0];
  return { address: `http://${shown}:${given}`, routes, close: () => app.close() };
}

function openApp({ headersMs, requestMs, idleMs }: HttpLimits): FastifyInstance {
  const app = fastify({
    http: {
      headersTimeout: headersMs,
      connectionsCheckingInterval: Math.min(2000, headersMs),
      maxHeaderSize: 16_384,
    },
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    keepAliveTimeout: 5000,
    forceCloseConnections: 'idle',
    bodyLimit: 64 * 1024,
    exposeHeadRoutes: false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    // Behind a proxy on this machine the sender's address is what that proxy says.
    trustProxy: 'loopback',
    routerOptions: { maxParamLength: 100 },
  });
  app.setValidatorCompiler(({ schema }) => (value: unknown) => {
    const parsed = (schema as z.ZodType).safeParse(value);
    return parsed.success ? { value: parsed.data } : { error: new Problem(400, inWords(parsed.error)) };
  });
  app.setSerializerCompiler(() => JSON.stringify);
  app.addHook('onRequest', async ({ raw }, reply) => {
    // Idle is who sends or reads nothing, and not who has sent all and waits: a preview may have to wait for long films that are analysed.
    reply.raw.on('timeout', (socket: Socket) => {
      if (!raw.complete || reply.raw.headersSent) socket.destroy();
    });
  });
  return app;
}

const inWords = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`)
    .join('; ')
    .slice(0, 500);

function serve(app: FastifyInstance, route: Route, turn: () => Promise<void>): void {
  const { method, path, role, params, query, body, before, status = 200 } = route;
  app.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { role },
    ...(before ? { onRequest: async (request: FastifyRequest) => before(request) } : {}),
    schema: {
      ...(params ? { params } : {}),
      ...(query ? { querystring: query } : {}),
      ...(body ? { body } : {}),
    },
    async handler(request, reply) {
      const { params, query, body, caller } = request;
      if (role !== 'anyone') await turn();
      void reply.code(status);
      const answer: unknown = await route.handle({
        params,
        query,
        body,
        request,
        reply,
        caller: caller as Caller,
      });
      return answer === undefined && status !== 204 ? reply : answer;
    },
  });
}

/** Each file that is there now, and nothing else. */
async function servePage(app: FastifyInstance, root: string): Promise<void> {
  await app.register(fastifyStatic, { root, serve: false, cacheControl: false });
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = relative(root, join(entry.parentPath, entry.name));
    for (const url of file === 'index.html' ? ['/', '/index.html'] : [`/${file}`])
      app.get(url, { config: { role: 'anyone' } }, (_, reply) => reply.sendFile(file));
  }
}

function answerProblems(app: FastifyInstance, log: (line: string) => void): void {
  app.setErrorHandler(async (error, request, reply) => {
    const problem = asProblem(error);
    leaveUnread(request);
    if (problem.status === 429 || problem.status === 503) await sleep(slowedMs);
    if (problem.cause instanceof Error) log(causeLine(request, { trouble: problem.cause.message }));
    else if (problem.status >= 500 && problem.status !== 503) log(causeLine(request, { bug: bugIn(error) }));
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((_, reply) => sendProblem(reply, new Problem(404, 'there is no such address')));
  app.addHook('onResponse', async (request, reply) => {
    endUnread(request, reply.statusCode >= 400, lingerMs);
    log(requestLine(request, reply.statusCode, reply.elapsedTime));
  });
}

/** The route's pattern, and never what was asked for. */
const requestLine = (
  { id, method, routeOptions, caller }: FastifyRequest,
  status: number,
  ms: number,
): string =>
  JSON.stringify({
    at: new Date().toISOString(),
    request: id,
    method,
    route: routeOptions.url ?? null,
    status,
    ms: Math.round(ms),
    role: caller?.role ?? null,
  });

const causeLine = ({ id }: FastifyRequest, cause: { bug: string } | { trouble: string }): string =>
  JSON.stringify({ at: new Date().toISOString(), request: id, ...cause });

const bugIn = (error: unknown): string =>
  withoutFolders(error instanceof Error ? (error.stack ?? error.message) : String(error));
