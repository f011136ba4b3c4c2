/**
 * Detectors packed with what they may say: networks, thresholds, the domain they were tested in, and a card that tells people. `bundle.json` beside the files that it names by their
 * hashes; its own hash is the bundle's id, so that every verdict names what gave it.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { atomicWrite, linkOrCopy, replaceFolder, sha256OfFile } from '../files.ts';
import { canonicalJson } from '../pipeline/key.ts';
import type { FileRef } from '../types.ts';
import type { Member } from './examine.job.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const rate = z.strictObject({ stated: z.number(), upper: z.number(), identities: z.int(), above: z.int() });
const threshold = z.strictObject({ value: z.number(), rate });
const domain = z.strictObject({
  mean: z.array(z.number()),
  covariance: z.array(z.number()),
  border: threshold,
  fitted: z.int(),
});
const streams = z.strictObject({ picture: domain.optional(), sound: domain.optional() });
const counts = z.strictObject({
  tested: z.int(),
  manipulated: z.int(),
  suspicious: z.int(),
  /** Not like what the bundle was tested on, or not judged for another reason. */
  notJudged: z.int(),
});
const tested = counts.extend({
  maker: z.string(),
  /** Whether detectors of the bundle learned from its fakes. */
  seen: z.boolean(),
});
const rule = z.strictObject({
  /** How each member's scores of genuine files lie: the score is how many deviations it is above their mean, and of several the largest. */
  members: z.array(z.strictObject({ label: z.string(), mean: z.number(), deviation: z.number() })),
  manipulated: threshold,
  suspicious: threshold,
  /** Scores of genuine files of the test people, whom neither detectors nor thresholds have seen; ascending. */
  genuine: z.array(z.number()),
  /** Of genuine files of the test people, and of fakes of some of them, what came of them. `people`: each by the worst of its files, as the thresholds were drawn; only these can be held against their bounds. */
  real: counts.extend({ people: counts }),
  fakes: z.array(tested),
});
export type KindRule = z.infer<typeof rule>;
export type Counts = z.infer<typeof counts>;

const schema = z.strictObject({
  schemaVersion: z.literal(3),
  name: z.string(),
  /** The run that made it. */
  run: z.string(),
  members: z.array(
    z.strictObject({
      label: z.string(),
      name: z.string(),
      looksAt: z.enum(['picture', 'sound']),
      options: z.unknown(),
      seed: z.int(),
      /** Of the detector's module and all it imports. */
      code: sha256,
      files: z.record(z.string(), z.strictObject({ file: z.string().regex(/^[\w.-]+$/), sha256 })),
      info: z.record(z.string(), z.unknown()),
      trainedOn: z.array(z.string()),
    }),
  ),
  kinds: z.strictObject({ clip: rule.optional(), photo: rule.optional(), sound: rule.optional() }),
  /** Of each kind of file its own: what a photo's codec leaves is not what a clip's does. */
  domain: z.strictObject({ clip: streams.optional(), photo: streams.optional(), sound: streams.optional() }),
  card: z.strictObject({
    trainedOn: z.array(z.string()),
    testedOn: z.array(z.string()),
    cannotJudge: z.array(z.string()),
  }),
});
export type BundleContent = z.infer<typeof schema>;
export type Bundle = { id: string; content: BundleContent; members: Member[] };

/** Replaces the folder by the bundle in one step. `files` of each member, in their order. Returns the id. */
export async function writeBundle(
  folder: string,
  content: BundleContent,
  files: readonly Record<string, FileRef>[],
): Promise<string> {
  const text = `${canonicalJson(content)}\n`;
  await replaceFolder(folder, async (fresh) => {
    for (const [i, member] of content.members.entries())
      for (const [name, { file }] of Object.entries(member.files))
        await linkOrCopy(files[i]![name]!.path, join(fresh, file)).catch(ifThere);
    await atomicWrite(join(fresh, 'card.md'), cardOf(content, idOf(text)));
    await atomicWrite(join(fresh, 'bundle.json'), text);
  });
  return idOf(text);
}

/**
 * The bundle in a folder, once every file in it is what its hash says. `codeOf`: the module of a detector as it is here.
 * @throws UserError where something is missing, changed, or made by another version of a detector.
 */
