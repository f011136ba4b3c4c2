/** A service's folder that other hands were in is found out; what a crash left is swept at the next start. */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import Database from 'libsql';
import { beforeEach, expect, test } from 'vitest';
import { checkService } from '../../src/screening/check.ts';
import { openToy, hand, judged, review } from '../support/screening.ts';
import { workFolder } from '../media/tools.ts';

const at = workFolder();
const log = () => at('service/audit.log.jsonl');
let fake: string;

beforeEach(async () => {
  const service = await openToy(at('service'));
  await judged(service, await hand(service, 'clean'));
  const held = await judged(service, await hand(service, 'manipulated'));
  await service.review(held.quarantineId!, review());
  fake = service.fileOf(held.sha256);
  await service.close();
});

/** Each is told with what to do about it. */
const problems = async (): Promise<string[]> => {
  const { problems: all } = await checkService(at('service'));
  for (const { remedy } of all) expect(remedy).toMatch(/put back a copy|the next start of the service/);
  return all.map(({ found }) => found);
};

test('nothing is wrong with what the service left, nor while one runs', async () => {
  expect(await checkService(at('service'))).toEqual({ receipts: 2, contents: 2, waiting: 0, problems: [] });
  const service = await openToy(at('service'));
  expect(await problems()).toEqual([]);
  await service.close();
  await expect(checkService(at('nowhere'))).rejects.toThrow(/no screening service/);
});

test('a file changed, cut, removed or put in', async () => {
  const whole = readFileSync(fake);
  chmodSync(fake, 0o600);
  writeFileSync(fake, whole.toString().replace('m', 'n'));
  expect(await problems()).toEqual([expect.stringContaining('was changed') as string]);
  expect((await checkService(at('service'), { bytes: false })).problems).toEqual([]);
  truncateSync(fake, 3);
  expect(await problems()).toEqual([expect.stringContaining('has 3 bytes') as string]);
  renameSync(fake, `${fake}.old`);
  expect(await problems()).toEqual([
    expect.stringContaining('belongs to nothing') as string,
    expect.stringContaining('is missing') as string,
  ]);
  writeFileSync(at('service/incoming/half'), 'half');
  writeFileSync(fake, whole);
  rmSync(`${fake}.old`);
  expect(await problems()).toEqual([expect.stringContaining('incoming/half was left behind') as string]);
});

/** Does `then` once, between this call for a path that ends so and its answer. */
function after(call: 'readdir' | 'stat', ending: string, then: () => Promise<unknown>): () => void {
  const real = promises[call] as (...args: unknown[]) => Promise<unknown>;
  const restore = (): void => {
    Object.assign(promises, { [call]: real });
    syncBuiltinESMExports();
  };
  const meddling = async (...args: unknown[]): Promise<unknown> => {
    const answer = await real(...args);
    if (!String(args[0]).endsWith(ending)) return answer;
    restore();
    await then();
    return answer;
  };
  Object.assign(promises, { [call]: meddling });
  syncBuiltinESMExports();
  return restore;
}

test('what a running service deletes while its folder is looked through is not missing', async () => {
  const service = await openToy(at('service'));
  for (const [call, where] of [
    ['readdir', 'folder'],
    ['readdir', 'vault'],
    ['stat', 'file'],
  ] as const) {
    const { sha256, receivedAt } = await judged(service, await hand(service, 'clean, too'));
    const path = service.fileOf(sha256);
    const ending = { vault: 'service/vault', folder: dirname(path), file: path }[where];
    let deleted = 0;
    const restore = after(call, ending, async () => {
      deleted = await service.sweepOld(new Date(Date.parse(receivedAt) + 40 * 86_400_000));
    });
    try {
      expect(await problems(), `after ${call} of ${where}`).toEqual([]);
    } finally {
      restore();
    }
    expect(deleted, `after ${call} of ${where}`).toBeGreaterThan(0);
  }
  rmSync(fake);
  expect(await problems()).toEqual([expect.stringContaining('is missing') as string]);
  await service.close();
});

