/**
 * `masque study`: has people judge clips of a run. First a page beside its clips, under names that say nothing; then what people answered becomes the
 * scores of a detector `human`. Everything stays in the run's folder.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { exitCodes, UserError } from '../src/errors.ts';
import { atomicWrite, sha256OfFile } from '../src/files.ts';
import { groupBy } from '../src/group.ts';
import { copyAlike } from '../src/media/copy-alike.ts';
import { createRng, type Rng } from '../src/random.ts';
import { formatCsv } from '../src/records/csv.ts';
import { readRecord } from '../src/records/record.ts';
import { readTestClips, type TestClip } from '../src/records/test-clips.ts';
import { plural } from '../src/reports/format.ts';
import { studyPage } from '../src/reports/study-page.ts';
import { findRun } from './find-run.ts';

export type StudyOptions = {
  /** Its id, or its folder. */
  run: string;
  results: string;
  /** How many clips people judge, half of them real. */
  clips: number;
};

const keySchema = z.object({
  study: z.string(),
  clips: z.record(
    z.string(),
    z.object({
      id: z.string(),
      group: z.string(),
      driver: z.string().exactOptional(),
      truth: z.enum(['real', 'fake']),
      generator: z.string(),
    }),
  ),
});
const answersSchema = z.object({
  study: z.string(),
  answers: z.array(
    z.object({ clip: z.string(), says: z.enum(['real', 'fake']), confidence: z.int().min(1).max(5) }),
  ),
});
type Answers = z.infer<typeof answersSchema>;

/** What each clip says of itself, real or fake: the truth about all of them. */
const comment =
  'Clip of a blinded study: half of them are synthetic media (deepfakes) made with masque, for detection research';

/** The names and what they stand for: beside the study, not in it, so that who is given the folder does not know. */
const keyPath = (folder: string): string => join(folder, 'study-key.json');

/** Builds the page anew. Returns the exit code. @throws UserError where there is no such run, or its clips are gone. */
export async function makeStudy({ run, results, clips }: StudyOptions): Promise<number> {
  const folder = await findRun(run, results, 'record.json');
  const record = await readRecord(join(folder, 'record.json'));
  const controls = new Set(record.generators.flatMap(({ label, control }) => (control ? label : [])));
  const known = (await readTestClips(folder)).filter(({ generator }) => !controls.has(generator));
  const rng = createRng(record.seed, 'study', record.id);
  const chosen = choose(known, clips, rng);
  // Of the content too: answers about clips that were made anew since find no name.
  const names = chosen.map(({ id, sha256 }) => `${randomName(rng.fork(id, sha256))}.mp4`);
  for (const clip of chosen) await requireUnchanged(clip);
  const media = join(folder, 'study', 'media');
  const replaces = existsSync(keyPath(folder));
  await rm(join(folder, 'study'), { recursive: true, force: true });
  await mkdir(media, { recursive: true });
  for (const [i, { path }] of chosen.entries()) await copyAlike(path, join(media, names[i]!), comment);
  const entries = chosen.map(({ id, group, driver, truth, generator }, i) => [
    names[i],
    { id, group, ...(driver ? { driver } : {}), truth, generator },
  ]);
  const key = { study: record.id, clips: Object.fromEntries(entries) as object };
  await atomicWrite(keyPath(folder), `${JSON.stringify(key, undefined, 1)}\n`);
  await atomicWrite(join(folder, 'study', 'index.html'), studyPage({ study: record.id, clips: names }));
  const { value: shareable, reason } = record.data.shareable;
  if (chosen.length < clips)
    process.stderr.write(
      `${chosen.length} clips instead of ${clips}: as many fakes as real ones, and the run has no more of both\n`,
    );
  if (replaces)
    process.stderr.write('the study made before is replaced; answers about clips that left it are refused\n');
  process.stdout.write(
    `${plural(chosen.length, 'clip')} to judge: open ${relative('.', join(folder, 'study', 'index.html'))}\n` +
      `What they are stands in ${relative('.', keyPath(folder))}; do not hand it on.\n` +
      (shareable ? '' : `The folder must stay where it is: ${reason}.\n`),
  );
  return exitCodes.done;
}

const randomName = (rng: Rng): string => Array.from({ length: 16 }, () => rng.int(16).toString(16)).join('');

