/** Plays the screening service for the tests of its page: the same paths, answers and headers, files in memory, and refusals on demand. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import multipart from '@fastify/multipart';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Caller, Finding, Media, Opinion, Page, Quarantined, Said } from '../../src/screening/types.ts';
import {
  mediaOf,
  sampleBundle,
  sampleLeaderboard,
  sampleMedia,
  sampleQuarantine,
  sampleRuns,
} from './screening-samples.ts';

const pageFolder = join(import.meta.dirname, '../../src/screening/page');
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Keys and whose they are. */
export const keys: Record<string, Caller> = {
  'key-of-sam': { name: 'sam', role: 'submitter' },
  'key-of-rita': { name: 'rita', role: 'reviewer' },
  'key-of-robin': { name: 'robin', role: 'reviewer' },
  'key-of-ada': { name: 'ada', role: 'administrator' },
};

/** `text`: the whole body instead of a problem; `breaksOff`: the connection ends within it. */
export type Refusal = {
  status: number;
  retryAfterSeconds?: number;
  message?: string;
  text?: string;
  breaksOff?: true;
};
export type StandIn = {
  url: string;
  media: Media[];
  quarantine: Quarantined[];
  history: Map<string, { at: string; what: string }[]>;
  /** Null: there is no card. */
  bundle: typeof sampleBundle | null;
  /** Taken in turn, instead of an answer, by requests whose `METHOD path` begins so. */
  refusals: Map<string, Refusal[]>;
  /** By the beginning of `METHOD path`: requests wait for this. */
  waits: Map<string, Promise<unknown>>;
  /** By name: files that are there as a whole wait for this before they are taken. */
  taking: Map<string, Promise<unknown>>;
  /** Names of files whose analysis does not end while they are here. */
  analysing: Set<string>;
  /** What became of the tokens: a state change without the right one is counted here and refused. */
  withoutToken: number;
  bodies: Record<string, unknown>[];
  /** Ends all sessions. */
  forgetSessions(): void;
  close(): Promise<void>;
};

/** `picture`: the JPEG of every preview; sounds have none. */
export async function startStandIn(picture: Buffer): Promise<StandIn> {
  const app = Fastify({ logger: false });
  await app.register(multipart, { limits: { fileSize: 1_000_000 } });
  await app.register(fastifyStatic, { root: pageFolder, cacheControl: false });
  const sessions = new Map<string, Caller & { token: string }>();
  let begun = 0;
  const media = sampleMedia();
  const standIn: StandIn = {
    url: '',
    media,
    quarantine: sampleQuarantine(media),
    history: new Map(),
    bundle: sampleBundle,
    refusals: new Map(),
    waits: new Map(),
    taking: new Map(),
    analysing: new Set(),
    withoutToken: 0,
    bodies: [],
    forgetSessions: () => sessions.clear(),
    close: () => app.close(),
  };
  const sessionOf = (request: FastifyRequest): (Caller & { token: string }) | undefined =>
    sessions.get(/masque-session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '');

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ 'content-security-policy': policy, 'x-content-type-options': 'nosniff' });
    if (!request.url.startsWith('/v1/')) return;
    const asked = `${request.method} ${request.url}`;
    for (const [prefix, held] of standIn.waits) if (asked.startsWith(prefix)) await held;
    const refusal = nextRefusal(standIn.refusals, asked);
    if (refusal) return refuse(reply, refusal);
    if (request.method === 'POST' && request.url === '/v1/session') return;
    const session = sessionOf(request);
    if (!session) return refuse(reply, { status: 401 });
    if (request.method !== 'GET' && request.headers['x-csrf-token'] !== session.token) {
      standIn.withoutToken++;
      return refuse(reply, { status: 403 });
    }
  });
  app.post<{ Body: { key: string } }>('/v1/session', (request, reply) => {
    const caller = keys[request.body.key];
    if (!caller) return refuse(reply, { status: 401 });
    const id = createHash('sha256').update(`${begun++} ${caller.name}`).digest('hex');
    sessions.set(id, { ...caller, token: `token-of-${id}` });
    void reply.header('set-cookie', `masque-session=${id}; Path=/; HttpOnly; SameSite=Strict`);
    return { ...caller, token: `token-of-${id}` };
  });
  app.get('/v1/session', (request) => sessionOf(request));
  app.delete('/v1/session', (request, reply) => {
    const { token } = sessionOf(request)!;
    sessions.delete(token.replace('token-of-', ''));
    void reply.code(204).send();
  });
  addMedia(app, standIn, (request) => sessionOf(request)!);
  addQuarantine(app, standIn, (request) => sessionOf(request)!, picture);
  app.get('/v1/bundle', (request, reply) => {
    if (!standIn.bundle) return refuse(reply, { status: 404 });
    const { name, card } = standIn.bundle;
    return sessionOf(request)!.role === 'submitter'
      ? { name, card: { cannotJudge: card.cannotJudge } }
      : standIn.bundle;
  });
  app.get('/v1/runs', () => sampleRuns);
  app.get('/v1/leaderboard', () => sampleLeaderboard);
  standIn.url = await app.listen({ host: '127.0.0.1', port: 0 });
  return standIn;
}

