/** What is said of a service's folder from the command line: evidence, audit, reviewers' decisions as a data set, doctor. Exit codes and words. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Database from 'libsql';
import { beforeEach, expect, test, vi } from 'vitest';
import { reviewed } from '../../datasets/reviewed.ts';
import { audit } from '../../experiments/audit.ts';
import { catalog } from '../../experiments/catalog.ts';
import { pack, verify } from '../../experiments/evidence.ts';
import { screeningFindings } from '../../experiments/screening-findings.ts';
import { readExperiment } from '../../src/config.ts';
import type { Basis, Media } from '../../src/screening/types.ts';
import { goldenPath } from '../golden/make.ts';
import { workFolder } from '../media/tools.ts';
import { listedIn } from '../support/listed.ts';
import { hand, judged, openToy, review } from '../support/screening.ts';
import { toyAnalyse } from '../support/toy-analyse.ts';

const at = workFolder();
const project = resolve(import.meta.dirname, '../..');

function masque(...args: string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((settle) => {
    execFile(
      process.execPath,
      [resolve(project, 'experiments/masque.mjs'), ...args],
      { cwd: at('.') },
      (error, stdout, stderr) => settle({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

let held: Media;
const log = (): string => at('screening/audit.log.jsonl');

/** In the folder that `serve` has by default. */
beforeEach(async () => {
  const service = await openToy(at('screening'));
  await judged(service, await hand(service, 'clean'));
  held = await judged(service, await hand(service, 'manipulated'));
  await service.review(held.quarantineId!, review({ decision: 'confirmed', basis: 'admission' }));
  await service.close();
});

/** What a command says and returns, without a process of its own; paths are left out. */
async function told(command: () => Promise<number>): Promise<{ code: number; stdout: string }> {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const code = await command();
    const stdout = written.mock.calls.map(([text]) => String(text)).join('');
    return { code, stdout: stdout.replaceAll(at('.'), '') };
  } finally {
    written.mockRestore();
  }
}
const audited = (head?: string) => told(() => audit(at('screening'), head));

test('evidence is packed by hash or by receipt, also beside a running service, and verified without either', async () => {
  const key = await masque('evidence', 'key');
  expect(key.stdout).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  writeFileSync(at('newsroom.pem'), key.stdout);
  const service = await openToy(at('screening'));
  expect(await masque('evidence', 'pack', held.sha256)).toMatchObject({ code: 0, stderr: '' });
  const packed = await told(() => pack(at('screening'), held.requestId, at('case.tar')));
  expect(packed).toEqual({ code: 0, stdout: expect.stringContaining('that of this service') as string });
  await service.close();
  rmSync(at('screening'), { recursive: true });

  const known = await masque('evidence', 'verify', 'case.tar', '--public-key', 'newsroom.pem');
  expect(known).toMatchObject({ code: 0, stderr: '' });
  expect(known.stdout).toContain(`${held.sha256} (11 bytes), whose original is in it`);
  expect(known.stdout).toContain('that in newsroom.pem');
  const unknown = await told(() => verify(at(`evidence-${held.sha256}.tar`)));
  expect(unknown.code).toBe(0);
  expect(unknown.stdout).toContain('only integrity was checked, not the signer');

  const changed = readFileSync(at('case.tar'));
  changed[changed.indexOf('manipulated')]! ^= 1;
  writeFileSync(at('changed.tar'), changed);
  expect(await masque('evidence', 'verify', 'changed.tar')).toMatchObject({
    code: 1,
    stdout: 'changed.tar: broken: original.mp4 was changed: its SHA-256 is not that of the statement\n',
  });
});