/** Files of answers become `human.csv`. Returns the exit code. @throws UserError naming the file that is not what it should be. */
export async function readAnswers(run: string, results: string, files: readonly string[]): Promise<number> {
  const folder = await findRun(run, results, 'record.json');
  const key = checked(
    keySchema,
    await textOf(keyPath(folder), 'Make the study first, without --answers'),
    keyPath(folder),
  );
  const judges: Answers[] = [];
  const read = new Map<string, string>();
  if (files.length === 0) throw new UserError('--answers needs the files that judges downloaded');
  for (const file of files) {
    const own = checked(
      answersSchema,
      await textOf(file, 'Give the file that the page lets people download'),
      file,
    );
    if (own.study !== key.study)
      throw new UserError(`${file}: answers to a study of run ${own.study}, not of ${key.study}`);
    const strange = own.answers.find(
      ({ clip }, i) =>
        !Object.hasOwn(key.clips, clip) || own.answers.findIndex((one) => one.clip === clip) !== i,
    );
    if (strange)
      throw new UserError(
        `${file}: clip ${JSON.stringify(strange.clip)} is not in the study, or answered twice. Was the study made anew since?`,
      );
    const twin = read.get(JSON.stringify(own));
    if (twin !== undefined)
      throw new UserError(`${file}: the same answers as ${twin}; give those of each judge once`);
    read.set(JSON.stringify(own), file);
    judges.push(own);
  }
  const given = groupBy(
    judges.flatMap(({ answers }) => answers),
    ({ clip }) => clip,
  );
  const rows = Object.entries(key.clips).flatMap(([name, { id, group, driver = '', truth }]) => {
    const answers = given.get(name);
    return answers ? [[id, group, driver, truth, String(humanScore(answers)), 'human']] : [];
  });
  if (rows.length === 0) throw new UserError(`${files.join(', ')}: there is no answer in it`);
  const path = join(folder, 'human.csv');
  await atomicWrite(path, formatCsv([['id', 'group', 'driver', 'label', 'score', 'detector'], ...rows]));
  process.stdout.write(
    `${plural(judges.length, 'judge')}, ${plural(rows.length, 'clip')}: ${relative('.', path)}\nmeasure them: npm run -s measure -- ${relative('.', path)}\n`,
  );
  return exitCodes.done;
}

/** Mean over the judges of how sure they are, counted below 0 by who says real: in [-1, 1]. */
function humanScore(answers: Answers['answers']): number {
  const signed = answers.map(({ says, confidence }) => ((says === 'fake' ? 1 : -1) * confidence) / 5);
  return signed.reduce((sum, value) => sum + value, 0) / signed.length;
}

/** Half of them real, the fakes spread evenly over the generators, in random order; fewer where there are no more. */
function choose(known: readonly TestClip[], count: number, rng: Rng): TestClip[] {
  const makers = [
    ...groupBy(
      known.filter(({ truth }) => truth === 'fake'),
      ({ generator }) => generator,
    ).values(),
  ].map((own) => rng.shuffle(own));
  const longest = Math.max(0, ...makers.map((own) => own.length));
  const inTurn = Array.from({ length: longest }, (_, i) => makers.flatMap((own) => own[i] ?? [])).flat();
  const reals = rng.shuffle(known.filter(({ truth }) => truth === 'real'));
  const half = Math.min(Math.floor(count / 2), reals.length, inTurn.length);
  if (half === 0) throw new UserError('a study needs real clips and fakes of the test, and at least 2 clips');
  return rng.shuffle([...reals.slice(0, half), ...inTurn.slice(0, half)]);
}

async function requireUnchanged({ id, path, sha256 }: TestClip): Promise<void> {
  const found = await sha256OfFile(path).catch(() => undefined);
  if (found !== sha256)
    throw new UserError(
      `${id}: its file is ${found === undefined ? 'gone' : 'another one'}. Run the experiment again: what is finished comes from the cache`,
    );
}

async function textOf(path: string, remedy: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)}). ${remedy}`,
      { cause },
    );
  });
}

function checked<T>(schema: z.ZodType<T>, text: string, path: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${path}: damaged, not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UserError(
    `${path}: not what a study writes: ${issue?.path.join('.') || '(whole file)'}: ${issue?.message}`,
  );
}
