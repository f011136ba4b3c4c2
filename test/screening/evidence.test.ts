/** A file of evidence says what happened, to somebody who has nothing else; and whatever is changed in it is found. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/screening/database.ts';
import { packEvidence, type Statement, writeEvidence } from '../../src/screening/evidence.ts';
import { publicKeyOf, signingKey } from '../../src/screening/signing-key.ts';
import { verifyEvidence } from '../../src/screening/verify-evidence.ts';
import { workFolder } from '../media/tools.ts';
import { hand, judged, openToy, review } from '../support/screening.ts';
import { toyAnalyse } from '../support/toy-analyse.ts';

const at = workFolder();
const card = 'c'.repeat(64);
/** Bytes from one changed to the next, in the longest of the files. */
const step = process.env['MASQUE_TESTS'] === 'night' ? 1 : 31;

async function evidence(erased = false): Promise<{ path: string; publicKey: string }> {
  const service = await openToy(at('service'), { bundleCard: card });
  await judged(service, await hand(service, 'clean'));
  const held = await judged(service, await hand(service, 'manipulated, 🎭', { source: 'an e-mail' }));
  await service.review(held.quarantineId!, review({ decision: 'confirmed', basis: 'admission' }));
  if (erased) await service.erase(held.sha256, 'adam', 'a court wants it');
  await service.evidence(held.sha256, at('evidence.tar'));
  await service.close();
  return { path: at('evidence.tar'), publicKey: publicKeyOf(await signingKey(at('service'))) };
}

type Entries = Record<string, Buffer>;
async function unpacked(path: string): Promise<Entries> {
  const found: Entries = {};
  const tar = extract();
  Readable.from([readFileSync(path)]).pipe(tar);
  for await (const entry of tar) found[entry.header.name] = await buffer(entry);
  return found;
}
async function packed(entries: Entries): Promise<string> {
  const tar = pack();
  for (const [name, content] of Object.entries(entries)) tar.entry({ name }, content);
  tar.finalize();
  writeFileSync(at('changed.tar'), await buffer(tar));
  return at('changed.tar');
}

test('holds the original, receipts, findings, reviews, the log and the hash of the card', async () => {
  const { path, publicKey } = await evidence();
  expect(statSync(at('service/keys/evidence.pem')).mode & 0o777).toBe(0o600);
  const found = await verifyEvidence(path, publicKey);
  const { statement } = found as { statement: Statement };
  expect(statement).toMatchObject({
    original: 'original.mp4',
    receipts: [{ name: 'holiday.toy', source: 'an e-mail', submitter: 'ann', action: 'quarantine' }],
    findings: [{ finding: { status: 'MANIPULATED', bundle: 'toy-1' } }],
    bundles: [{ id: 'toy-1', card }],
    quarantines: [{ state: 'confirmed', reviews: [{ reviewer: 'rita', basis: 'admission' }] }],
  });
  expect(statement.audit.lines.map(({ entry }) => entry.what)).toEqual([
    'received',
    'verdict',
    'quarantine',
    'review',
    'confirmed',
  ]);
  expect(statement.audit.number).toBe(8);
  const { 'original.mp4': original } = await unpacked(path);
  expect(createHash('sha256').update(original!).digest('hex')).toBe(statement.sha256);
  expect(await verifyEvidence(path)).toEqual(found);
});

test('says what was known at one moment, and nothing that came while the log was read', async () => {
  let judge = (): void => {};
  const waits = new Promise<void>((settle) => (judge = settle));
  const analyse = toyAnalyse();
  const service = await openToy(at('service'), { analyse: (file) => waits.then(() => analyse(file)) });
  const media = await hand(service, 'manipulated');
  const db = openDatabase(at('service'), { make: false });
  const needs = {
    db,
    folder: at('service'),
    at: new Date().toISOString(),
    pathOf: () => service.fileOf(media.sha256),
    async logged() {
      judge();
      await judged(service, media);
      await service.settled();
    },
  };
  await writeEvidence(needs, media.sha256, at('evidence.tar'));
  const { statement } = (await verifyEvidence(at('evidence.tar'))) as { statement: Statement };
  expect(statement).toMatchObject({
    receipts: [{ action: null }],
    findings: [],
    quarantines: [],
    audit: { number: 1, lines: [{ entry: { what: 'received' } }] },
  });
  expect(statement.audit.head).toBe(statement.audit.lines[0]!.hash);
  await writeEvidence({ ...needs, logged: service.settled }, media.sha256, at('evidence.tar'));
  expect(await verifyEvidence(at('evidence.tar'))).toMatchObject({
    statement: {
      receipts: [{ action: 'quarantine' }],
      findings: [{ finding: { status: 'MANIPULATED' } }],
      audit: { number: 3 },
    },
  });
  db.close();
  await service.close();
});