test('evidence of nothing, of no service, by no key: wrong use', async () => {
  const refused = (command: Promise<number>) => expect(command).rejects;
  await refused(pack(at('screening'), 'f'.repeat(64), at('case.tar'))).toThrow(/nothing of that hash or id/);
  await refused(pack(at('elsewhere'), held.sha256, at('case.tar'))).toThrow(/no screening service has been/);
  await refused(verify(at('case.tar'))).toThrow(/case\.tar: cannot be read \(ENOENT\)/);
  await told(() => pack(at('screening'), held.sha256, at('case.tar')));
  writeFileSync(at('no.pem'), 'no key');
  await refused(verify(at('case.tar'), at('no.pem'))).toThrow(
    'the key to verify by is no Ed25519 key in PEM',
  );
  expect(readdirSync(at('.')).toSorted()).toEqual(['case.tar', 'no.pem', 'screening']);
  expect(await masque('evidence', 'pack')).toMatchObject({
    code: 2,
    stderr: 'evidence pack: name the SHA-256 of a file, or the id of a receipt\n',
  });
});

test('an original that was changed in the vault makes no evidence', async () => {
  writeFileSync(at(`screening/vault/${held.sha256.slice(0, 2)}/${held.sha256}.mp4`), 'Manipulated');
  const { code, stdout } = await told(() => pack(at('screening'), held.sha256, at('case.tar')));
  expect([code, stdout]).toEqual([1, expect.stringContaining('broken: original.mp4 was changed')]);
});

test('the log holds, from the head that was kept on; edited, cut or begun anew it does not', async () => {
  const first = await masque('audit');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/: 8 entries, each in its place\n/);
  const head = /elsewhere: ([0-9a-f]{64})\n$/.exec(first.stdout)![1]!;
  const service = await openToy(at('screening'));
  await judged(service, await hand(service, 'c, too'));
  await service.close();
  const later = await audited(head);
  expect(later).toMatchObject({ code: 0 });
  expect(later.stdout).toMatch(/: 11 entries, .*the hash that was kept elsewhere is among them/);
  await expect(audit(at('screening'), '0'.repeat(63))).rejects.toThrow('no hash of an entry');

  const whole = readFileSync(log(), 'utf8');
  writeFileSync(log(), whole.replace('"review"', '"Review"'));
  expect(await masque('audit')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^broken: .*: entry 7 was changed\n$/) as string,
  });
  writeFileSync(log(), whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1));
  expect((await audited()).code).toBe(1);

  // Somebody who writes all of it anew, log and database, is found by the head alone.
  rmSync(at('screening'), { recursive: true });
  const forged = await openToy(at('screening'));
  await judged(forged, await hand(forged, 'clean'));
  await forged.close();
  expect((await audited()).code).toBe(0);
  expect(await audited(head)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('the hash kept elsewhere is not in it') as string,
  });
});

test('what a service has not written into its log yet is no edit, and packs no evidence', async () => {
  const whole = readFileSync(log(), 'utf8');
  const lines = whole.trimEnd().split('\n');
  const { number, hash } = JSON.parse(lines.at(-2)!) as { number: number; hash: string };
  // As after a crash between the database and the log.
  writeFileSync(log(), `${lines.slice(0, -1).join('\n')}\n`);
  const db = new Database(at('screening/store.db'));
  db.exec(`UPDATE settings SET value = '${number}' WHERE name = 'auditNumber'`);
  db.exec(`UPDATE settings SET value = '${hash}' WHERE name = 'auditHead'`);
  db.close();
  const { code, stdout } = await audited();
  expect([code, stdout]).toEqual([0, expect.stringContaining('1 more are in the database')]);
  expect(stdout).not.toContain('torn');
  // Killed while it wrote: no edit either, and another is not hidden by it.
  const torn = `${lines.slice(0, -1).join('\n')}\n${lines.at(-1)!.slice(0, 40)}`;
  writeFileSync(log(), torn);
  const killed = await audited();
  expect([killed.code, killed.stdout]).toEqual([0, expect.stringContaining('torn, as a kill leaves it')]);
  expect(killed.stdout).toContain('1 more are in the database');
  expect((await screeningFindings(at('screening')))[0]!.found).toMatch(/each in one state$/);
  writeFileSync(log(), torn.replace('"received"', '"Received"'));
  expect((await audited()).code).toBe(1);
  writeFileSync(log(), torn);
  const packing = pack(at('screening'), held.sha256, at('case.tar'));
  await expect(packing).rejects.toThrow('it lacks 1 entries about this file');
  await (await openToy(at('screening'))).close();
  expect(readFileSync(log(), 'utf8')).toBe(whole);
  expect(await told(() => pack(at('screening'), held.sha256, at('case.tar')))).toMatchObject({ code: 0 });
});

