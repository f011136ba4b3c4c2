/** The detectors of a run, packed for screening: thresholds drawn on genuine files of validation people, and what that gives on the test people. */
import { basename, extname, join } from 'node:path';
import type { Experiment } from '../src/config.ts';
import { UserError } from '../src/errors.ts';
import { groupBy } from '../src/group.ts';
import { personOf } from '../src/pairs.ts';
import type { RunContext } from '../src/pipeline/context.ts';
import { isGenuine, type LineItem } from '../src/pipeline/items.ts';
import { publishClip } from '../src/pipeline/publish.job.ts';
import type { Trained } from '../src/pipeline/train-detectors.ts';
import { type Bundle, type BundleContent, type KindRule, writeBundle } from '../src/screening/bundle.ts';
import { deriveFiles } from '../src/screening/derive.job.ts';
import { fitDomain } from '../src/screening/domain.ts';
import { type Examined, examineFile, type Member } from '../src/screening/examine.job.ts';
import { combined, judge } from '../src/screening/judge.ts';
import { thresholdFor } from '../src/screening/thresholds.ts';
import type { Kind } from '../src/screening/types.ts';
import type { Clip, FileRef } from '../src/types.ts';
import type { BaselineResult } from './baseline.ts';
import { catalog } from './catalog.ts';

type Packed = { trained: Trained; member: Member };
/** One file as it would come in, and what is known of it. `maker`: absent of genuine ones. */
type Sample = { kind: Kind; person: string; maker?: string; examined: Examined };

/** So many fakes of a maker are tested in each kind, evenly spaced. */
const mostFakes = 100;
const kinds = ['clip', 'photo', 'sound'] as const;

/** Writes `models/<name of the experiment>` and returns its id and folder. @throws UserError where nothing can be packed or nothing to draw thresholds on is there. */
export async function packBundle(
  {
    name,
    seed,
    trainingSeed = seed,
    bundle,
    dataset,
    generators,
  }: Experiment & Required<Pick<Experiment, 'bundle'>>,
  { line, trained }: Pick<BaselineResult, 'line' | 'trained'>,
  run: string,
  context: RunContext,
  models = 'models',
): Promise<{ id: string; folder: string }> {
  const packed = trained
    .filter(mayPack)
    .map((one) => ({ trained: one, member: memberOf(one, trainingSeed) }));
  if (packed.length === 0)
    throw new UserError('bundle: no detector here judges a picture or a sound by itself');
  const members = packed.map(({ member }) => member);
  const controls = new Set(
    generators.flatMap(({ name: own, options }) => {
      const generator = catalog.generators[own]!;
      return generator.control ? [generator.label(options)] : [];
    }),
  );
  const items = [...line.published, ...line.fakes.flatMap((made) => made.items)];
  const seen = new Set(packed.flatMap(({ trained: { trainedOn } }) => trainedOn));
  const lessons = items.filter(
    ({ item, generator }) => item.split === 'train' && (generator === undefined || seen.has(generator)),
  );
  const [learned, drawn, tested] = await Promise.all([
    examineAll(lessons, [], context),
    examineAll(await genuinePeople(bundle, new Set(line.clips.map(personOf)), context), members, context),
    examineAll(testItems(items, controls), members, context),
  ]);
  const domain = {
    ...domainOf('picture', learned, drawn),
    ...domainOf('sound', learned, drawn),
  };
  const rules = kinds.flatMap((kind) => {
    const rule = ruleOf(kind, packed, drawn, bundle);
    return rule ? [[kind, rule] as const] : [];
  });
  const content: BundleContent = {
    schemaVersion: 1,
    name,
    run,
    members: packed.map(packedMember),
    kinds: Object.fromEntries(rules),
    domain,
    card: cardOf(dataset.name, seen, learned, drawn, tested),
  };
  const whole = withTests(content, tested, seen);
  const folder = join(models, name);
  const files = packed.map(({ trained: { model } }) => model?.files ?? {});
  return { id: await writeBundle(folder, whole, files), folder };
}

