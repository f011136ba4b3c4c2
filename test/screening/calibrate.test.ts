/** Thresholds, tested domain and counts of a bundle, on made-up scores whose answer is known. */
import { expect, test } from 'vitest';
import type { BundleContent } from '../../src/screening/bundle.ts';
import { domainOf, ruleOf, type Sample, withTests } from '../../src/screening/calibrate.ts';

const sample = (person: string, score: number, at = 0, maker?: string): Sample => ({
  kind: 'photo',
  person,
  ...(maker ? { maker } : {}),
  examined: {
    kind: 'photo',
    said: [{ label: 'a', score }],
    features: { picture: [at, -at] },
    fingerprints: [],
    provenance: { credentials: 'absent', claims: [] },
    hasUnshown: false,
    hasMoreTracks: false,
  },
});
/** Ten people with two files each, the second scored one higher: 0 and 1, 2 and 3, … 18 and 19. */
const drawn = Array.from({ length: 20 }, (_, i) => sample(`p${Math.floor(i / 2)}`, i, Math.sin(i)));
const rates = { manipulatedRate: 0, suspiciousRate: 0.2 };

test('a threshold is drawn by the highest file of each person', () => {
  const rule = ruleOf('photo', ['a'], drawn, rates)!;
  const { mean, deviation } = rule.members[0]!;
  expect(mean).toBeCloseTo(9.5);
  expect(rule.manipulated.value * deviation + mean).toBeCloseTo(19);
  expect(rule.manipulated.rate).toMatchObject({ stated: 0, identities: 10, above: 0 });
  expect(rule.suspicious.value * deviation + mean).toBeCloseTo(15);
  expect(rule.suspicious.rate).toMatchObject({ identities: 10, above: 2 });
});

test('a member that scores nothing, or all alike, has no part in it; where none is left there is no rule', () => {
  expect(ruleOf('photo', ['a', 'b'], drawn, rates)!.members.map(({ label }) => label)).toEqual(['a']);
  expect(ruleOf('photo', ['b'], drawn, rates)).toBeUndefined();
  expect(ruleOf('clip', ['a'], drawn, rates)).toBeUndefined();
  expect(ruleOf('photo', ['a'], [sample('p', 1), sample('q', 1)], rates)).toBeUndefined();
});

test('test files outside the domain are counted as not judged, and among no genuine ones that scored as high', () => {
  const rule = ruleOf('photo', ['a'], drawn, rates)!;
  const content: BundleContent = {
    schemaVersion: 3,
    name: 'made up',
    run: 'none',
    members: [],
    kinds: { photo: rule },
    domain: { photo: domainOf('photo', [], drawn) },
    card: { trainedOn: [], testedOn: [], cannotJudge: [] },
  };
  const tested = [
    sample('q0', 3),
    sample('q0', 17),
    sample('q1', 30),
    sample('q1', 31, 1000),
    sample('q3', 32, 1000),
    sample('q2', 40, 0, 'maker'),
    sample('q2', 41, 1000, 'maker'),
  ];
  const { genuine, real, fakes } = withTests(content, tested, new Set(['maker'])).kinds.photo!;
  expect(real).toEqual({
    tested: 5,
    manipulated: 1,
    suspicious: 1,
    notJudged: 2,
    // Two of three files of q1 say nothing against it, and of q3 nothing is known.
    people: { tested: 3, manipulated: 1, suspicious: 1, notJudged: 1 },
  });
  expect(fakes).toEqual([
    { maker: 'maker', seen: true, tested: 2, manipulated: 1, suspicious: 0, notJudged: 1 },
  ]);
  expect(genuine).toHaveLength(3);
  expect(genuine).toEqual(genuine.toSorted((a, b) => a - b));
});
