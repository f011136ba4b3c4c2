/** What a file goes through: received, judged once, and let through, tagged, held or refused, as the policy says. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkService } from '../../src/screening/check.ts';
import { openDatabase } from '../../src/screening/database.ts';
import { defaultPolicy, readPolicy } from '../../src/screening/policy.ts';
import { sweepRegularly } from '../../src/screening/retention.ts';
import type { OpenedService, ServiceOptions } from '../../src/screening/service.ts';
import { type Event, Refused } from '../../src/screening/types.ts';
import { workFolder } from '../media/tools.ts';
import { hand, judged, openToy, review } from '../support/screening.ts';
import { toyAnalyse } from '../support/toy-analyse.ts';

const at = workFolder();
const opened: OpenedService[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((service) => service.close()));
});
async function open(options: Partial<ServiceOptions> = {}): Promise<OpenedService> {
  const service = await openToy(at('service'), options);
  opened.push(service);
  return service;
}
async function again(options: Partial<ServiceOptions> = {}): Promise<OpenedService> {
  await opened.pop()!.close();
  return open(options);
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('the original is kept byte for byte under its hash, for this user alone', async () => {
  const service = await open();
  const bytes = Buffer.from([99, 0, 255, 13, 10, 254]);
  const media = await hand(service, bytes, { name: '../../evil\n.toy', source: 'bob@example.org' });
  expect(media).toMatchObject({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: 6,
    name: '../../evil\n.toy',
    source: 'bob@example.org',
    submitter: 'ann',
    action: null,
    finding: null,
  });
  const path = service.fileOf(media.sha256);
  expect(path).toBe(at(join('service/vault', media.sha256.slice(0, 2), `${media.sha256}.mp4`)));
  expect(readFileSync(path)).toEqual(bytes);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(service.incoming)).toEqual([]);
});

test.each([
  ['clean', 'NO_SIGNS_FOUND', 'allow'],
  ['suspicious', 'SUSPICIOUS', 'quarantine'],
  ['manipulated', 'MANIPULATED', 'quarantine'],
  ['not applicable', 'NOT_APPLICABLE', 'tag'],
  ['unable', 'UNABLE_TO_EVALUATE', 'quarantine'],
  ['throws', 'UNABLE_TO_EVALUATE', 'quarantine'],
  ['x contradicts itself', 'UNABLE_TO_EVALUATE', 'quarantine'],
])('%s: %s, %s', async (text, status, action) => {
  const service = await open();
  const media = await judged(service, await hand(service, text));
  expect(media).toMatchObject({ status, action, finding: { status, bundle: 'toy-1' } });
  expect(media.quarantineId !== null).toBe(action === 'quarantine');
  expect(JSON.stringify(media.finding!.reasons)).not.toContain(at('.'));
});

test('what takes too long is given up, is held, and is tried again when it is sent again', async () => {
  const begun: string[] = [];
  const analyse = toyAnalyse({ begun: (hash) => void begun.push(hash) });
  const service = await open({ analyse, mostSeconds: 0.05 });
  for (const times of [1, 2]) {
    const media = await judged(service, await hand(service, 'hangs'));
    expect(media).toMatchObject({ status: 'UNABLE_TO_EVALUATE', action: 'quarantine' });
    expect(media.finding!.reasons[0]!.code).toBe('E_TIMEOUT');
    expect(media.finding!.provenance).toEqual({ credentials: 'not-examined', claims: [] });
    expect(begun).toHaveLength(times);
  }
  expect(service.findings(sha256('hangs'))).toHaveLength(2);
  expect(service.quarantine({ page: 0, size: 10 }).totalItems).toBe(1);
});

test('fifty of one file at once are one analysis and fifty answers', async () => {
  const begun: string[] = [];
  const service = await open({
    analyse: toyAnalyse({ delayMs: 50, begun: (hash) => void begun.push(hash) }),
  });
  const events: Event[] = [];
  service.on((event) => void events.push(event));
  const handed = await Promise.all(Array.from({ length: 50 }, () => hand(service, 'manipulated')));
  const answers = await Promise.all(handed.map((media) => judged(service, media)));
  expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(50);
  expect(new Set(answers.map(({ quarantineId }) => quarantineId)).size).toBe(1);
  expect(answers.every(({ status }) => status === 'MANIPULATED')).toBe(true);
  expect(begun).toEqual([sha256('manipulated')]);
  await expect.poll(() => events.length).toBe(50);
  expect(await hand(service, 'manipulated')).toMatchObject({ status: 'MANIPULATED', action: 'quarantine' });
  expect(begun).toHaveLength(1);
  expect(readdirSync(at('service/vault'), { recursive: true })).toHaveLength(2);
});

test('the queue is bounded, and says when to come again', async () => {
  const service = await open({ parallel: 1, mostWaiting: 2 });
  await hand(service, 'hangs');
  await hand(service, 'c2');
  await hand(service, 'c3');
  expect(service.health()).toEqual({ status: 'ok', waiting: 2, analysing: 1, bundle: 'toy-1' });
  expect(() => service.requireRoom()).toThrow(Refused);
  const refused = await hand(service, 'c4').catch((error: unknown) => error);
  expect(refused).toMatchObject({ name: 'Refused', why: 'busy' });
  expect((refused as Refused).retryAfterSeconds).toBeGreaterThan(0);
  expect(readdirSync(service.incoming)).toEqual([]);
});

test('a release lifts the quarantine of the hash, for what the same bundle says', async () => {
  const service = await open();
  const events: Event[] = [];
  service.on((event) => void events.push(event));
  const held = await judged(service, await hand(service, 'manipulated'));
  const decided = await service.review(held.quarantineId!, review());
  expect(decided).toMatchObject({ state: 'released', reviews: [review()] });
  expect(service.media(held.requestId)).toMatchObject({ status: 'MANIPULATED', action: 'allow' });
  expect(await hand(service, 'manipulated')).toMatchObject({ action: 'allow', status: 'MANIPULATED' });
  await expect.poll(() => events.map(({ event }) => event)).toEqual(['verdict', 'released', 'verdict']);

  // Another bundle that says so too has found something new.
  const newer = await again({ bundle: 'toy-2', analyse: toyAnalyse({ bundle: 'toy-2' }) });
  const second = await judged(newer, await hand(newer, 'manipulated'));
  expect(second).toMatchObject({ action: 'quarantine', finding: { bundle: 'toy-2' } });
  expect(second.quarantineId).not.toBe(held.quarantineId);
  expect(newer.findings(held.sha256).map(({ finding }) => finding.bundle)).toEqual(['toy-1', 'toy-2']);
  expect(newer.media(held.requestId)).toMatchObject({ action: 'allow', finding: { bundle: 'toy-1' } });
});

test('what nobody heard of is told to who listens later, once and under the same id, and never again', async () => {
  const service = await open();
  const { requestId } = await judged(service, await hand(service, 'clean'));
  const later = await again();
  const [one, two]: Event[][] = [[], []];
  later.on((event) => void one!.push(event));
  await expect.poll(() => one).toMatchObject([{ event: 'verdict', requestId, action: 'allow' }]);
  later.on((event) => void two!.push(event));
  await judged(later, await hand(later, 'suspicious'));
  await expect.poll(() => [one!.length, two!.length]).toEqual([2, 1]);
  expect(two![0]!.id).toBe(one![1]!.id);
  const warned: string[] = [];
  const last = await again({ warn: (message) => void warned.push(message) });
  last.on(() => {
    throw new Error('it was told again');
  });
  await new Promise((turn) => setImmediate(turn));
  expect(warned).toEqual([]);
});

test('what a listener cannot take is told to it again, and to the others once', async () => {
  const service = await open();
  const [first, second]: string[][] = [[], []];
  let full = true;
  service.on(({ requestId }) => {
    if (full) throw new Error('the disk is full');
    first!.push(requestId);
  });
  service.on(({ requestId }) => void second!.push(requestId));
  const one = await judged(service, await hand(service, 'clean'));
  await expect.poll(() => second).toEqual([one.requestId]);
  full = false;
  const two = await judged(service, await hand(service, 'c another'));
  await expect.poll(() => first).toEqual([one.requestId, two.requestId]);
  expect(second).toEqual([one.requestId, two.requestId]);
});

test('what was confirmed is held at once when it comes again, and nobody is asked', async () => {
  const begun: string[] = [];
  const service = await open({ analyse: toyAnalyse({ begun: (hash) => void begun.push(hash) }) });
  const held = await judged(service, await hand(service, 'suspicious'));
  await service.review(held.quarantineId!, review({ decision: 'confirmed', basis: 'admission' }));
  const second = await hand(service, 'suspicious');
  expect(second).toMatchObject({ action: 'quarantine', quarantineId: held.quarantineId });
  const newer = await again({ bundle: 'toy-2' });
  expect(await hand(newer, 'suspicious')).toMatchObject({
    action: 'quarantine',
    quarantineId: held.quarantineId,
  });
  expect(begun).toHaveLength(1);
  expect(newer.quarantined(held.quarantineId!)).toMatchObject({ state: 'confirmed', media: { length: 3 } });
});

test('two different people release where the policy asks for two, and nobody twice', async () => {
  writeFileSync(at('policy.yaml'), 'releasesNeeded: 2');
  const service = await open({ policy: readPolicy(at('policy.yaml')) });
  const { quarantineId, requestId } = await judged(service, await hand(service, 'manipulated'));
  expect(await service.review(quarantineId!, review())).toMatchObject({ state: 'held' });
  expect(service.media(requestId)!.action).toBe('quarantine');
  await expect(service.review(quarantineId!, review())).rejects.toMatchObject({ why: 'conflict' });
  await expect(service.review(quarantineId!, review({ reviewer: 'otto', reason: ' ' }))).rejects.toThrow(
    /reason/,
  );
  expect(await service.review(quarantineId!, review({ reviewer: 'otto' }))).toMatchObject({
    state: 'released',
  });
  await expect(service.review(quarantineId!, review({ reviewer: 'una' }))).rejects.toMatchObject({
    why: 'conflict',
  });
  expect(service.media(requestId)!.action).toBe('allow');
});

test('a newer bundle that finds nothing takes nothing out of quarantine', async () => {
  const service = await open();
  const held = await judged(service, await hand(service, 'manipulated'));
  const clean = async () => ({
    ...(await toyAnalyse({ bundle: 'toy-2' })({ path: service.fileOf(held.sha256), sha256: held.sha256 })),
    status: 'NO_SIGNS_FOUND' as const,
    score: 0,
  });
  const newer = await again({ bundle: 'toy-2', analyse: clean });
  const media = await judged(newer, await newer.reanalyse(held.sha256, 'adam'));
  expect(media).toMatchObject({ status: 'NO_SIGNS_FOUND', action: 'quarantine' });
  expect(newer.findings(held.sha256)).toHaveLength(2);
});

test('bytes are erased, the hash stays; not under legal hold', async () => {
  const service = await open();
  const held = await judged(service, await hand(service, 'manipulated'));
  await service.hold(held.quarantineId!, 'adam', true);
  await expect(service.erase(held.sha256, 'adam', 'asked to')).rejects.toMatchObject({ why: 'conflict' });
  await service.hold(held.quarantineId!, 'adam', false);
  const path = service.fileOf(held.sha256);
  await service.erase(held.sha256, 'adam', 'asked to');
  expect(existsSync(path)).toBe(false);
  expect(() => service.fileOf(held.sha256)).toThrow(Refused);
  expect(service.quarantined(held.quarantineId!)).toMatchObject({ kept: false, sha256: held.sha256 });
  await expect(service.erase(held.sha256, 'adam', 'asked to')).rejects.toMatchObject({ why: 'gone' });
  await expect(service.hold(held.quarantineId!, 'adam', true)).rejects.toMatchObject({ why: 'conflict' });
  const whats = (page: number, size: number): string[] =>
    service.history(held.sha256, { page, size }).items.map(({ what }) => what);
  expect(whats(0, 10)).toEqual(['erased', 'hold ended', 'hold', 'quarantine', 'verdict', 'received']);
  expect(whats(1, 4)).toEqual(['verdict', 'received']);
  // It may come again.
  expect(await hand(service, 'manipulated', { extension: '.mov' })).toMatchObject({ action: 'quarantine' });
  expect(service.fileOf(held.sha256)).toMatch(/\.mov$/);
});

test('bytes are deleted when the time of their verdict is over', async () => {
  const service = await open();
  const texts = ['clean', 'not applicable', 'suspicious', 'manipulated', 'm on hold'];
  const all = await Promise.all(texts.map(async (text) => judged(service, await hand(service, text))));
  await service.review(all[3]!.quarantineId!, review({ decision: 'confirmed' }));
  await service.review(all[4]!.quarantineId!, review({ decision: 'confirmed' }));
  await service.hold(all[4]!.quarantineId!, 'adam', true);
  const kept = () =>
    texts.filter((text) =>
      existsSync(at(join('service/vault', sha256(text).slice(0, 2), `${sha256(text)}.mp4`))),
    );
  const inDays = (days: number) =>
    service.sweepOld(new Date(Date.parse(all[0]!.receivedAt) + days * 86_400_000));
  expect(await inDays(29)).toBe(0);
  expect(kept()).toEqual(texts);
  expect(await inDays(31)).toBe(2);
  // What nobody decided about stays, and what is under legal hold.
  expect(await inDays(366)).toBe(1);
  expect(kept()).toEqual(['suspicious', 'm on hold']);
});

test('what is kept no longer is looked for at the start, and again and again', async () => {
  const [swept, told]: [Date[], string[]] = [[], []];
  const sweepOld = async (now: Date): Promise<void> => {
    if (swept.push(now) === 2) throw new Error('the disk is full');
  };
  const end = await sweepRegularly(sweepOld, 5, (message) => void told.push(message));
  expect(swept).toHaveLength(1);
  await expect.poll(() => swept.length).toBeGreaterThan(2);
  end();
  expect(told).toEqual([expect.stringContaining('not deleted: the disk is full')]);
});

test('near copies are shown with what people decided, and condemn nothing', async () => {
  const service = await open();
  const fake = await judged(service, await hand(service, 'ma original'));
  await service.review(fake.quarantineId!, review({ decision: 'confirmed' }));
  const copy = await judged(service, await hand(service, 'ca copy of it'));
  const other = await judged(service, await hand(service, 'cz unlike'));
  expect(copy.action).toBe('allow');
  expect(copy.similar).toEqual([
    { sha256: fake.sha256, differingBits: expect.any(Number) as number, decision: 'confirmed' },
  ]);
  expect(copy.similar[0]!.differingBits).toBeLessThan(3);
  expect(service.media(fake.requestId)!.similar.map((near) => near.sha256)).toEqual([copy.sha256]);
  expect(other.similar).toEqual([]);
});

test('lists are paged and filtered', async () => {
  const service = await open();
  for (const [i, text] of ['c1', 'm1', 'c2', 'm2', 'c3'].entries())
    await judged(
      service,
      await hand(service, text, { name: `Film_${i}%.toy`, submitter: i % 2 ? 'ann' : 'ben' }),
    );
  const names = (filter: object) =>
    service.list({ page: 0, size: 10, ...filter }).items.map(({ name }) => name[5]);
  expect(names({})).toEqual(['4', '3', '2', '1', '0']);
  expect(service.list({ page: 1, size: 2 })).toMatchObject({ totalItems: 5, totalPages: 3, currentPage: 1 });
  expect(names({ page: 1, size: 2 })).toEqual(['2', '1']);
  expect(names({ status: 'MANIPULATED' })).toEqual(['3', '1']);
  expect(names({ action: 'allow', submitter: 'ben' })).toEqual(['4', '2', '0']);
  expect(names({ name: 'film_3%' })).toEqual(['3']);
  expect(names({ name: "'; DROP TABLE requests" })).toEqual([]);
  const { receivedAt } = service.list({ page: 2, size: 2 }).items[0]!;
  expect(names({ until: receivedAt })).toEqual([]);
  expect(names({ since: receivedAt })).toHaveLength(5);
  // Two hours east the clock shows two hours more at the same moment.
  const east = new Date(Date.parse(receivedAt) + 7_200_000).toISOString().replace('Z', '+02:00');
  expect(names({ since: east })).toHaveLength(5);
  expect(names({ until: east })).toHaveLength(0);
  expect(service.quarantine({ page: 0, size: 1, state: 'held' })).toMatchObject({
    totalItems: 2,
    totalPages: 2,
  });
});

test('one service a folder; what waits when it closes goes on in the next', async () => {
  const service = await open({ analyse: toyAnalyse({ delayMs: 10_000 }) });
  const [one, two, three] = await Promise.all(['c1', 'm2', 'c3'].map((text) => hand(service, text)));
  await expect(openToy(at('service'))).rejects.toThrow(/locked by pid/);
  const next = await again();
  expect((await judged(next, one!)).status).toBe('NO_SIGNS_FOUND');
  expect((await judged(next, two!)).status).toBe('MANIPULATED');
  expect((await judged(next, three!)).status).toBe('NO_SIGNS_FOUND');
});

/** The steps back to the tables of an earlier version. */
const tablesOf: Record<number, string[]> = {
  2: [
    'DROP TABLE opinions',
    'DROP TRIGGER reviewsStand',
    'DROP TRIGGER reviewsStay',
    'ALTER TABLE reviews RENAME TO newer',
    `CREATE TABLE reviews (
       id INTEGER PRIMARY KEY AUTOINCREMENT, quarantineId TEXT NOT NULL REFERENCES quarantines (quarantineId), reviewer TEXT NOT NULL,
       decision TEXT NOT NULL, basis TEXT NOT NULL, reason TEXT NOT NULL, opinionBefore TEXT NOT NULL, at TEXT NOT NULL,
       UNIQUE (quarantineId, reviewer)
     ) STRICT`,
    'INSERT INTO reviews SELECT id, quarantineId, reviewer, decision, basis, reason, opinionBefore, at FROM newer',
    'DROP TABLE newer',
    `CREATE TRIGGER reviewsStand BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'a review is never changed'); END`,
    `CREATE TRIGGER reviewsStay BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'a review is never deleted'); END`,
    'PRAGMA user_version = 2',
  ],
  1: ['DROP TABLE events', 'ALTER TABLE verdicts DROP COLUMN receipt', 'PRAGMA user_version = 1'],
};