/** Those that judge a file's own pixels or samples, need no face found before, and are no controls. */
const mayPack = ({ detector, judges, probe, variantOf, members }: Trained): boolean =>
  !probe &&
  variantOf === undefined &&
  members === undefined &&
  detector.family !== 'control' &&
  detector.constructed === undefined &&
  !detector.bring &&
  (judges === 'video' || judges === 'audio') &&
  (detector.needs === 'frames' || detector.needs === 'audio');

const memberOf = ({ label, judges, code, detector, options, model }: Trained, seed: number): Member => ({
  label,
  looksAt: judges === 'audio' ? 'sound' : 'picture',
  code,
  name: detector.name,
  options,
  seed,
  ...(model ? { model } : {}),
});

function packedMember({ trained, member }: Packed): BundleContent['members'][number] {
  const { label, name, looksAt, options, seed, code, model } = member;
  const files = Object.entries(model?.files ?? {}).map(([key, { path, sha256 }]) => [
    key,
    { file: `${sha256.slice(0, 16)}${extname(basename(path))}`, sha256 },
  ]);
  return {
    label,
    name,
    looksAt,
    options,
    seed,
    code: code.sha256,
    files: Object.fromEntries(files),
    info: model?.info ?? {},
    trainedOn: trained.trainedOn,
  };
}

/** Genuine clips of validation people who are nobody of `met`, in the same last encode as everything else. */
async function genuinePeople(
  { dataset: { name, options } }: NonNullable<Experiment['bundle']>,
  met: ReadonlySet<string>,
  context: RunContext,
): Promise<LineItem[]> {
  const clips: Clip[] = [];
  for await (const clip of catalog.datasets[name]!.clips(options, context))
    if (clip.split === 'validation' && clip.use === 'score' && isGenuine(clip) && !met.has(personOf(clip)))
      clips.push(clip);
  if (clips.length === 0)
    throw new UserError(
      `bundle.dataset: "${name}" has no genuine clip of split "validation", of people whom no detector has met, to draw thresholds on`,
    );
  return Promise.all(
    clips.map(async (clip) => ({
      item: clip,
      clip: { ...clip, media: await context.run(publishClip, { clip }) },
    })),
  );
}

/** Test clips, and of each maker that is no control so many fakes. */
function testItems(items: readonly LineItem[], controls: ReadonlySet<string>): LineItem[] {
  const test = items.filter(({ item }) => item.split === 'test');
  const byMaker = groupBy(
    test.filter(({ generator }) => generator !== undefined && !controls.has(generator)),
    ({ generator }) => generator!,
  );
  const chosen = [...byMaker.values()].flatMap((own) => {
    const count = Math.min(mostFakes, own.length);
    return Array.from({ length: count }, (_, i) => own[Math.floor((i * own.length) / count)]!);
  });
  return [...test.filter(({ generator }) => generator === undefined), ...chosen];
}

/** Each clip as it is, and the photo and sound taken from it where these are what the clip is: genuine, or themselves forged. */
async function examineAll(
  items: readonly LineItem[],
  members: Member[],
  context: RunContext,
): Promise<Sample[]> {
  const samples = items.map(async (entry): Promise<Sample[]> => {
    if (!('clip' in entry)) return [];
    const { clip, generator } = entry;
    const { photo, sound } = await context.run(deriveFiles, { media: clip.media });
    const files: [Kind, FileRef | undefined][] = [
      ['clip', clip.media],
      ['photo', generator === undefined || clip.labels.video === 'fake' ? photo : undefined],
      ['sound', generator === undefined || clip.labels.audio === 'fake' ? sound : undefined],
    ];
    const found = files.map(async ([kind, file]) => {
      if (!file) return [];
      const { path, sha256 } = file;
      const examined = await context.run(examineFile, { file: { path, sha256 }, members });
      const maker = generator === undefined ? {} : { maker: generator };
      return [{ kind, person: personOf(clip), ...maker, examined }];
    });
    return (await Promise.all(found)).flat();
  });
  return (await Promise.all(samples)).flat();
}

