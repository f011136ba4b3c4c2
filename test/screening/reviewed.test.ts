/** What reviewers decided becomes a data set: labelled by the decision, asked about only where its grounds owe nothing to a detector. */
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reviewed } from '../../datasets/reviewed.ts';
import { exportReviewed } from '../../src/screening/reviewed.ts';
import type { OpenedService } from '../../src/screening/service.ts';
import type { Review } from '../../src/screening/types.ts';
import type { Split } from '../../src/types.ts';
import { goldenPath } from '../golden/make.ts';
import { all, workFolder } from '../media/tools.ts';
import { directContext } from '../support/context.ts';
import { listedIn, refusalOf } from '../support/listed.ts';
import { writeReviewed } from '../support/reviewed-set.ts';
import { hand, judged, openToy, review } from '../support/screening.ts';
import { toyAnalyse } from '../support/toy-analyse.ts';

const at = workFolder();
const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const hashOf = (name: string): string => sha256(readFileSync(goldenPath(name)));

/** A service that holds everything; `letters`: of what looks the same, the same. */
async function openHolding(letters: Record<string, string> = {}): Promise<OpenedService> {
  const like = new Map(Object.entries(letters).map(([name, letter]) => [hashOf(name), letter]));
  return openToy(at('service'), {
    analyse: (file) => {
      writeFileSync(at('judged'), `m${like.get(file.sha256) ?? '~'}`);
      return toyAnalyse()({ path: at('judged'), sha256: file.sha256 });
    },
    parallel: 1,
  });
}

async function decide(service: OpenedService, name: string, more: Partial<Review>): Promise<void> {
  const extension = name.slice(name.lastIndexOf('.'));
  const held = await judged(
    service,
    await hand(service, readFileSync(goldenPath(name)), { extension, name: `private${extension}` }),
  );
  await service.review(held.quarantineId!, review(more));
}

