/** The OpenAPI document says what the door does: the same routes, and every real answer is as it describes. */
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Answer } from '../../src/screening/http/schemas.ts';
import { type Door, openDoor, posting } from '../support/screening-http.ts';

type Schema = Record<string, unknown>;
type Operation = {
  summary: string;
  security?: object[];
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: object };
};

let door: Door;
let document: Document;
beforeAll(async () => {
  door = await openDoor({
    limits: { uploadBytes: 1000 },
    memory: { capacity: 5 },
    beside: {
      runs: async () => [{ id: 'smoke-1', startedAt: null }],
      leaderboard: async () => [],
      card: () => ({
        id: 'bundle-1',
        name: 'toy',
        card: { trainedOn: ['puppetry'], cannotJudge: ['drawings'] },
        kinds: { clip: { manipulated: { value: 3.1 } } },
      }),
      auditHead: async () => ({ number: 3, head: 'a'.repeat(64) }),
      preview: async () => Buffer.from('\xff\xd8\xff', 'latin1'),
      evidence: (_, to) => writeFile(to, 'package'),
    },
  });
  document = (await (await door.ask(null, '/openapi.json')).json()) as Document;
});
afterAll(() => door.end());

/** A schema of the document with everything that it refers to. */
function readable(schema: Schema): z.ZodType {
  const inlined = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(
    JSON.parse(inlined.replaceAll('#/components/schemas/', '#/$defs/')) as Parameters<
      typeof z.fromJSONSchema
    >[0],
  );
}

const operationOf = (method: string, path: string): Operation => document.paths[path]![method.toLowerCase()]!;

/** Holds an answer against what the document says of its route and status. */
async function requireDescribed(method: string, path: string, response: Response): Promise<unknown> {
  const described = operationOf(method, path).responses[response.status];
  expect(described, `${method} ${path} ${response.status}`).toBeDefined();
  const [type, content] = Object.entries(described!.content ?? {})[0] ?? [];
  if (type === undefined) {
    expect(await response.text()).toBe('');
    return undefined;
  }
  expect(response.headers.get('Content-Type')).toContain(type);
  if (!content!.schema) return response.arrayBuffer();
  const answer: unknown = await response.json();
  expect(readable(content!.schema).safeParse(answer)).toMatchObject({ success: true });
  return answer;
}

test('it has the routes that are served, and no other', () => {
  const written = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(written.toSorted()).toEqual(door.routes.map(({ method, path }) => `${method} ${path}`).toSorted());
  expect(document.openapi).toBe('3.1.0');
  for (const { method, path, role } of door.routes) {
    const { security, parameters, summary } = operationOf(method, path);
    expect(security, path).toEqual(role === 'anyone' ? [] : undefined);
    expect(summary).not.toBe('');
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(parameters.filter((one) => one.in === 'path' && one.required).map(({ name }) => name)).toEqual(
      inPath,
    );
  }
});