test('the next start sweeps what belongs to nothing, and nothing else', async () => {
  writeFileSync(at('service/incoming/half'), 'half');
  mkdirSync(at('service/vault/00'), { recursive: true });
  writeFileSync(at(`service/vault/00/00${'1'.repeat(62)}.mp4`), 'orphan');
  expect(await problems()).toHaveLength(2);
  await (await openToy(at('service'))).close();
  expect(await problems()).toEqual([]);
  expect(readFileSync(fake, 'utf8')).toBe('manipulated');
});

/** Changes the database with foreign hands: no checks, no triggers. */
function withDatabase(...changes: string[]): void {
  const db = new Database(at('service/store.db'));
  db.exec(`PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; ${changes.join(';')}`);
  db.close();
}

test.each([
  [
    'no state',
    "UPDATE requests SET verdict = NULL WHERE status = 'MANIPULATED'",
    'has no state, or more than one',
  ],
  [
    'another status than its verdict',
    "UPDATE requests SET status = 'NO_SIGNS_FOUND' WHERE status = 'MANIPULATED'",
    'has no state',
  ],
  [
    'let go without a review',
    'DROP TRIGGER reviewsStay; DELETE FROM reviews',
    'without a clean verdict or a reviewer',
  ],
  ['never released', "UPDATE quarantines SET state = 'held'", 'without a clean verdict or a reviewer'],
  [
    'two final verdicts',
    `DROP INDEX finalVerdict; INSERT INTO verdicts (sha256, bundle, at, status, final, finding) SELECT sha256, bundle, at, status, final, finding FROM verdicts`,
    'two final verdicts',
  ],
  [
    'an entry of the log rewritten',
    `DROP TRIGGER auditStands; UPDATE audit SET entry = replace(entry, 'rita', 'otto')`,
    'is none of this service',
  ],
])('a database with %s', async (_, change, told) => {
  withDatabase(change);
  expect((await problems()).join('\n')).toContain(told);
});

test('the tables refuse to change or forget what was said', () => {
  for (const change of [
    "UPDATE verdicts SET status = 'NO_SIGNS_FOUND'",
    'DELETE FROM verdicts',
    'DELETE FROM reviews',
    "UPDATE reviews SET reviewer = 'x'",
    'DELETE FROM audit',
    "UPDATE audit SET entry = ''",
  ])
    expect(() => withDatabase(change), change).toThrow(/never/);
});

test('the log edited, cut, moved, grown by other hands or gone: found, and no service starts on it', async () => {
  const whole = readFileSync(log(), 'utf8');
  const lines = whole.trimEnd().split('\n');
  const changes: [string, string][] = [
    ['edited', whole.replace('rita', 'otto')],
    ['without its last entry', `${lines.slice(0, -1).join('\n')}\n`],
    ['cut in its last entry', whole.slice(0, -20)],
    ['without one in the middle', `${lines.toSpliced(2, 1).join('\n')}\n`],
    ['in another order', `${[lines[1], lines[0], ...lines.slice(2)].join('\n')}\n`],
    ['empty', ''],
    ['with a line of others', `${whole}${lines[0]}\n`],
  ];
  for (const [what, text] of changes) {
    writeFileSync(log(), text);
    expect(await problems(), what).toHaveLength(1);
    await expect(openToy(at('service')), what).rejects.toThrow(/Nothing is appended to it; put back a copy/);
  }
  rmSync(log());
  expect(await problems()).toHaveLength(1);
  await expect(openToy(at('service'))).rejects.toThrow(/Nothing is appended to it; put back a copy/);
  writeFileSync(log(), whole);
  expect(await problems()).toEqual([]);
  // What a crash left of an entry that the database still has is no edit.
  appendFileSync(log(), '{"number":7,"prev');
  await (await openToy(at('service'))).close();
  expect(await problems()).toEqual([]);
  expect(readFileSync(log(), 'utf8')).toBe(whole);
});

test('a service never shows what a byte of the log was changed to', async () => {
  const whole = readFileSync(log());
  for (let place = 0; place < whole.length; place += process.env['MASQUE_TESTS'] === 'night' ? 1 : 41) {
    const changed = Buffer.from(whole);
    changed[place]! ^= 1;
    writeFileSync(log(), changed);
    expect((await problems()).length, `byte ${place}`).toBeGreaterThan(0);
  }
});