function nextRefusal(refusals: StandIn['refusals'], asked: string): Refusal | undefined {
  const found = [...refusals].find(([prefix, left]) => asked.startsWith(prefix) && left.length > 0);
  return found?.[1].shift();
}

function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, retryAfterSeconds, message = '', text, breaksOff } = refusal;
  if (breaksOff) {
    reply
      .hijack()
      .raw.writeHead(status, { 'content-length': 100 })
      .write('{', () => reply.raw.destroy());
    return reply;
  }
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
  if (text !== undefined) return reply.code(status).send(text);
  return reply.code(status).send({ code: 'refused', message, requestId: 'x' });
}

type WhoAsks = (request: FastifyRequest) => Caller;

/** As `views.ts` of the service tells it. */
function viewOf({ finding, ...media }: Media, { role }: Caller): object {
  const {
    requestId,
    status,
    action,
    quarantineId,
    openQuarantineId,
    sha256,
    name,
    bytes,
    receivedAt,
    source,
    submitter,
    similar,
  } = media;
  const { reasons = [], provenance = null, kind = null } = finding ?? {};
  const own = {
    requestId,
    status,
    reasons,
    action,
    quarantineId,
    provenance,
    kind,
    sha256,
    name,
    bytes,
    receivedAt,
  };
  if (role === 'submitter') return own;
  return { ...own, ...foundIn(finding), openQuarantineId, source, submitter, similar };
}

function foundIn(finding: Finding | null): object {
  const {
    reasons = [],
    provenance = null,
    kind = null,
    score = null,
    models = [],
    localisation = [],
    calibration = null,
    bundle = null,
    seconds = null,
  } = finding ?? {};
  return { reasons, provenance, score, models, localisation, calibration, kind, bundle, seconds };
}

/** Pages count from 0. */
function pageOf<T>(all: readonly T[], { page = '0', size = '20' }: Record<string, string>): Page<T> {
  const [currentPage, length] = [Number(page), Number(size)];
  const items = all.slice(currentPage * length, (currentPage + 1) * length);
  return { totalItems: all.length, totalPages: Math.ceil(all.length / length), currentPage, items };
}

type Query = { Querystring: Record<string, string>; Params: { id: string } };

function addMedia(app: FastifyInstance, standIn: StandIn, whoAsks: WhoAsks): void {
  /** Each look at a new file brings it one step further. */
  const steps = new Map<string, Media['status'][]>();
  app.post('/v1/media', async (request, reply) => {
    const submitter = whoAsks(request).name;
    const file = await request.file();
    const bytes = await file!.toBuffer().catch(() => undefined);
    if (!bytes) return refuse(reply, { status: 413 });
    await standIn.taking.get(file!.filename);
    const n = standIn.media.length;
    const media = mediaOf(n, file!.filename, 'QUEUED', {
      bytes: bytes.length,
      submitter,
    });
    standIn.media.unshift(media);
    steps.set(media.requestId, ['QUEUED', 'ANALYZING', 'ANALYZING', 'SUSPICIOUS']);
    return reply.code(202).send({ requestId: media.requestId, status: media.status });
  });
  app.get<Query>('/v1/media/:id', (request, reply) => {
    const at = standIn.media.findIndex(({ requestId }) => requestId === request.params.id);
    if (at < 0) return refuse(reply, { status: 404 });
    const { name, bytes, submitter, status } = standIn.media[at]!;
    const isHeld = status === 'ANALYZING' && standIn.analysing.has(name);
    const next = isHeld ? undefined : steps.get(request.params.id)?.shift();
    if (next)
      standIn.media[at] = { ...mediaOf(0, name, next, { bytes, submitter }), requestId: request.params.id };
    return viewOf(standIn.media[at]!, whoAsks(request));
  });
  app.get<Query>('/v1/media', (request) => {
    const { status, action, name = '' } = request.query;
    const found = standIn.media.filter(
      (one) =>
        (!status || one.status === status) && (!action || one.action === action) && one.name.includes(name),
    );
    const page = pageOf(found, request.query);
    return { ...page, items: page.items.map((one) => viewOf(one, whoAsks(request))) };
  });
}

