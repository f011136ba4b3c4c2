/** The routes of the service as one table: who may ask, what is checked, what is answered. Fastify serves it, the OpenAPI document is written from it, and tests walk it. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ItemError } from '../../errors.ts';
import type { z } from 'zod';
import type { Caller, Decision, Media, Quarantined, Role, Service } from '../types.ts';
import type { KeyHolder } from './keys.ts';
import { notFound, Problem } from './problems.ts';
import { receive, requireFits } from './receive.ts';
import * as schemas from './schemas.ts';
import type { openSessions } from './sessions.ts';
import { bundleView, mediaView, pageView, quarantinedView } from './views.ts';

/** What a handler is given: everything checked. `caller` is somebody wherever the route's role is not `anyone`. */
type Asked<Params, Query, Body> = {
  params: Params;
  query: Query;
  body: Body;
  caller: Caller;
  request: FastifyRequest;
  reply: FastifyReply;
};
type Shape = z.ZodType;
type Typed<P extends Shape, Q extends Shape, B extends Shape> = {
  method: 'GET' | 'POST' | 'DELETE';
  /** As in OpenAPI, `{name}` for what varies. */
  path: string;
  /** The least role that may ask. */
  role: Role | 'anyone';
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  /** The body is a file, in multipart/form-data. */
  upload?: true;
  status?: 202 | 204;
  /** Names of what may be answered, or a media type of bytes; nothing with status 204. */
  answer?: schemas.AnswerName[] | `${string}/${string}`;
  /** Asked before the body is read. */
  before?(request: FastifyRequest): void;
  handle(asked: Asked<z.output<P>, z.output<Q>, z.output<B>>): unknown;
};
export type Route = Typed<Shape, Shape, Shape>;

const route = <
  P extends Shape = z.ZodUndefined,
  Q extends Shape = z.ZodUndefined,
  B extends Shape = z.ZodUndefined,
>(
  typed: Typed<P, Q, B>,
): Route => typed as unknown as Route;

/** What the service has beside its files; where one is absent, its route answers 404. */
export type Beside = {
  /** The bundle for people: its `id`, and `name`, `card`, `kinds` and `members` as in its file. */
  card?: () => schemas.Answer<'BundleCard'>;
  /** How many entries the audit log has and the hash of the last: worth keeping elsewhere. */
  auditHead?: () => Promise<{ number: number; head: string }>;
  /** Writes a signed package about one content, a .tar, into the file `to`. */
  evidence?: (sha256: string, to: string) => Promise<void>;
  /** A small JPEG. @throws ItemError where it has no picture, or none that can be decoded. */
  preview?: (sha256: string) => Promise<Uint8Array>;
  /** Runs of the harness, and its leaderboard's rows: to read only. */
  runs?: () => Promise<unknown[]>;
  leaderboard?: () => Promise<unknown[]>;
};

export type RouteParts = {
  service: Service;
  beside: Beside;
  sessions: ReturnType<typeof openSessions>;
  holderOf(request: FastifyRequest, key: string): Promise<KeyHolder>;
  maxBytes: number;
  uploadsAtOnce: number;
  openApi(): string;
};

export function routesOf(parts: RouteParts): Route[] {
  return [...mediaRoutes(parts), ...quarantineRoutes(parts), ...otherRoutes(parts)];
}

function mediaRoutes({ service, maxBytes, uploadsAtOnce }: RouteParts): Route[] {
  let uploads = 0;
  return [
    route({
      method: 'POST',
      path: '/v1/media',
      role: 'submitter',
      summary:
        'Take in a video, a photo or a sound recording; what its name or type says to be something else is held, and markup refused',
      upload: true,
      status: 202,
      answer: ['Accepted'],
      before(request) {
        requireFits(request, maxBytes);
        service.requireRoom();
      },
      async handle({ request, caller }) {
        if (uploads >= uploadsAtOnce) throw new Problem(503, 'too many files are arriving at once', 2);
        uploads++;
        try {
          const received = await receive(request, service.incoming, maxBytes);
          const file = { ...received, source: 'upload', submitter: caller.name };
          const { requestId, status } = await service.submit(file);
          return { requestId, status };
        } finally {
          uploads--;
        }
      },
    }),
    route({
      method: 'GET',
      path: '/v1/media/{requestId}',
      role: 'submitter',
      summary: 'What is known of one file; a submitter sees no scores, and the own files alone',
      params: schemas.mediaId,
      answer: ['Media', 'OwnMedia'],
      handle: ({ params, caller }) => mediaView(mediaOf(service, params.requestId, caller), caller),
    }),
    route({
      method: 'GET',
      path: '/v1/media',
      role: 'submitter',
      summary: 'Files, the newest first',
      query: schemas.mediaQuery,
      answer: ['MediaPage', 'OwnMediaPage'],
      handle({ query, caller }) {
        const own = caller.role === 'submitter' ? { submitter: caller.name } : {};
        return pageView(service.list({ ...given(query), ...own }), (media) => mediaView(media, caller));
      },
    }),
  ];
}

