/** What makes a bundle of detectors: thresholds and tested domain, drawn on what they made of genuine files; what that gives on the test people; the card. */
import { groupBy } from '../group.ts';
import type { Bundle, BundleContent, Counts, KindRule } from './bundle.ts';
import { fitDomain } from './domain.ts';
import type { Examined } from './examine.job.ts';
import { combined, judge, outside } from './judge.ts';
import { thresholdFor } from './thresholds.ts';
import type { Kind, Verdict } from './types.ts';

/** One file as it would come in, and what is known of it. `maker`: absent of genuine ones. */
export type Sample = { kind: Kind; person: string; maker?: string; examined: Examined };
/** Shares of genuine people that may lie above the two thresholds, in [0, 1). */
type Rates = { manipulatedRate: number; suspiciousRate: number };

/** A card states six bounds, two of each kind of file, and all of them hold together with 95 % confidence (Bonferroni): stated at 95 % each, one of six is broken far more often than once in twenty. */
const alphaEach = 0.05 / 6;

/** The tested domain of one kind of file, without a stream that there are no files to draw it by: the detectors' lessons and every second of the genuine people fit it, the others draw its border. */
export function domainOf(
  kind: Kind,
  learned: readonly Sample[],
  drawn: readonly Sample[],
): NonNullable<BundleContent['domain'][Kind]> {
  const people = [...new Set(drawn.map(({ person }) => person))];
  const isHeld = ({ person }: Sample): boolean => people.indexOf(person) % 2 === 1;
  const of = (what: 'picture' | 'sound') => {
    const rows = (samples: readonly Sample[]): number[][] =>
      samples.flatMap(({ kind: own, examined: { features } }) =>
        own === kind && features[what] ? [features[what]] : [],
      );
    const fitted = [...rows(learned), ...rows(drawn.filter((sample) => !isHeld(sample)))];
    const byPerson = [...groupBy(drawn.filter(isHeld), ({ person }) => person)].map(
      ([person, samples]) => [person, rows(samples)] as const,
    );
    const held = new Map(byPerson.filter(([, own]) => own.length > 0));
    return fitted.length < 2 || held.size === 0 ? {} : { [what]: fitDomain(fitted, held) };
  };
  return { ...of('picture'), ...of('sound') };
}

/** Thresholds of one kind of file, on the members of `labels` that scored genuine files of it, before any test (`withTests`); undefined where none did. */
export function ruleOf(
  kind: Kind,
  labels: readonly string[],
  drawn: readonly Sample[],
  { manipulatedRate, suspiciousRate }: Rates,
): KindRule | undefined {
  const own = drawn.filter((sample) => sample.kind === kind);
  const members = labels.flatMap((label) => {
    const scores = own.flatMap(({ examined: { said } }) =>
      said.flatMap((one) => (one.label === label && 'score' in one ? [one.score] : [])),
    );
    if (scores.length < 2) return [];
    const mean = scores.reduce((sum, score) => sum + score / scores.length, 0);
    const square = scores.reduce((sum, score) => sum + (score - mean) ** 2 / scores.length, 0);
    return square > 0 ? [{ label, mean, deviation: Math.sqrt(square) }] : [];
  });
  const byPerson = new Map<string, number[]>();
  for (const { person, examined } of own) {
    const value = combined({ members }, examined.said);
    if (value !== undefined) byPerson.set(person, [...(byPerson.get(person) ?? []), value]);
  }
  if (byPerson.size === 0) return undefined;
  return {
    members,
    manipulated: thresholdFor(byPerson, manipulatedRate, alphaEach),
    suspicious: thresholdFor(byPerson, suspiciousRate, alphaEach),
    genuine: [],
    real: { ...countOf([]), people: countOf([]) },
    fakes: [],
  };
}

