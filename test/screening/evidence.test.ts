/** A file of evidence says what happened, to somebody who has nothing else; and whatever is changed in it is found. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Statement } from '../../src/screening/evidence.ts';
import { publicKeyOf, signingKey } from '../../src/screening/signing-key.ts';
import { verifyEvidence } from '../../src/screening/verify-evidence.ts';
import { workFolder } from '../media/tools.ts';
import { hand, judged, openToy, review } from '../support/screening.ts';

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
}, 120_000);

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
