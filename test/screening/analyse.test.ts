/** What becomes of a finding where it cannot be said where in the file it is. The pool answers by itself; nothing is computed. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ItemError } from '../../src/errors.ts';
import type { Pool } from '../../src/queue/pool.ts';
import { analyseWith } from '../../src/screening/analyse.ts';
import type { Bundle, BundleContent, KindRule } from '../../src/screening/bundle.ts';
import { fitDomain } from '../../src/screening/domain.ts';
import type { Examined, Member } from '../../src/screening/examine.job.ts';
import { goldenPath } from '../golden/make.ts';

const scratch = mkdtempSync(join(tmpdir(), 'masque-analyse-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const none = { tested: 0, manipulated: 0, suspicious: 0, notJudged: 0 };
const rate = { stated: 0.01, upper: 0.03, identities: 100, above: 1 };
const rule: KindRule = {
  members: [{ label: 'a', mean: 0, deviation: 1 }],
  manipulated: { value: 3, rate },
  suspicious: { value: 2, rate },
  genuine: [],
  real: { ...none, people: none },
  fakes: [],
};
const rows = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
const content = {
  kinds: { clip: rule },
  domain: { clip: { picture: fitDomain(rows, new Map([['p', rows]])) } },
};
const bundle: Bundle = {
  id: '0123456789abcdef',
  content: content as unknown as BundleContent,
  members: [{ label: 'a' } as Member],
};
const examined: Examined = {
  kind: 'clip',
  said: [{ label: 'a', score: 4 }],
  features: { picture: [0.1, 0.1] },
  fingerprints: [],
  provenance: { credentials: 'absent', claims: [] },
  hasUnshown: false,
  hasMoreTracks: false,
};

/** The finding on a clip that is manipulated, where looking for the place ends as `localise` does. */
async function findingWhere(localise: () => Promise<unknown>, signal?: AbortSignal) {
  const run = async ({ name }: { name: string }) => ({
    output: name === 'examine' ? examined : await localise(),
    seconds: 0,
  });
  const pool = { run } as unknown as Pool;
  return analyseWith(bundle, pool, scratch)({ path: goldenPath('silent.mp4'), sha256: '0' }, signal);
}

test.each([
  new ItemError('E_WORKER_CRASH', 'localise: the worker process ended (SIGKILL)'),
  new ItemError('E_MEDIA_TOO_LARGE', 'file.mp4: too large'),
  new RangeError('Array buffer allocation failed'),
])('what was found stands where it could not be said where: %s', async (error) => {
  const finding = await findingWhere(() => Promise.reject(error));
  expect(finding).toMatchObject({ status: 'MANIPULATED', localisation: [] });
  expect(finding.reasons.map(({ code }) => code)).toContain('NOT_LOCALISED');
  expect(readdirSync(scratch)).toEqual([]);
});

test('where it could be said nothing is missing', async () => {
  const finding = await findingWhere(async () => [{ start: 0, end: 1, box: null, score: 4 }]);
  expect(finding.localisation).toHaveLength(1);
  expect(finding.reasons.map(({ code }) => code)).not.toContain('NOT_LOCALISED');
});

test('an analysis that is given up meanwhile gives no finding', async () => {
  const givenUp = new AbortController();
  const localise = async (): Promise<never> => {
    givenUp.abort(new Error('given up'));
    throw new Error('the worker was ended');
  };
  await expect(findingWhere(localise, givenUp.signal)).rejects.toThrow('given up');
});