function addQuarantine(app: FastifyInstance, standIn: StandIn, whoAsks: WhoAsks, picture: Buffer): void {
  const view = ({ opinions, ...item }: Quarantined, caller: Caller): object => ({
    ...item,
    opinion: opinions.find(({ reviewer }) => reviewer === caller.name)?.opinion ?? null,
    media: item.media.map((one) => viewOf(one, caller)),
    findings: item.findings.map((finding) => ({ status: finding.status, ...foundIn(finding) })),
    verdicts: item.findings.length,
  });
  const itemOf = (id: string): Quarantined | undefined =>
    standIn.quarantine.find(({ quarantineId }) => quarantineId === id);
  const log = ({ sha256 }: Quarantined, what: string, detail: object): void => {
    const entries = standIn.history.get(sha256) ?? [];
    standIn.history.set(sha256, [...entries, { at: '2026-11-27T12:00:00.000Z', what, ...detail }]);
  };
  for (const item of standIn.quarantine)
    log(item, 'received', { by: item.media[0]!.submitter, name: item.media[0]!.name });
  for (const item of standIn.quarantine)
    log(item, 'verdict', { status: item.media[0]!.status, score: item.media[0]!.finding!.score });
  app.get<Query>('/v1/quarantine', (request) => {
    const page = pageOf(
      standIn.quarantine.filter(({ state }) => state === (request.query['state'] ?? state)),
      request.query,
    );
    return { ...page, items: page.items.map((item) => view(item, whoAsks(request))) };
  });
  app.get<Query>('/v1/quarantine/:id', (request, reply) => {
    const item = itemOf(request.params.id);
    return item ? view(item, whoAsks(request)) : refuse(reply, { status: 404 });
  });
  app.post<Query & { Body: { opinion: Opinion } }>('/v1/quarantine/:id/opinion', (request, reply) => {
    const item = itemOf(request.params.id)!;
    const { name: reviewer } = whoAsks(request);
    const { opinion } = request.body;
    const earlier = item.opinions.find((one) => one.reviewer === reviewer);
    if (earlier && earlier.opinion !== opinion)
      return refuse(reply, { status: 409, message: 'it cannot be changed' });
    if (!earlier) item.opinions.push({ reviewer, opinion, at: '2026-11-27T12:00:00.000Z' });
    return view(item, whoAsks(request));
  });
  for (const [verb, decision] of [
    ['release', 'released'],
    ['confirm', 'confirmed'],
  ] as const)
    app.post<Query & { Body: Omit<Said, 'decision' | 'reviewer'> & { seen: number } }>(
      `/v1/quarantine/:id/${verb}`,
      (request, reply) => {
        const item = itemOf(request.params.id)!;
        const reviewer = whoAsks(request).name;
        standIn.bodies.push(request.body);
        const { seen } = request.body;
        if (
          item.state !== 'held' ||
          item.reviews.some((one) => one.reviewer === reviewer && one.seen >= seen)
        )
          return refuse(reply, { status: 409, message: 'decided already' });
        item.reviews.push({ ...request.body, decision, reviewer, at: '2026-11-27T12:00:00.000Z' });
        log(item, decision, { by: reviewer });
        const releases = item.reviews.filter(
          (one) => one.decision === 'released' && one.seen >= item.findings.length,
        ).length;
        if (decision === 'confirmed' || releases >= item.releasesNeeded) {
          item.state = decision;
          for (const one of item.media) one.openQuarantineId = null;
        }
        return view(item, whoAsks(request));
      },
    );
  app.post<Query & { Body: { hold: boolean } }>('/v1/quarantine/:id/hold', (request) => {
    const item = itemOf(request.params.id)!;
    item.legalHold = request.body.hold;
    log(item, 'hold', { hold: item.legalHold, by: whoAsks(request).name });
    return view(item, whoAsks(request));
  });
  app.delete<Query & { Body: { reason: string } }>('/v1/quarantine/:id/content', (request, reply) => {
    const item = itemOf(request.params.id)!;
    standIn.bodies.push(request.body);
    if (item.legalHold) return refuse(reply, { status: 409, message: 'it is under legal hold' });
    item.kept = false;
    log(item, 'erased', { by: whoAsks(request).name, ...request.body });
    return reply.code(204).send();
  });
  app.get<Query>('/v1/quarantine/:id/preview', (request, reply) =>
    itemOf(request.params.id)!.media[0]!.finding?.kind === 'sound'
      ? refuse(reply, { status: 404 })
      : reply.type('image/jpeg').send(picture),
  );
  app.get<Query>('/v1/quarantine/:id/history', (request) => {
    const items = (standIn.history.get(itemOf(request.params.id)?.sha256 ?? '') ?? []).toReversed();
    return { items, totalItems: items.length };
  });
  for (const what of ['content', 'evidence'])
    app.get<Query>(`/v1/quarantine/:id/${what}`, (_, reply) =>
      reply
        .headers({
          'content-type': 'application/octet-stream',
          'content-disposition': `attachment; filename="${what}.bin"`,
        })
        .send(Buffer.from(what)),
    );
}
