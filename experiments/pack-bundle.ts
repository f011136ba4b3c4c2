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
import { type BundleContent, writeBundle } from '../src/screening/bundle.ts';
import { deriveFiles } from '../src/screening/derive.job.ts';
import { cardOf, domainOf, ruleOf, type Sample, withTests } from '../src/screening/calibrate.ts';
import { examineFile, type Member } from '../src/screening/examine.job.ts';
import type { Kind } from '../src/screening/types.ts';
import type { Clip, FileRef } from '../src/types.ts';
import type { BaselineResult } from './baseline.ts';
import { catalog } from './catalog.ts';

type Packed = { trained: Trained; member: Member };

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
  const others = await genuinePeople(bundle, new Set(line.clips.map(personOf)), context);
  const [learned, drawn, tested] = await Promise.all([
    examineAll(lessons, [], context),
    examineAll(others.validation, members, context),
    examineAll([...testItems(items, controls), ...others.test], members, context),
  ]);
  const domain = Object.fromEntries(kinds.map((kind) => [kind, domainOf(kind, learned, drawn)]));
  const rules = kinds.flatMap((kind) => {
    const rule = ruleOf(
      kind,
      members.map(({ label }) => label),
      drawn,
      bundle,
    );
    return rule ? [[kind, rule] as const] : [];
  });
  const content: BundleContent = {
    schemaVersion: 3,
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

/** Genuine clips of people who are nobody of `met`, in the same last encode as everything else: those who draw thresholds, and those who are tested beside the test people of the run. */
async function genuinePeople(
  { dataset: { name, options } }: NonNullable<Experiment['bundle']>,
  met: ReadonlySet<string>,
  context: RunContext,
): Promise<Record<'validation' | 'test', LineItem[]>> {
  const clips: Clip[] = [];
  for await (const clip of catalog.datasets[name]!.clips(options, context))
    if (clip.split !== 'train' && clip.use === 'score' && isGenuine(clip) && !met.has(personOf(clip)))
      clips.push(clip);
  if (!clips.some(({ split }) => split === 'validation'))
    throw new UserError(
      `bundle.dataset: "${name}" has no genuine clip of split "validation", of people whom no detector has met, to draw thresholds on`,
    );
  const items = await Promise.all(
    clips.map(async (clip) => ({
      item: clip,
      clip: { ...clip, media: await context.run(publishClip, { clip }) },
    })),
  );
  const of = (split: Clip['split']): LineItem[] => items.filter(({ item }) => item.split === split);
  return { validation: of('validation'), test: of('test') };
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