test('every answer is as described, and each route and most statuses have one', async () => {
  const seen = new Set<string>();
  const asking = async (
    who: Parameters<Door['ask']>[0],
    method: string,
    path: string,
    id = '',
    init: RequestInit = {},
    query = '',
  ) => {
    const response = await door.ask(who, path.replace(/\{\w+\}/, id) + query, { ...init, method });
    seen.add(`${method} ${path} ${response.status}`);
    return requireDescribed(method, path, response);
  };
  const upload = async (content: string): Promise<string> => {
    const response = await door.upload('ann', content);
    seen.add(`POST /v1/media ${response.status}`);
    return ((await requireDescribed('POST', '/v1/media', response)) as Answer<'Accepted'>).requestId;
  };
  const one = '/v1/media/{requestId}';
  const held = '/v1/quarantine/{quarantineId}';
  const ids = [];
  for (const content of ['F one', 'S two', 'U three', 'four']) ids.push(await upload(content));
  await upload('x'.repeat(1001));
  for (const id of ids) for (const who of ['ann', 'rita'] as const) await asking(who, 'GET', one, id);
  await asking('ben', 'GET', one, ids[0]);
  await asking('ben', 'GET', one, 'a%20b');
  for (const who of ['ann', 'rita', null] as const) await asking(who, 'GET', '/v1/media');
  await asking('ann', 'GET', '/v1/media', '', {}, '?size=0');
  for (const who of ['ann', 'rita', null] as const) await asking(who, 'GET', '/v1/quarantine');
  const { quarantineId: id } = (await (await door.ask('ann', `/v1/media/${ids[0]}`)).json()) as {
    quarantineId: string;
  };
  for (const what of ['', '/history', '/content', '/preview', '/evidence'])
    for (const [who, which] of [
      ['rita', id],
      ['ann', id],
      [null, id],
      ['rita', 'none'],
    ] as const)
      await asking(who, 'GET', `${held}${what}`, which);
  const review = posting({ basis: 'opinion', reason: 'x', opinionBefore: 'fake', seen: 1 });
  const other = (await (await door.ask('ann', `/v1/media/${ids[2]}`)).json()) as { quarantineId: string };
  for (const [who, which, thought] of [
    ['rita', id, 'fake'],
    ['rita', id, 'real'],
    ['rita', 'none', 'real'],
    ['rita', id, 'perhaps'],
    ['ann', id, 'fake'],
  ] as const)
    await asking(who, 'POST', `${held}/opinion`, which, posting({ opinion: thought }));
  for (const [verb, which] of [
    ['confirm', id],
    ['release', other.quarantineId],
  ] as const) {
    for (const who of ['rita', 'rita', 'ann', null] as const)
      await asking(who, 'POST', `${held}/${verb}`, which, review);
    await asking('rita', 'POST', `${held}/${verb}`, 'none', review);
    await asking('rita', 'POST', `${held}/${verb}`, which, posting({}));
  }
  await asking('ada', 'POST', `${held}/hold`, id, posting({ hold: true }));
  const erasing = posting({ reason: 'asked to' });
  for (const who of ['ada', 'rita'] as const) await asking(who, 'DELETE', `${held}/content`, id, erasing);
  await asking('ada', 'POST', `${held}/hold`, id, posting({ hold: false }));
  for (const init of [posting({ reason: ' ' }), {}, erasing])
    await asking('ada', 'DELETE', `${held}/content`, id, init);
  await asking('rita', 'GET', `${held}/content`, id);
  await asking(null, 'POST', '/v1/session', '', posting({ key: door.keys.ann }));
  await asking(null, 'POST', '/v1/session', '', posting({}));
  await asking(null, 'POST', '/v1/session', '', posting({ key: 'mk_no' }));
  const signed = await door.ask(null, '/v1/session', posting({ key: door.keys.ann }));
  const cookie = signed.headers.get('Set-Cookie')!.split(';')[0]!;
  await asking(null, 'GET', '/v1/session', '', { headers: { cookie } });
  await asking(null, 'GET', '/v1/session');
  await asking('ann', 'DELETE', '/v1/session');
  for (const path of ['/v1/audit/head', '/v1/bundle', '/v1/runs', '/v1/leaderboard'])
    for (const who of ['rita', 'ann', null] as const) await asking(who, 'GET', path);
  for (const path of ['/health', '/openapi.json']) await asking(null, 'GET', path);
  await asking('ann', 'POST', '/v1/media', '', {
    body: '{}',
    headers: { 'Content-Type': 'application/json' },
  });

  const statuses = (wanted: RegExp): string[] => [...seen].filter((line) => wanted.test(line));
  for (const { method, path } of door.routes)
    expect(
      [...seen].some((line) => line.startsWith(`${method} ${path} 2`)),
      `${method} ${path}`,
    ).toBe(true);
  for (const status of [200, 202, 204, 400, 401, 403, 404, 409, 410, 413, 415])
    expect(statuses(new RegExp(`${status}$`)).length, String(status)).toBeGreaterThan(0);
  expect(door.incoming()).toEqual([]);
});

test('what it says of requests is what is refused and taken', async () => {
  const { requestBody } = operationOf('POST', '/v1/quarantine/{quarantineId}/release');
  const body = readable(requestBody!.content['application/json']!.schema);
  const said = { basis: 'opinion', reason: 'x', opinionBefore: 'real', seen: 1 };
  expect(body.safeParse(said).success).toBe(true);
  expect(body.safeParse({ ...said, more: 1 }).success).toBe(false);
  expect(body.safeParse({ ...said, seen: undefined }).success).toBe(false);
  expect(body.safeParse({ ...said, basis: 'a feeling' }).success).toBe(false);
  const names = operationOf('GET', '/v1/media').parameters.map(({ name }) => name);
  expect(names).toEqual(['page', 'size', 'status', 'action', 'name', 'since', 'until']);
  const status = operationOf('GET', '/v1/media').parameters.find(({ name }) => name === 'status')!;
  expect(status.schema['enum']).toContain('NO_SIGNS_FOUND');
  expect(JSON.stringify(document)).not.toMatch(/authentic"/i);
});

test('a description that does not fit is noticed', async () => {
  const answer = await (await door.ask(null, '/health')).json();
  expect(readable(document.components.schemas['Health']!).safeParse(answer).success).toBe(true);
  expect(readable(document.components.schemas['Session']!).safeParse(answer).success).toBe(false);
  expect(
    readable(document.components.schemas['Health']!).safeParse({ ...(answer as object), more: 1 }).success,
  ).toBe(false);
});