test('of a content that came again and again the first and last receipts, with all that is said of these', async () => {
  const service = await openToy(at('service'));
  const first = await judged(service, await hand(service, 'manipulated'));
  const db = openDatabase(at('service'), { make: false });
  const more = JSON.stringify(Array.from({ length: 1500 }, (_, i) => `receipt-${i}`));
  db.change(() => {
    // Each of them had a verdict of its own, as what cannot be evaluated has.
    db.run(
      `INSERT INTO verdicts (sha256, bundle, at, status, final, finding) SELECT v.sha256, bundle, at, 'UNABLE_TO_EVALUATE', 0, json_set(finding, '$.status', more.value) FROM verdicts v, json_each(?) more`,
      more,
    );
    db.run(
      `INSERT INTO requests (requestId, sha256, name, source, submitter, receivedAt, status, verdict, action, quarantineId)
       SELECT v.finding ->> 'status', r.sha256, name, source, submitter, receivedAt, v.status, v.id, action, quarantineId FROM requests r, verdicts v WHERE v.final = 0 ORDER BY v.id`,
    );
    db.run(
      `INSERT INTO audit (sha256, entry) SELECT sha256, json_object('at', receivedAt, 'what', 'received', 'sha256', sha256, 'requestId', requestId) FROM requests WHERE number > 1`,
    );
  });
  db.close();
  const last = await hand(service, 'manipulated', { name: 'the last' });
  await service.evidence(first.sha256, at('evidence.tar'));
  const { statement } = (await verifyEvidence(at('evidence.tar'))) as { statement: Statement };
  const ids = statement.receipts.map(({ requestId }) => requestId);
  expect(ids).toHaveLength(1000);
  expect([ids[0], ids[1], ids[499], ids[500], ids[999]]).toEqual([
    first.requestId,
    'receipt-0',
    'receipt-498',
    'receipt-1001',
    last.requestId,
  ]);
  // 1,502 receipts; the first and the last have one finding, each of the others has one.
  expect(statement.leftOut).toEqual({ receipts: 502, findings: 502, entries: 502 });
  expect(statement.findings).toHaveLength(999);
  expect(statement.findings[0]).toMatchObject({ finding: { status: 'MANIPULATED' } });
  expect(statement.audit.lines).toHaveLength(3 + 998 + 2);
  await service.close();
});

test('what would be too large to be verified is not written', async () => {
  const service = await openToy(at('service'));
  const { sha256 } = await hand(service, 'clean');
  const db = openDatabase(at('service'), { make: false });
  db.run('UPDATE requests SET name = hex(zeroblob(33600000))');
  db.close();
  await expect(service.evidence(sha256, at('evidence.tar'))).rejects.toMatchObject({ why: 'conflict' });
  expect(existsSync(at('evidence.tar'))).toBe(false);
  await service.close();
  await expect(packEvidence(at('service'), sha256, at('evidence.tar'))).rejects.toThrow(/holds at most/);
});

test('without the original once its bytes are erased', async () => {
  const { path, publicKey } = await evidence(true);
  expect(await verifyEvidence(path, publicKey)).toMatchObject({
    statement: { original: null, quarantines: [{ kept: false }] },
  });
});

test('no byte of what it says can be changed unnoticed', async () => {
  const { path, publicKey } = await evidence();
  const entries = await unpacked(path);
  for (const name of ['statement.json', 'key.pem', 'original.mp4', 'statement.sig'])
    for (let place = 0; place < entries[name]!.length; place += name === 'statement.json' ? step : 1) {
      const changed = Buffer.from(entries[name]!);
      changed[place]! ^= 1;
      // Some letters of PEM and base64 carry bits that mean nothing; then the key or the signature is the same.
      const verified = await verifyEvidence(await packed({ ...entries, [name]: changed }), publicKey);
      if (name === 'statement.json' || name === 'original.mp4')
        expect(verified, `${name} ${place}`).toEqual({ broken: expect.stringContaining(name) as string });
      else if (!('broken' in verified))
        expect(verified.statement).toEqual(JSON.parse(entries['statement.json']!.toString()));
    }
});

test('what was left out, put in, cut off or signed by somebody else is named', async () => {
  const { path, publicKey } = await evidence();
  const entries = await unpacked(path);
  const verdict = async (changed: Entries) => {
    const found = await verifyEvidence(await packed(changed), publicKey);
    return 'broken' in found ? found.broken : 'holds';
  };
  expect(await verdict(entries)).toBe('holds');
  const { 'original.mp4': original, ...without } = entries;
  expect(await verdict(without)).toBe('original.mp4 is not in it');
  expect(await verdict({ ...entries, 'original.avi': original! })).toContain('original.avi is in it');
  expect(await verdict({ ...entries, '../../evil': original! })).toBe('"../../evil" does not belong in it');
  const { 'statement.sig': _, ...unsigned } = entries;
  expect(await verdict(unsigned)).toBe('statement.sig is not in it');

  const { privateKey } = generateKeyPairSync('ed25519');
  const resigned = (statement: Statement): Entries => {
    const text = Buffer.from(JSON.stringify(statement));
    const signature = Buffer.from(sign(null, text, privateKey).toString('base64'));
    return {
      ...entries,
      'statement.json': text,
      'statement.sig': signature,
      'key.pem': Buffer.from(publicKeyOf(privateKey)),
    };
  };
  const statement = JSON.parse(entries['statement.json']!.toString()) as Statement;
  expect(await verdict(resigned(statement))).toBe('it was signed with another key');
  // Even whoever has the key cannot change one entry of the log alone.
  statement.audit.lines[2]!.entry['reviewer'] = 'somebody';
  const own = await verifyEvidence(await packed(resigned(statement)));
  expect(own).toEqual({ broken: `entry ${statement.audit.lines[2]!.number} of the audit log was changed` });

  const whole = readFileSync(path);
  for (const share of [0, 0.1, 0.5, 0.9]) {
    writeFileSync(at('cut.tar'), whole.subarray(0, Math.round(share * whole.length)));
    expect(await verifyEvidence(at('cut.tar'), publicKey)).toHaveProperty('broken');
  }
  await expect(verifyEvidence(at('nowhere.tar'))).rejects.toThrow(/ENOENT/);
});