test('label by decision, basis beside it; what is undecided or erased is not there', async () => {
  const service = await openHolding();
  await decide(service, 'clip.mp4', { decision: 'released', basis: 'original-found' });
  await decide(service, 'silent.mp4', { decision: 'confirmed', basis: 'opinion' });
  await decide(service, 'tone.wav', { decision: 'confirmed', basis: 'admission' });
  await decide(service, 'photo.jpg', { decision: 'released', basis: 'opinion' });
  await judged(service, await hand(service, readFileSync(goldenPath('one-frame.mp4'))));
  await service.erase(hashOf('photo.jpg'), 'adam', 'asked to');
  await service.close();

  const direct = await all(
    reviewed.clips(reviewed.options.parse({ path: at('service') }), directContext(at('.'))),
  );
  const brief = direct.map(({ id, labels, origin, licence }) => ({ id, labels, origin, licence }));
  const expected = [
    { id: hashOf('clip.mp4'), labels: { video: 'real', audio: 'real', pairing: 'real' }, origin: 'reviewed' },
    { id: hashOf('silent.mp4'), labels: { video: 'fake' }, origin: 'unknown maker' },
    { id: hashOf('tone.wav'), labels: { audio: 'fake' }, origin: 'unknown maker' },
  ];
  expect(brief).toEqual(
    expected.map((clip) => ({ ...clip, licence: 'unknown' })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  expect(direct.every((clip) => clip.likenessConsent === undefined)).toBe(true);
  const { remarks } = await listedIn(reviewed, { path: at('service') });
  expect(remarks).toContain('of 1 decided files the bytes are deleted');

  // Exported it is the same, and no name goes along.
  expect(await exportReviewed(at('service'), at('export'))).toBe(3);
  const exported = await all(
    reviewed.clips(reviewed.options.parse({ path: at('export') }), directContext(at('.'))),
  );
  const withoutPaths = (clips: typeof direct): unknown =>
    JSON.parse(JSON.stringify(clips, (key, value: unknown) => (key === 'path' ? undefined : value)));
  expect(withoutPaths(exported)).toEqual(withoutPaths(direct));
  expect(readFileSync(at('export/reviewed.csv'), 'utf8')).not.toContain('private');
  expect(readdirSync(at('export/files'))).toHaveLength(3);
  writeFileSync(at('notes'), '');
  await expect(exportReviewed(at('service'), at('notes'))).rejects.toThrow(/no export/);
  await expect(exportReviewed(at('export'), at('other'))).rejects.toThrow(/no screening service/);
  const [clip] = direct.map(({ media }) => media.path).filter((path) => path.endsWith('.wav'));
  writeFileSync(clip!, 'something else');
  await expect(exportReviewed(at('service'), at('other'))).rejects.toThrow(/is not what was decided about/);
  expect(readdirSync(at('.')).filter((name) => name.includes('other'))).toEqual([]);
});

test('near copies lie in one group, and one that rests on an opinion keeps all of it from being asked about', async () => {
  const service = await openHolding({ 'clip.mp4': 'a', 'silent.mp4': 'a', 'one-frame.mp4': '~' });
  await decide(service, 'clip.mp4', { basis: 'original-found' });
  await decide(service, 'silent.mp4', { basis: 'opinion' });
  await decide(service, 'one-frame.mp4', { basis: 'admission', decision: 'confirmed' });
  await service.close();
  const { clips } = await listedIn(reviewed, { path: at('service'), testShare: 1 });
  const of = (name: string) => clips.find(({ id }) => id === hashOf(name))!;
  expect(of('clip.mp4').sources).toEqual(of('silent.mp4').sources);
  expect(of('clip.mp4').split).toBe(of('silent.mp4').split);
  expect(of('clip.mp4').split).not.toBe('test');
  expect(of('one-frame.mp4')).toMatchObject({ split: 'test', attributes: { basis: 'admission' } });
});

test('opinions are never asked about, whatever the seed; a group stays where it is', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const hash = sha256(`${i}`);
    return `files/${hash}.mp4,${hash},${i % 2 ? 'real' : 'fake'},${['opinion', 'admission', 'original-found'][i % 3]},${hash}`;
  });
  await writeReviewed(at('set'), {});
  for (const line of rows) copyFileSync(goldenPath('clip.mp4'), at(`set/${line.split(',')[0]}`));
  writeFileSync(at('set/reviewed.csv'), `file,sha256,label,basis,group\n${rows.join('\n')}\n`);
  const seen = new Set<Split>();
  for (const seed of [1, 2, 3]) {
    const { clips } = await listedIn(reviewed, { path: at('set') }, seed);
    for (const { split, attributes } of clips) {
      seen.add(split);
      if (split === 'test') expect(attributes!['basis']).not.toBe('opinion');
    }
    const shares = clips.filter(({ split }) => split === 'test').length / clips.length;
    expect(shares).toBeGreaterThan(0.2);
    // Fewer files change nothing for those that stay.
    writeFileSync(at('set/reviewed.csv'), `file,sha256,label,basis,group\n${rows.slice(100).join('\n')}\n`);
    const fewer = await listedIn(reviewed, { path: at('set') }, seed);
    const before = new Map(clips.map(({ id, split }) => [id, split]));
    expect(fewer.clips.every(({ id, split }) => before.get(id) === split)).toBe(true);
    writeFileSync(at('set/reviewed.csv'), `file,sha256,label,basis,group\n${rows.join('\n')}\n`);
  }
  expect(seen).toEqual(new Set(['train', 'validation', 'test']));
});

test.each([
  ['label', (row: string[]) => row.with(2, 'authentic'), 'label: expected real or fake'],
  ['basis', (row: string[]) => row.with(3, 'score'), 'basis: expected original-found'],
  ['hash', (row: string[]) => row.with(1, 'abc'), 'sha256: expected a SHA-256'],
  ['place', (row: string[]) => row.with(0, '../../secret.mp4'), '../../secret.mp4: no such file'],
  ['number of fields', (row: string[]) => [...row, ''], 'expected five fields'],
])('a mistake in the %s of a table is told with its line', async (_, change, told) => {
  await writeReviewed(at('set'));
  const lines = readFileSync(at('set/reviewed.csv'), 'utf8').trim().split('\n');
  const changed = [lines[0], lines[1], change(lines[2]!.split(',')).join()];
  writeFileSync(at('set/reviewed.csv'), `${changed.join('\n')}\n`);
  const error = await refusalOf(reviewed, { path: at('set') });
  expect((error as Error).message).toContain(`reviewed.csv:3: ${told}`);
});
