/** A bundle at work: a file in, a finding out. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { ItemError } from '../errors.ts';
import type { Pool } from '../queue/pool.ts';
import type { FileRef, Job } from '../types.ts';
import type { Bundle } from './bundle.ts';
import { isMedia } from './file-types.ts';
import { kindOfFile } from './kind-of-file.ts';
import { combined, judge, reason, shown } from './judge.ts';
import { unable } from './evaluate.ts';
import { type Examined, examineFile, localise } from './examine.job.ts';
import type { Analyse, Finding, Localised } from './types.ts';

/** A file is what its content says, whatever it is called. `scratch`: a folder for what the jobs write, which is nothing that lasts. What a detector cannot do with the file is in the finding, and that it could not be said where something was found; any other failure is thrown. */
export function analyseWith(bundle: Bundle, pool: Pool, scratch: string): Analyse {
  const { id, members } = bundle;
  const run = async <I, O>(job: Job<I, O>, input: I, signal: AbortSignal | undefined): Promise<O> => {
    const folder = await mkdtemp(join(scratch, 'analysis-'));
    try {
      return (await pool.run(job, input, folder, signal ? { signal } : {})).output;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return async ({ path, sha256 }, signal) => {
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    const { type, held } = await kindOfFile(path, '');
    if (held.length > 0) return unable(id, held, seconds());
    if (!isMedia(type)) return { ...unable(id, [reason('E_NOT_READ')], seconds()), status: 'NOT_APPLICABLE' };
    // Readers go by the extension, and whoever sent it may have called it anything or nothing.
    const named = await mkdtemp(join(scratch, 'named-'));
    const file = { path: join(named, `file.${type}`), sha256 };
    try {
      await symlink(resolve(path), file.path);
      const examined = await run(examineFile, { file, members }, signal);
      const judged = judge(bundle, examined);
      const { fingerprints, provenance } = examined;
      const asked = { ...examined, status: judged.status };
      const localisation = await where(file, bundle, asked, signal).catch(() => undefined);
      signal?.throwIfAborted();
      // What was found stands, also where nobody can say where it is.
      const reasons = localisation ? judged.reasons : [...judged.reasons, reason('NOT_LOCALISED')];
      return {
        ...judged,
        reasons,
        fingerprints,
        provenance,
        localisation: localisation ?? [],
        bundle: id,
        seconds: seconds(),
      };
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      return unable(id, [reason(error.code)], seconds());
    } finally {
      await rm(named, { recursive: true, force: true });
    }
  };

  /** Where the detector that speaks loudest found it. */
  async function where(
    file: FileRef,
    { content }: Bundle,
    { kind, said, status }: Examined & Pick<Finding, 'status'>,
    signal: AbortSignal | undefined,
  ): Promise<Localised[]> {
    const rule = content.kinds[kind];
    if (!rule || (status !== 'MANIPULATED' && status !== 'SUSPICIOUS')) return [];
    const strength = (label: string): number =>
      combined(
        rule,
        said.filter((one) => one.label === label),
      ) ?? Number.NEGATIVE_INFINITY;
    const [loudest] = members.toSorted((a, b) => strength(b.label) - strength(a.label));
    const found = await run(localise, { file, member: loudest! }, signal);
    const { label } = loudest!;
    return found.map(({ score, ...place }) => ({
      ...place,
      score: shown(rule, combined(rule, [{ label, score }])!),
    }));
  }
}