/** The domain of one stream, where there are files to draw it by. */
function domainOf(
  what: 'picture' | 'sound',
  learned: readonly Sample[],
  drawn: readonly Sample[],
): BundleContent['domain'] {
  const rows = (samples: readonly Sample[]): number[][] =>
    samples.flatMap(({ examined: { features } }) => (features[what] ? [features[what]] : []));
  const [fitted, held] = [rows(learned), rows(drawn)];
  return fitted.length < 2 || held.length === 0 ? {} : { [what]: fitDomain(fitted, held) };
}

/** Thresholds of one kind of file; undefined where no genuine file of it got a score from every member. */
function ruleOf(
  kind: Kind,
  packed: readonly Packed[],
  drawn: readonly Sample[],
  { manipulatedRate, suspiciousRate }: NonNullable<Experiment['bundle']>,
): KindRule | undefined {
  const own = drawn.filter((sample) => sample.kind === kind);
  const members = packed.flatMap(({ member: { label } }) => {
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
    manipulated: thresholdFor(byPerson, manipulatedRate),
    suspicious: thresholdFor(byPerson, suspiciousRate),
    genuine: [],
    real: { tested: 0, manipulated: 0, suspicious: 0, notJudged: 0, identities: 0 },
    fakes: [],
  };
}

/** The content with what its verdicts on the test people are. */
function withTests(
  content: BundleContent,
  tested: readonly Sample[],
  seen: ReadonlySet<string>,
): BundleContent {
  const bundle: Pick<Bundle, 'id' | 'content'> = { id: '', content };
  const count = (samples: readonly Sample[]) => {
    const statuses = samples.map(({ examined }) => judge(bundle, examined).status);
    const of = (...wanted: string[]): number => statuses.filter((status) => wanted.includes(status)).length;
    return {
      tested: samples.length,
      manipulated: of('MANIPULATED'),
      suspicious: of('SUSPICIOUS'),
      notJudged: of('NOT_APPLICABLE', 'UNABLE_TO_EVALUATE'),
    };
  };
  const measured = Object.entries(content.kinds).map(([kind, rule]) => {
    const own = tested.filter((sample) => sample.kind === kind);
    const reals = own.filter(({ maker }) => maker === undefined);
    const makers = groupBy(
      own.filter(({ maker }) => maker !== undefined),
      ({ maker }) => maker!,
    );
    const genuine = reals.flatMap(({ examined }) => combined(rule!, examined.said) ?? []);
    return [
      kind,
      {
        ...rule!,
        genuine: genuine.toSorted((a, b) => a - b),
        real: { ...count(reals), identities: new Set(reals.map(({ person }) => person)).size },
        fakes: [...makers].map(([maker, fakes]) => ({ maker, seen: seen.has(maker), ...count(fakes) })),
      },
    ] as const;
  });
  return { ...content, kinds: Object.fromEntries(measured) };
}

function cardOf(
  dataset: string,
  seen: ReadonlySet<string>,
  learned: readonly Sample[],
  drawn: readonly Sample[],
  tested: readonly Sample[],
): BundleContent['card'] {
  const people = (samples: readonly Sample[]): number => new Set(samples.map(({ person }) => person)).size;
  const unseen = new Set(
    tested.flatMap(({ maker }) => (maker !== undefined && !seen.has(maker) ? [maker] : [])),
  );
  return {
    trainedOn: [`${people(learned)} people of "${dataset}", genuine and as fakes of ${[...seen].join(', ')}`],
    testedOn: [
      `thresholds: genuine files of ${people(drawn)} other people`,
      `${people(tested)} people that neither detectors nor thresholds have seen${unseen.size > 0 ? `, also fakes of ${[...unseen].join(', ')}, which no detector learned from` : ''}`,
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