test.each([1, 2])(
  'a folder of version %d goes on: what it knows stays, and nobody but a service changes it',
  async (version) => {
    const policy = { ...defaultPolicy, releasesNeeded: 2 as const };
    const service = await open({ policy });
    const held = await judged(service, await hand(service, 'manipulated'));
    await service.review(held.quarantineId!, review());
    await opened.pop()!.close();
    const db = openDatabase(at('service'), { make: false });
    for (const steps of [tablesOf[2]!, version === 1 ? tablesOf[1]! : []])
      steps.forEach((step) => db.run(step));
    db.close();
    await expect(checkService(at('service'))).rejects.toThrow(
      `tables: ${version}, here: 3). Start the service there`,
    );
    const next = await open({ policy });
    expect(next.media(held.requestId)).toMatchObject({ status: 'MANIPULATED', action: 'quarantine' });
    expect(next.quarantined(held.quarantineId!)).toMatchObject({
      reviews: [{ reviewer: 'rita', seen: 1 }],
      opinions: [{ reviewer: 'rita', opinion: 'real' }],
    });
    await expect(next.review(held.quarantineId!, review())).rejects.toMatchObject({ why: 'conflict' });
    expect(await next.review(held.quarantineId!, review({ reviewer: 'otto' }))).toMatchObject({
      state: 'released',
    });
    expect(await judged(next, await hand(next, 'clean'))).toMatchObject({ action: 'allow' });
    await opened.pop()!.close();
    expect((await checkService(at('service'))).problems).toEqual([]);
  },
);

test('what is handed in lies in the folder for it, and is no link', async () => {
  const service = await open();
  writeFileSync(at('secret'), 'c');
  const file = { name: 'x', source: 'upload', submitter: 'ann' };
  await expect(service.submit({ ...file, path: at('secret') })).rejects.toThrow(/is a file in/);
  expect(existsSync(at('secret'))).toBe(true);
});