/** The content with what its verdicts on the test people are. */
export function withTests(
  content: BundleContent,
  tested: readonly Sample[],
  seen: ReadonlySet<string>,
): BundleContent {
  const bundle: Pick<Bundle, 'id' | 'content'> = { id: '', content };
  const statusesOf = (samples: readonly Sample[]): Verdict[] =>
    samples.map(({ examined }) => judge(bundle, examined).status);
  const measured = Object.entries(content.kinds).map(([kind, rule]) => {
    const own = tested.filter((sample) => sample.kind === kind);
    const reals = own.filter(({ maker }) => maker === undefined);
    const makers = groupBy(
      own.filter(({ maker }) => maker !== undefined),
      ({ maker }) => maker!,
    );
    // Who is told how many genuine files scored as high is told so of files that were judged.
    const genuine = reals.flatMap(({ examined }) =>
      outside(content, examined).length === 0 ? (combined(rule!, examined.said) ?? []) : [],
    );
    return [
      kind,
      {
        ...rule!,
        genuine: genuine.toSorted((a, b) => a - b),
        real: {
          ...countOf(statusesOf(reals)),
          people: countOf(
            [...groupBy(reals, ({ person }) => person).values()].map((files) => worstOf(statusesOf(files))),
          ),
        },
        fakes: [...makers].map(([maker, fakes]) => ({
          maker,
          seen: seen.has(maker),
          ...countOf(statusesOf(fakes)),
        })),
      },
    ] as const;
  });
  return { ...content, kinds: Object.fromEntries(measured) };
}

function countOf(statuses: readonly Verdict[]): Counts {
  const of = (...wanted: Verdict[]): number => statuses.filter((status) => wanted.includes(status)).length;
  return {
    tested: statuses.length,
    manipulated: of('MANIPULATED'),
    suspicious: of('SUSPICIOUS'),
    notJudged: of('NOT_APPLICABLE', 'UNABLE_TO_EVALUATE'),
  };
}

/** Who sends in several files is accused by the worst of them, as thresholds are drawn by it. */
const worstOf = (statuses: readonly Verdict[]): Verdict =>
  (['MANIPULATED', 'SUSPICIOUS', 'NO_SIGNS_FOUND'] as const).find((status) => statuses.includes(status)) ??
  'NOT_APPLICABLE';

/** What the card says in words: whom the detectors (`learned`), the thresholds (`drawn`) and the tests have met, and what the bundle cannot judge. `seen`: makers of fakes that detectors learned from. */
export function cardOf(
  dataset: string,
  seen: ReadonlySet<string>,
  learned: readonly Sample[],
  drawn: readonly Sample[],
  tested: readonly Sample[],
): BundleContent['card'] {
  const people = (samples: readonly Sample[]): number => new Set(samples.map(({ person }) => person)).size;
  const genuine = (samples: readonly Sample[]): Sample[] =>
    samples.filter(({ maker }) => maker === undefined);
  const most = (samples: readonly Sample[]): number =>
    Math.max(
      ...[...groupBy(samples, ({ kind, person }) => `${kind} ${person}`).values()].map((own) => own.length),
    );
  const unseen = new Set(
    tested.flatMap(({ maker }) => (maker !== undefined && !seen.has(maker) ? [maker] : [])),
  );
  return {
    trainedOn: [`${people(learned)} people of "${dataset}", genuine and as fakes of ${[...seen].join(', ')}`],
    testedOn: [
      `thresholds: genuine files of ${people(drawn)} other people, at most ${most(drawn)} of a kind of each`,
      `${people(tested)} people that neither detectors nor thresholds have seen, at most ${most(genuine(tested))} genuine files of a kind of each${unseen.size > 0 ? `, also fakes of ${[...unseen].join(', ')}, which no detector learned from` : ''}`,
    ],
    cannotJudge: [
      ...(dataset === 'talking-heads'
        ? ['Recordings of people: it was trained and tested on rendered heads alone']
        : []),
      'Anything whose picture or sound is not like what it was tested on',
      'Cuts, changed speed, a wrong caption, staging: nothing of that is looked for',
      'Fakes of makers that it was not tested on may look like nothing it knows',
    ],
  };
}
