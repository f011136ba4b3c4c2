/** `masque compare` over runs on the disk. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, type ComparedPair } from '../../experiments/compare-runs.ts';
import { auc } from '../../src/metrics/detection.ts';
import { rankScores } from '../../src/metrics/ranking.ts';
import type { ItemRow } from '../../src/records/item-table.ts';
import { type MadeUpRun, madeUpRun } from '../reports/made-up-run.ts';
import { runsFolder } from '../reports/run-folders.ts';

const items = ({ outcomes }: MadeUpRun, content: (id: string) => string): ItemRow[] =>
  [...new Set(outcomes.map(({ id }) => id))].map((id) => ({ id, sha256: content(id), attributes: {} }));

let results: string;
const runs = { a: madeUpRun('a'), b: madeUpRun('b'), silent: madeUpRun('silent') };
beforeAll(async () => {
  results = await mkdtemp(join(tmpdir(), 'masque-compare-'));
  const moved = (id: string) => (id.startsWith('person-03/puppetry') ? `other ${id}` : id);
  const folder = await runsFolder(
    { ...runs.a, items: items(runs.a, (id) => id) },
    { ...runs.b, items: items(runs.b, moved) },
    runs.silent,
  );
  await cp(folder, join(results, 'runs'), { recursive: true });
});
afterEach(() => void vi.restoreAllMocks());

async function said(options: Omit<Parameters<typeof compare>[0], 'results'>): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  expect(await compare({ ...options, results })).toBe(0);
  vi.restoreAllMocks();
  return text;
}
const pairsOf = async (options: { runs: string[]; detectors?: [string, string] }): Promise<ComparedPair[]> =>
  (JSON.parse(await said({ ...options, json: true })) as { pairs: ComparedPair[] }).pairs;

const generator = 'puppetry@cpu-96';
/** By the definition, over the ids that are given. */
function slowAuc({ outcomes }: MadeUpRun, detector: string, ids: Set<string>): number {
  const rows = outcomes.flatMap((row) =>
    row.detector === detector && ids.has(row.id) && 'score' in row ? [row] : [],
  );
  return auc(
    rankScores(
      rows.map(({ score }) => score),
      rows.map(({ label }) => label === 'fake'),
    ),
  ).value!;
}
const idsOf = ({ outcomes }: MadeUpRun, detector: string): string[] =>
  outcomes.flatMap((row) =>
    row.detector === detector && 'score' in row && ['none', generator].includes(row.generator) ? row.id : [],
  );

describe('two detectors of one run', () => {
  test('are compared on what both scored; against a control there is no hypothesis', async () => {
    const pairs = await pairsOf({ runs: ['a'], detectors: ['meso-inception@cpu-128', 'spectrum'] });
    expect(pairs.map((pair) => pair.generator)).toEqual([generator, 'recomposite']);
    const [first, second] = pairs as [ComparedPair, ComparedPair];
    // spectrum fails on one real clip and on one fake.
    expect(first.common).toEqual({ real: 31, fake: 31, hashed: true });
    expect(first.left).toEqual({ onlyA: 2, onlyB: 0, other: 0 });
    const ids = new Set(idsOf(runs.a, 'spectrum'));
    const [a, b] = ['meso-inception@cpu-128', 'spectrum'].map((name) => slowAuc(runs.a, name, ids));
    expect([first.a.auc.value, first.b.auc.value]).toEqual([a, b]);
    expect(first.difference.value).toBeCloseTo(a! - b!, 12);
    expect(first).toMatchObject({ control: false, pHolm: first.p });
    expect(second).toMatchObject({ control: true, p: expect.any(Number), pHolm: null });
  });

  test('exchanged, the difference is mirrored', async () => {
    const there = await pairsOf({ runs: ['a'], detectors: ['random', 'spectrum'] });
    const back = await pairsOf({ runs: ['a'], detectors: ['spectrum', 'random'] });
    there.forEach((pair, i) => {
      expect(back[i]!.difference.value).toBeCloseTo(-pair.difference.value!, 12);
      expect(back[i]!.p).toBe(pair.p);
    });
  });
});

describe('two runs', () => {
  test('every detector of both; items of one id but other content are left out', async () => {
    const pairs = await pairsOf({ runs: ['a', 'b'] });
    expect(pairs).toHaveLength(10);
    const pair = pairs.find((one) => one.generator === generator && one.a.detector === 'random')!;
    expect([pair.a.run, pair.b.run]).toEqual(['a', 'b']);
    expect(pair.common).toEqual({ real: 32, fake: 28, hashed: true });
    expect(pair.left).toEqual({ onlyA: 0, onlyB: 0, other: 4 });
  });

  test('Holm raises p for all pairs but those of controls', async () => {
    const pairs = (await pairsOf({ runs: ['a', 'b'] })).filter(({ control }) => !control);
    expect(pairs.map(({ a }) => a.detector)).toEqual(['spectrum', 'meso-inception@cpu-128']);
    const [small, large] = pairs.toSorted((x, y) => x.p! - y.p!);
    expect(small!.pHolm).toBeCloseTo(Math.min(1, 2 * small!.p!), 12);
    expect(large!.pHolm).toBeCloseTo(Math.max(small!.pHolm!, large!.p!), 12);
  });

  test('what does not say its hashes is compared by id, and that is said', async () => {
    expect((await pairsOf({ runs: ['a', 'silent'] }))[0]!.common).toEqual({
      real: 32,
      fake: 32,
      hashed: false,
    });
    expect(await said({ runs: ['a', 'silent'], json: false })).toContain('contents not compared');
  });
});

test('in words: both AUCs, the difference and p', async () => {
  const text = await said({ runs: ['a'], detectors: ['random', 'spectrum'], json: false });
  expect(text).toMatch(
    /^puppetry@cpu-96: 31 real clips and 31 fakes in common \(2 left out, scored by the first alone\)\n/,
  );
  expect(text).toMatch(/ {2}difference -0\.\d{3} \[-0\.\d{3} to -0\.\d{3}\], p \S+, Holm \S+\n/);
  expect(text.endsWith('\n')).toBe(true);
});

test('what is not there, and scores that were changed, are named', async () => {
  const options = { results, json: true };
  await expect(compare({ ...options, runs: ['a', 'z'] })).rejects.toThrow('there is no run "z"');
  await expect(compare({ ...options, runs: ['a'], detectors: ['random', 'x'] })).rejects.toThrow(
    'run a has no detector "x". It has: random',
  );
  const path = join(results, 'runs', 'silent', 'outcomes.csv');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('real', 'fake'));
  await expect(compare({ ...options, runs: ['a', 'silent'] })).rejects.toThrow('outcomes.csv was changed');
  await writeFile(path, text);
});