export async function openBundle(folder: string, codeOf: (name: string) => FileRef): Promise<Bundle> {
  const path = join(folder, 'bundle.json');
  const remedy = 'Make it anew: npm run experiment -- configs/screening.yaml';
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(`${path}: there is no bundle of detectors here. ${remedy}`, { cause });
  });
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new UserError(`${path}: not a bundle (${z.prettifyError(parsed.error)}). ${remedy}`);
  const content = parsed.data;
  const members: Member[] = [];
  for (const { label, name, looksAt, options, seed, code, files, info } of content.members) {
    const here = codeOf(name);
    if (here.sha256 !== code)
      throw new UserError(`${path}: "${label}" was packed by another version of its code. ${remedy}`);
    const refs: Record<string, FileRef> = {};
    for (const [key, { file, sha256: stated }] of Object.entries(files)) {
      const ref = { path: join(folder, file), sha256: stated };
      const found = await sha256OfFile(ref.path).catch(() => 'missing');
      if (found !== stated)
        throw new UserError(`${ref.path}: not what ${path} says (SHA-256 ${found}). ${remedy}`);
      refs[key] = ref;
    }
    const model = { files: refs, info };
    members.push({ label, looksAt, code: here, name, options, seed, model });
  }
  return { id: idOf(text), content, members };
}

const idOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Two members may share a file. */
function ifThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const bound = (
  { rate: { stated, upper, identities } }: KindRule['manipulated'],
  where: string,
  confidence: string,
): string =>
  `set so that ${percent(stated)} of ${identities} genuine people lie ${where}; with ${confidence} fewer than ${percent(upper)} do`;

/** What people should know of the bundle, as Markdown. */
function cardOf({ name, run, members, kinds, domain: known, card }: BundleContent, id: string): string {
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}\n`).join('');
  const tables = Object.entries(kinds).map(([kind, own]) => kindTable(kind, own!));
  const borders = Object.entries(known).flatMap(([kind, streamsOf]) =>
    Object.entries(streamsOf!).map(
      ([what, own]) =>
        `${what} of a ${kind}: a Gaussian around ${own!.fitted} files; ${bound(own!.border, 'beyond its border', '95 % confidence')}`,
    ),
  );
  return `# Bundle ${name} ${id}

Made by run ${run}. Detectors: ${members.map(({ label }) => label).join(', ')}.

## Learned from
${list(card.trainedOn)}
## Tested on
${list(card.testedOn)}
${tables.join('\n')}
## Cannot judge
${list(card.cannotJudge)}
Outside what it was tested on the only answer is NOT_APPLICABLE. How far that reaches was measured:
${list(borders)}
The people who draw a border are every second of those that thresholds are drawn on, each by the farthest file; "not judged" counts what lies beyond among the test files. A recording that leaves the same in picture and sound as what it was tested on is not told from it.
`;
}

function kindTable(kind: string, { members, manipulated, suspicious, real, fakes }: KindRule): string {
  // See `thresholdFor`.
  const isRough = members.length > 1;
  const confidence = `${isRough ? 'about ' : ''}95 % confidence, all such bounds of this card together,`;
  const why = `- "About", because the scale on which its ${members.length} detectors are compared is drawn on the same people\n`;
  const says = (what: string, drawn: KindRule['manipulated']): string =>
    `${what}: ${bound(drawn, 'above', confidence)}`;
  const row = (label: string, t: Counts): string =>
    `| ${label} | ${t.tested} | ${t.manipulated} | ${t.suspicious} | ${t.notJudged} |\n`;
  return `### ${kind}
- ${says('MANIPULATED', manipulated)}
- ${says('SUSPICIOUS', suspicious)}
- A person counts by the highest of its files, here and in the table's first row
${isRough ? why : ''}
| | tested | MANIPULATED | SUSPICIOUS | not judged |
|---|---|---|---|---|
${row('genuine people', real.people)}${row('genuine files', real)}${fakes.map((fake) => row(`${fake.maker}${fake.seen ? '' : ' (not learned from)'}`, fake)).join('')}`;
}
