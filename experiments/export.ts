/**
 * `masque export`: copies of a run's fakes that may leave the run folder. Each says what it is: a label in the picture, a comment in
 * the container, a signed C2PA manifest, and our own manifest beside it. Every export stands in `exports.log.jsonl` before its file appears.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { createSigner, signFake, type Signer, type SourceType } from '../src/export/c2pa-sign.ts';
import { markFake } from '../src/export/mark-fake.job.ts';
import { exitCodes, ItemError, UserError } from '../src/errors.ts';
import { requireWritable, sha256OfFile } from '../src/files.ts';
import { type Provenance, provenancePath, readProvenance, writeProvenance } from '../src/media/provenance.ts';
import { createProgress, type Progress } from '../src/pipeline/progress.ts';
import { createPool, type Pool } from '../src/queue/pool.ts';
import { appendToLog, type Entry, verifyLog } from '../src/records/audit-log.ts';
import { plural } from '../src/reports/format.ts';
import { catalog } from './catalog.ts';
import { findRun } from './find-run.ts';

export type ExportOptions = {
  /** Its id, or its folder. */
  run: string;
  results: string;
  to: string;
  /** `undefined`: with label. Otherwise why there is none. */
  noLabel?: string;
};

/** Where exports of a results folder are logged. */
export const exportLog = (results: string): string => join(results, 'exports.log.jsonl');

/** Returns the exit code: 0, or 3 where some fakes had to stay. @throws UserError when there is nothing to export or nowhere to. */
export async function exportRun({ run, results, to, noLabel }: ExportOptions): Promise<number> {
  const folder = join(await findRun(run, results, 'fakes'), 'fakes');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mp4')).toSorted();
  if (names.length === 0) throw new UserError(`${folder}: the run left no fakes`);
  await requireWritable(to).catch((cause: unknown) => {
    throw new UserError(`${to}: nothing can be written there (${(cause as Error).message})`, {
      exitCode: exitCodes.environment,
      cause,
    });
  });
  // What an interrupted export left there is of no use.
  const making = join(to, '.making');
  await rm(making, { recursive: true, force: true });
  await mkdir(making);
  const progress = createProgress();
  progress.note(`exporting ${plural(names.length, 'fake')} to ${to}`);
  const pool = createPool(availableParallelism());
  try {
    const signer = await createSigner();
    const marked = await Promise.all(
      names.map((name) =>
        mark(join(folder, name), making, { pool, progress, signer, noLabel }).catch((error: unknown) => {
          if (!(error instanceof ItemError)) throw error;
          progress.note(`${error.code} ${error.message}`);
          return undefined;
        }),
      ),
    );
    const ready = marked.filter((entry) => entry !== undefined);
    const head = await appendToLog(
      exportLog(results),
      ready.map(({ entry }) => entry),
    );
    for (const { name } of ready) {
      await rename(provenancePath(join(making, name)), provenancePath(join(to, name)));
      await rename(join(making, name), join(to, name));
    }
    process.stdout.write(
      `${ready.length} of ${names.length} fakes in ${to}\nlogged in ${exportLog(results)}; its last hash, to keep elsewhere: ${head}\n`,
    );
    return ready.length === names.length ? exitCodes.done : exitCodes.tooManyFailures;
  } finally {
    progress.stop();
    await pool.close();
    await rm(making, { recursive: true, force: true });
  }
}

type Marking = { pool: Pool; progress: Progress; signer: Signer; noLabel: string | undefined };
type Marked = { name: string; entry: Entry };

/**
 * A marked copy in `making`, with its manifest, and what the log says of it.
 * @throws ItemError E_PROVENANCE where the fake's own manifest is missing or belongs to other content, E_NO_CONSENT where a real person did
 * not agree, and what marking throws.
 */
async function mark(
  path: string,
  making: string,
  { pool, progress, signer, noLabel }: Marking,
): Promise<Marked> {
  const name = basename(path);
  const facts = await readProvenance(path);
  if (!facts)
    throw new ItemError(
      'E_PROVENANCE',
      `${path}: nothing beside it says what it was made of, so it stays here`,
    );
  requireConsent(path, facts);
  const { generator, sha256 } = facts;
  const work = await mkdtemp(join(making, 'work-'));
  const task = progress.begin(markFake.name);
  const input = { path, generator, label: noLabel === undefined };
  try {
    const listener = { ...task, note: progress.note };
    const { output } = await pool.run(markFake, input, work, { listener });
    const target = join(making, name);
    await writeFile(
      target,
      await signFake(await readFile(join(work, output)), { generator, source: sourceOf(facts), signer }),
    );
    const label = noLabel === undefined ? ('visible' as const) : { none: noLabel };
    await writeProvenance(target, { ...facts, exported: { from: sha256, label } });
    const entry = {
      at: new Date().toISOString(),
      what: 'export',
      file: name,
      generator,
      from: sha256,
      sha256: await sha256OfFile(target),
      label,
    };
    task.end('computed');
    return { name, entry };
  } catch (error) {
    task.end('failed');
    throw error;
  }
}

/** A licence is not consent. Rendered people need none. */
function requireConsent(path: string, { licence, likenessConsent }: Provenance): void {
  if (licence === 'synthetic' || likenessConsent) return;
  throw new ItemError(
    'E_NO_CONSENT',
    `${path}: nobody recorded that the person agreed to fakes of them (licence: ${licence}), so it stays in the run folder`,
  );
}

/** Says whether the log of exports holds. `anchor`: a hash of it that was kept elsewhere. @throws UserError naming the first bad entry. */
export async function verifyExports(results: string, anchor?: string): Promise<number> {
  const path = exportLog(results);
  const found = await verifyLog(path, anchor);
  if (!existsSync(path))
    throw new UserError(
      `${path}: there is no such log. Either nothing was exported from here, or it was removed`,
    );
  if ('broken' in found) throw new UserError(`${path}: ${found.broken}`);
  process.stdout.write(`${path}: ${found.number} exports, each in its place; last hash ${found.head}\n`);
  return exitCodes.done;
}

function sourceOf({ generator, model }: Provenance): SourceType {
  if (catalog.generators[generator.split('@')[0]!]?.depicts) return 'trainedAlgorithmicMedia';
  return Object.keys(model).length > 0 ? 'compositeWithTrainedAlgorithmicMedia' : 'compositeSynthetic';
}