/** @throws Problem 404 also where it is another's: not even its being there is told. */
function mediaOf(service: Service, requestId: string, caller: Caller): Media {
  const media = service.media(requestId);
  if (!media || (caller.role === 'submitter' && media.submitter !== caller.name)) throw notFound();
  return media;
}

function quarantineRoutes({ service, beside }: RouteParts): Route[] {
  const itemOf = (quarantineId: string): Quarantined => {
    const item = service.quarantined(quarantineId);
    if (!item) throw notFound();
    return item;
  };
  const one = { params: schemas.quarantineId, role: 'reviewer' as const };
  const at = '/v1/quarantine/{quarantineId}';
  /** What changes it and answers what it is then. */
  const change = <B extends Shape>(
    verb: string,
    summary: string,
    body: B,
    how: (quarantineId: string, body: z.output<B>, who: string) => Promise<Quarantined>,
    role: Role = 'reviewer',
  ): Route =>
    route({
      params: schemas.quarantineId,
      role,
      method: 'POST',
      path: `${at}/${verb}`,
      summary,
      body,
      answer: ['Quarantined'],
      async handle({ params: { quarantineId }, body: said, caller }) {
        itemOf(quarantineId);
        return quarantinedView(await how(quarantineId, said, caller.name), caller);
      },
    });
  const decide = (verb: string, decision: Decision, summary: string): Route =>
    change(verb, summary, schemas.decision, (id, body, reviewer) =>
      service.review(id, { ...body, decision, reviewer }),
    );
  return [
    route({
      method: 'GET',
      path: '/v1/quarantine',
      role: 'reviewer',
      summary: 'What is, or was, in quarantine',
      query: schemas.quarantineQuery,
      answer: ['QuarantinePage'],
      handle: ({ query, caller }) =>
        pageView(service.quarantine(given(query)), (item) => quarantinedView(item, caller)),
    }),
    route({
      ...one,
      method: 'GET',
      path: at,
      summary: 'One content in quarantine, with all files that have it',
      answer: ['Quarantined'],
      handle: ({ params, caller }) => quarantinedView(itemOf(params.quarantineId), caller),
    }),
    change(
      'opinion',
      'Say what one thinks of it before the score is shown, once',
      schemas.opinion,
      (id, { opinion }, who) => service.opinion(id, who, opinion),
    ),
    decide(
      'release',
      'released',
      'Let it go; as many reviewers as the policy wants must, having seen the same',
    ),
    decide('confirm', 'confirmed', 'Say that it is what it was taken for'),
    change(
      'hold',
      'Set or lift a legal hold, under which nothing is deleted; none is set once the bytes are',
      schemas.holding,
      (id, { hold }, who) => service.hold(id, who, hold),
      'administrator',
    ),
    route({
      ...one,
      method: 'GET',
      path: `${at}/content`,
      summary: 'The bytes as they came in, to be saved and never shown',
      answer: 'application/octet-stream',
      handle({ params, reply }) {
        const { sha256 } = itemOf(params.quarantineId);
        const bytes = createReadStream(service.fileOf(sha256));
        return sendFile(reply, bytes, 'application/octet-stream', `${sha256}.bin`);
      },
    }),
    route({
      ...one,
      method: 'DELETE',
      path: `${at}/content`,
      role: 'administrator',
      summary: 'Delete the bytes and keep their hash',
      body: schemas.erasure,
      status: 204,
      async handle({ params, body, caller }) {
        await service.erase(itemOf(params.quarantineId).sha256, caller.name, body.reason);
      },
    }),
    route({
      ...one,
      method: 'GET',
      path: `${at}/preview`,
      summary: 'A small picture, which pages blur until a reviewer wants to see it',
      answer: 'image/jpeg',
      async handle({ params, reply }) {
        const { sha256 } = itemOf(params.quarantineId);
        if (!beside.preview) throw new Problem(404, 'this service makes no previews');
        service.fileOf(sha256); // 410 once it is deleted
        const jpeg = await beside.preview(sha256).catch((error: unknown) => {
          if (error instanceof ItemError) throw new Problem(404, `there is no picture of it (${error.code})`);
          throw error;
        });
        return reply.type('image/jpeg').send(Buffer.from(jpeg));
      },
    }),
    route({
      ...one,
      method: 'GET',
      path: `${at}/history`,
      summary: 'What happened to it, newest first',
      query: schemas.historyQuery,
      answer: ['HistoryPage'],
      handle: ({ params, query }) =>
        pageView(service.history(itemOf(params.quarantineId).sha256, query), (entry) => entry),
    }),
    route({
      ...one,
      method: 'GET',
      path: `${at}/evidence`,
      summary: 'A signed package about it that can be verified without this service',
      answer: 'application/x-tar',
      async handle({ params, reply }) {
        const { sha256 } = itemOf(params.quarantineId);
        if (!beside.evidence) throw new Problem(404, 'this service makes no evidence packages');
        const path = join(service.incoming, randomUUID());
        await beside.evidence(sha256, path);
        const file = await open(path);
        await rm(path);
        return sendFile(reply, file.createReadStream(), 'application/x-tar', `evidence-${sha256}.tar`);
      },
    }),
  ];
}