test('an experiment reads what was exported, and is asked only about what rests on more than an opinion', async () => {
  const bases: Record<string, Basis> = {
    'clip.mp4': 'original-found',
    'silent.mp4': 'opinion',
    'tone.wav': 'admission',
    'photo.jpg': 'opinion',
  };
  const service = await openToy(at('desk'), {
    analyse: async ({ sha256 }) => {
      writeFileSync(at('judged'), 'manipulated');
      return { ...(await toyAnalyse()({ path: at('judged'), sha256 })), fingerprints: [] };
    },
    parallel: 1,
  });
  for (const [name, basis] of Object.entries(bases)) {
    const extension = name.slice(name.lastIndexOf('.'));
    const media = await judged(service, await hand(service, readFileSync(goldenPath(name)), { extension }));
    const decision = name === 'clip.mp4' ? 'released' : 'confirmed';
    await service.review(media.quarantineId!, review({ decision, basis }));
  }
  await service.close();
  const told = await masque('reviewed', '--service', 'desk', '--to', 'my set');
  expect(told).toMatchObject({ code: 0, stderr: '' });
  const shown = /dataset: (\{.*\})$/m.exec(told.stdout)![0];
  // What the command says is written into a configuration as it stands there.
  writeFileSync(
    at('a.yaml'),
    `name: a\n${shown.replace(' }', ', testShare: 1 }')}\ndetectors: [{ name: metadata }]\n`,
  );
  const counted = await masque('datasets', 'a.yaml', '--json');
  expect(counted).toMatchObject({ code: 0 });

  const { dataset } = readExperiment(at('a.yaml'), [], catalog);
  expect(dataset).toMatchObject({ name: 'reviewed', options: { path: 'my set', testShare: 1 } });
  const { clips } = await listedIn(reviewed, { ...(dataset.options as object), path: at('my set') });
  expect(clips).toHaveLength(4);
  const asked = clips.filter(({ split }) => split === 'test').map(({ attributes }) => attributes!['basis']!);
  expect(asked.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['admission', 'original-found']);
});

test('doctor: 0 where the folder is what it should be, 4 with what to do where not', async () => {
  const fine = await masque('doctor');
  expect(fine.stdout).toMatch(/✓ screening {2}\S+: 2 contents of 2 receipts, 0 waiting.*originals not read/);
  expect(fine.code).toBe(0);
  writeFileSync(at(`screening/vault/${held.sha256.slice(0, 2)}/${held.sha256}.mp4`), 'Manipulated');
  const looked = await masque('doctor', '--service', 'screening');
  expect(looked.code).toBe(4);
  expect(looked.stdout).toMatch(
    /✗ screening {2}vault\/\S+ was changed: its hash is another\n {13}→ put back a copy of this file/,
  );
  expect(await masque('doctor', '--service', 'elsewhere')).toMatchObject({ code: 2, stdout: '' });
});

test('of a hundred problems of one cause twenty are told', async () => {
  expect(await screeningFindings(at('screening'))).toEqual([
    {
      what: 'screening',
      needed: true,
      found: expect.stringMatching(/waiting, each in one state$/) as string,
    },
  ]);
  for (let i = 0; i < 100; i++) writeFileSync(at(`screening/incoming/${i}`), '');
  const found = await screeningFindings(at('screening'));
  expect(found).toHaveLength(21);
  expect(found.at(-1)).toMatchObject({
    found: '80 more like these',
    remedy: expect.stringContaining('next start') as string,
  });
});
