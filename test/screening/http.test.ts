/** The door's ordinary work: a file in, its finding out by role, the quarantine, lists; what is refused in between. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exitCodes, UserError } from '../../src/errors.ts';
import type { Answer } from '../../src/screening/http/schemas.ts';
import { type Door, openDoor, posting } from '../support/screening-http.ts';

let door: Door;
beforeAll(async () => void (door = await openDoor({ memory: { releasesNeeded: 2 } })));
afterAll(() => door.end());

const json = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T;

async function uploaded(content: string, who: 'ann' | 'ben' = 'ann', name?: string): Promise<string> {
  const response = await door.upload(who, content, name);
  expect(response.status).toBe(202);
  const { requestId, status } = (await response.json()) as Answer<'Accepted'>;
  expect(status).toBe('QUEUED');
  return requestId;
}

test('a submitter learns the status and no score, a reviewer both', async () => {
  const requestId = await uploaded('F one');
  const own = await json<Answer<'OwnMedia'>>(door.ask('ann', `/v1/media/${requestId}`));
  expect(own).toMatchObject({ status: 'MANIPULATED', action: 'quarantine', name: 'clip.mp4', bytes: 5 });
  expect(own.kind).toBe('clip');
  for (const hidden of ['score', 'models', 'localisation', 'calibration', 'similar', 'submitter'])
    expect(own).not.toHaveProperty(hidden);
  expect(JSON.stringify(own)).not.toContain('0.97');
  const codes = ({ reasons }: Answer<'OwnMedia'>): string[] => reasons.map(({ code }) => code);
  expect(codes(own)).toEqual(['TOLD']);
  const full = await json<Answer<'Media'>>(door.ask('rita', `/v1/media/${requestId}`));
  expect(full).toMatchObject({ score: 0.97, submitter: 'ann', source: 'upload', bundle: 'bundle-1' });
  expect(full.calibration).toMatchObject({ threshold: 0.9, genuine: { asHigh: 1, tested: 100 } });
  expect(codes(full)).toEqual(['TOLD', 'DETECTOR_ABOVE_THRESHOLD']);
  expect(full).not.toHaveProperty('fingerprints');
});

test('lists are paged and filtered, and a submitter finds only the own files', async () => {
  await uploaded('a genuine one', 'ben', 'holiday.mp4');
  await uploaded('S doubtful', 'ben', 'party.mp4');
  type List = Answer<'MediaPage'>;
  const all = await json<List>(door.ask('rita', '/v1/media?size=2'));
  expect(all).toMatchObject({ totalItems: 3, totalPages: 2, currentPage: 0, currentPageItemsCount: 2 });
  const second = await json<List>(door.ask('rita', '/v1/media?size=2&page=1'));
  expect(second).toMatchObject({ currentPage: 1, currentPageItemsCount: 1 });
  const names = async (who: 'ann' | 'ben' | 'rita', query: string): Promise<string[]> =>
    (await json<List>(door.ask(who, `/v1/media?${query}`))).items.map(({ name }) => name);
  expect(await names('ben', '')).toEqual(['party.mp4', 'holiday.mp4']);
  expect(await names('ben', 'status=SUSPICIOUS')).toEqual(['party.mp4']);
  expect(await names('rita', 'action=allow&name=holi')).toEqual(['holiday.mp4']);
  expect(await names('rita', 'since=2100-01-01T00:00:00Z')).toEqual([]);
  expect(await names('rita', 'until=2100-01-01T00:00:00%2B02:00')).toHaveLength(3);
});

test.each([
  'page=-1',
  'size=0',
  'size=101',
  'size=1.5',
  'status=AUTHENTIC',
  'since=yesterday',
  'colour=red',
  'page=1&page=2',
])('a list is not asked for with %s', async (query) => {
  const response = await door.ask('rita', `/v1/media?${query}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    code: 'invalid_request',
    requestId: expect.any(String) as string,
  });
});

test('two reviewers release, nobody decides twice, and what is decided stays', async () => {
  const requestId = await uploaded('F for two');
  const { quarantineId: id } = await json<Answer<'OwnMedia'>>(door.ask('ann', `/v1/media/${requestId}`));
  const review = {
    basis: 'original-found',
    reason: 'the original is older',
    opinionBefore: 'unsure',
    seen: 1,
  };
  const release = (who: 'rita' | 'rolf' | 'ada') =>
    door.ask(who, `/v1/quarantine/${id}/release`, posting(review));
  expect(await json(release('rita'))).toMatchObject({ state: 'held', reviews: [{ reviewer: 'rita' }] });
  expect((await release('rita')).status).toBe(409);
  expect(await json(release('rolf'))).toMatchObject({ state: 'released' });
  expect((await release('ada')).status).toBe(409);
  const list = await json<Answer<'QuarantinePage'>>(door.ask('rita', '/v1/quarantine?state=released'));
  expect(list.items.map(({ quarantineId }) => quarantineId)).toEqual([id]);
  expect(list.items[0]!.media[0]).toMatchObject({ requestId, score: 0.97 });
  const history = await json<Answer<'HistoryPage'>>(door.ask('rita', `/v1/quarantine/${id}/history?size=2`));
  expect(history).toMatchObject({ totalItems: 3, totalPages: 2 });
  expect(history.items.map(({ what }) => what)).toEqual(['released', 'released']);
});

test.each([
  {},
  { basis: 'a feeling', reason: 'x', opinionBefore: 'real', seen: 1 },
  { basis: 'opinion', reason: '  ', opinionBefore: 'real', seen: 1 },
  { basis: 'opinion', reason: 'x', seen: 1 },
  { basis: 'opinion', reason: 'x', opinionBefore: 'real' },
  { basis: 'opinion', reason: 'x', opinionBefore: 'real', seen: 1, reviewer: 'somebody else' },
])('a decision without its reasons is none: %j', async (body) => {
  const [item] = (await json<Answer<'QuarantinePage'>>(door.ask('rita', '/v1/quarantine?state=held'))).items;
  const response = await door.ask('rita', `/v1/quarantine/${item!.quarantineId}/confirm`, posting(body));
  expect(response.status).toBe(400);
});

test('content is given as an attachment that no browser shows, and is gone once deleted, except under hold', async () => {
  const requestId = await uploaded('F<script>alert(1)</script>', 'ann', 'page.html');
  const { quarantineId: id, sha256 } = await json<Answer<'Media'>>(
    door.ask('rita', `/v1/media/${requestId}`),
  );
  const content = await door.ask('rita', `/v1/quarantine/${id}/content`);
  expect(content.status).toBe(200);
  expect(await content.text()).toBe('F<script>alert(1)</script>');
  expect(content.headers.get('Content-Type')).toBe('application/octet-stream');
  expect(content.headers.get('Content-Disposition')).toBe(`attachment; filename="${sha256}.bin"`);
  expect(content.headers.get('Content-Security-Policy')).toContain('sandbox');
  expect(content.headers.get('X-Content-Type-Options')).toBe('nosniff');

  const erase = (body: object = { reason: 'a court wants it gone' }) =>
    door.ask('ada', `/v1/quarantine/${id}/content`, { ...posting(body), method: 'DELETE' });
  const held = await door.ask('ada', `/v1/quarantine/${id}/hold`, posting({ hold: true }));
  expect(await held.json()).toMatchObject({ legalHold: true });
  expect((await erase()).status).toBe(409);
  await door.ask('ada', `/v1/quarantine/${id}/hold`, posting({ hold: false }));
  for (const body of [{}, { reason: ' ' }, { reason: 'x', by: 'somebody else' }])
    expect((await erase(body)).status).toBe(400);
  expect((await erase()).status).toBe(204);
  const gone = await door.ask('rita', `/v1/quarantine/${id}/content`);
  expect(gone.status).toBe(410);
  expect(await gone.json()).toMatchObject({ code: 'gone' });
});

test('of the bundle a submitter learns the name and what it cannot judge, and no threshold', async () => {
  const own = {
    name: 'toy',
    card: { cannotJudge: ['drawings'] },
  };
  const all = {
    id: 'bundle-1',
    ...own,
    card: { ...own.card, trainedOn: ['puppetry'] },
    kinds: { clip: { manipulated: { value: 3.1 }, suspicious: { value: 2.2 } } },
    members: [{ label: 'spectrum' }],
  };
  const withCard = await openDoor({ beside: { card: () => all } });
  const told = (who: 'ann' | 'rita' | 'ada') => json(withCard.ask(who, '/v1/bundle'));
  expect(await told('ann')).toEqual(own);
  expect(await told('rita')).toEqual(all);
  expect(await told('ada')).toEqual(all);
  await withCard.end();
});

test('a full queue says so before the file is read, and when to come again', async () => {
  const full = await openDoor({ memory: { capacity: 1, automatic: false } });
  expect((await full.upload('ann', 'one')).status).toBe(202);
  const busy = await full.upload('ann', 'two');
  expect(busy.status).toBe(503);
  expect(busy.headers.get('Retry-After')).toBe('7');
  expect(await busy.json()).toMatchObject({ code: 'busy' });
  expect(full.incoming()).toEqual([]);
  full.service.analyse();
  expect((await full.upload('ann', 'two')).status).toBe(202);
  await full.end();
});

test('a file of the limit is taken and one byte more is not', async () => {
  const small = await openDoor({ limits: { uploadBytes: 1000 } });
  expect((await small.upload('ann', 'x'.repeat(1000))).status).toBe(202);
  const more = await small.upload('ann', 'x'.repeat(1001));
  expect(more.status).toBe(413);
  expect(await more.json()).toMatchObject({ code: 'file_too_large' });
  expect((await small.upload('ann', 'x'.repeat(10_000_000))).status).toBe(413);
  expect(small.incoming()).toEqual([]);
  expect(small.service.submitted).toBe(1);
  await small.end();
});

test('the log has no names, keys or addresses of files, and each line its request', async () => {
  const before = door.logged.length;
  const response = await door.upload('ann', 'x', 'secret-name-of-a-file.mp4');
  const list = await door.ask('rita', '/v1/media?name=secret-name');
  expect(response.status).toBe(202);
  await list.text();
  await expect.poll(() => door.logged.length).toBeGreaterThanOrEqual(before + 2);
  const lines = door.logged.join('\n');
  expect(lines).not.toContain('secret-name');
  expect(lines).not.toContain(door.folder);
  expect(lines).not.toMatch(/ann|rita/);
  for (const key of Object.values(door.keys)) expect(lines).not.toContain(key);
  expect(lines).toContain(response.headers.get('X-Request-ID'));
  expect(JSON.parse(door.logged.at(-1)!)).toMatchObject({
    route: '/v1/media',
    status: 200,
    role: 'reviewer',
  });
});

test('what breaks inside is told to the log, not to the caller', async () => {
  const broken = await openDoor();
  broken.service.health = () => {
    throw new Error('the disk at /secret/folder/file has a hole');
  };
  const response = await broken.ask(null, '/health');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('hole');
  expect(broken.logged.join('')).toContain('has a hole');
  expect(broken.logged.join('')).not.toContain('/secret');
  await broken.end();
  expect(existsSync(broken.folder)).toBe(false);
});

const ofSystem = (code: string) =>
  Object.assign(new Error(`${code}: said so`), { code, path: '/secret/store' });
const ofDatabase = (what: string) =>
  new UserError(`${what} /secret/store: said so`, { exitCode: exitCodes.environment });
test.each([
  ['no room', ofDatabase('E_DISK_FULL')],
  ['no room', ofSystem('ENOSPC')],
  ['cannot work', ofDatabase('E_NO_ACCESS')],
  ['cannot work', ofSystem('EACCES')],
  ['cannot work', ofSystem('EMFILE')],
])(
  'what the machine lacks is 503, "%s" to the caller, with cause and place in the log alone',
  async (words, error) => {
    const troubled = await openDoor();
    const { requestId } = (await (await troubled.upload('ann', 'F')).json()) as Answer<'Accepted'>;
    const { quarantineId: id } = await json<Answer<'OwnMedia'>>(
      troubled.ask('ann', `/v1/media/${requestId}`),
    );
    troubled.service.hold = () => Promise.reject(error);
    const response = await troubled.ask('ada', `/v1/quarantine/${id}/hold`, posting({ hold: true }));
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('60');
    const { message } = (await response.json()) as { message: string };
    expect(message).toContain(words);
    expect(message).not.toMatch(/secret|said so/);
    const told = troubled.logged.map((line) => JSON.parse(line) as { request: string; trouble?: string });
    expect(told.find(({ trouble }) => trouble)).toMatchObject({
      request: response.headers.get('X-Request-ID'),
      trouble: expect.stringMatching(/secret\/store.*said so/) as string,
    });
    await troubled.end();
  },
);
