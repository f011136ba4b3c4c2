import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256OfFile } from '../../src/files.ts';
import type { Embedded } from '../../src/quality/embed.job.ts';
import { type Claim, compareIdentities } from '../../src/quality/identity.job.ts';
import { writeTensors } from '../../src/tensors.ts';
import { directContext } from '../support/context.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-identity-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Rows as [clip, person, features]. */
async function embedded(name: string, rows: [string, string, number[]][]): Promise<Embedded> {
  const path = join(folder, name);
  const data = Float32Array.from(rows.flatMap(([, , features]) => features));
  await writeTensors(path, { features: { shape: [rows.length, rows[0]![2].length], data } });
  return {
    rows: { path, sha256: await sha256OfFile(path) },
    people: rows.map(([, person]) => person),
    clips: rows.map(([clip]) => clip),
  };
}

const compare = (seen: Embedded, real: Embedded, claims: Claim[]) =>
  directContext(folder).run(compareIdentities, { seen, real, claims, seed: 1 });

test('the cosine of means, seen from the mean of all real rows, over the claims', async () => {
  // Three people around the mean (10, 10); ann's clip a2 lies by itself.
  const real = await embedded('real', [
    ['a1', 'ann', [12, 10]],
    ['a2', 'ann', [10, 12]],
    ['b1', 'bob', [8, 10]],
    ['c1', 'cat', [10, 8]],
  ]);
  const seen = await embedded('seen', [
    ['fake', 'bob', [13, 10]],
    ['fake', 'bob', [15, 14]],
    ['other', 'cat', [10, 11]],
  ]);
  // fake: mean (14, 12), from the centre (4, 2). ann without a2: (2, 0). other: (0, 1); bob: (−2, 0); cat: (0, −2).
  const one = await compare(seen, real, [{ clip: 'fake', person: 'ann', without: 'a2' }]);
  expect(one.value).toBeCloseTo(4 / Math.sqrt(20), 6);
  const three = await compare(seen, real, [
    { clip: 'fake', person: 'ann' },
    { clip: 'other', person: 'bob' },
    { clip: 'other', person: 'cat' },
  ]);
  expect(three.value).toBeCloseTo((6 / Math.sqrt(2 * 20) + 0 - 1) / 3, 6);
  expect(three).toHaveProperty('low');
});

test('nobody to compare with is no number', async () => {
  const real = await embedded('alone', [['a1', 'ann', [1, 2]]]);
  const reason = 'no portrait, or no other clip of the person it is said to show';
  expect(await compare(real, real, [{ clip: 'a1', person: 'ann', without: 'a1' }])).toEqual({
    value: null,
    reason,
  });
  expect(await compare(real, real, [])).toEqual({ value: null, reason });
});