/** As an attachment that no browser shows or runs. */
function sendFile(reply: FastifyReply, bytes: Readable, type: string, name: string): FastifyReply {
  void reply.headers({
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  });
  return reply.send(bytes);
}

function otherRoutes({ service, beside, sessions, holderOf, openApi }: RouteParts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/session',
      role: 'anyone',
      summary:
        'Begin a session of the page; the cookie is in Set-Cookie, and the token goes into X-CSRF-TOKEN of whatever changes something',
      body: schemas.signIn,
      answer: ['Session'],
      async handle({ body, request, reply }) {
        const { holder, token, cookie } = sessions.begin(await holderOf(request, body.key));
        void reply.header('Set-Cookie', cookie);
        return { name: holder.name, role: holder.role, token };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/session',
      role: 'submitter',
      summary: 'Whose session the cookie is of, and its token: another tab may have begun it',
      answer: ['Session'],
      handle({ request }) {
        const session = sessions.find(request.headers.cookie);
        // Whoever sends a key is not asked for a session.
        if (!session || request.headers['x-api-key'] !== undefined)
          throw new Problem(404, 'a key needs no session');
        const { holder, token } = session;
        return { name: holder.name, role: holder.role, token };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/session',
      role: 'submitter',
      summary: 'End the session',
      status: 204,
      handle: ({ request, reply }) => void reply.header('Set-Cookie', sessions.end(request.headers.cookie)),
    }),
    route({
      method: 'GET',
      path: '/v1/audit/head',
      role: 'reviewer',
      summary:
        'The hash of the last entry of the audit log: who keeps it elsewhere sees when the end of the log is missing',
      answer: ['AuditHead'],
      handle() {
        if (!beside.auditHead) throw new Problem(404, 'this service keeps no audit log');
        return beside.auditHead();
      },
    }),
    route({
      method: 'GET',
      path: '/v1/bundle',
      role: 'submitter',
      summary:
        'What judges here: on what it was trained and tested, and what it cannot judge; a submitter is told only the name and the latter',
      answer: ['BundleCard', 'OwnBundleCard'],
      handle({ caller }) {
        if (!beside.card) throw new Problem(404, 'the bundle has no card');
        return bundleView(beside.card(), caller);
      },
    }),
    ...(['runs', 'leaderboard'] as const).map((what) =>
      route({
        method: 'GET',
        path: `/v1/${what}`,
        role: 'reviewer',
        summary: `The ${what} of the harness on this machine`,
        answer: ['Rows'],
        handle() {
          const list = beside[what];
          if (!list) throw new Problem(404, 'there are no experiments beside this service');
          return list();
        },
      }),
    ),
    route({
      method: 'GET',
      path: '/health',
      role: 'anyone',
      summary: 'Whether the service works, and how many files wait',
      answer: ['Health'],
      handle: () => service.health(),
    }),
    route({
      method: 'GET',
      path: '/openapi.json',
      role: 'anyone',
      summary: 'This document',
      answer: 'application/json',
      handle: ({ reply }) => reply.type('application/json; charset=utf-8').send(openApi()),
    }),
  ];
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };
/** Without the keys whose value is undefined. */
const given = <T extends object>(query: T): Given<T> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Given<T>;
