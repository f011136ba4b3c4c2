/** Writes what a run leaves into its folder. */
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { asWritten, type Experiment } from '../src/config.ts';
import { fileName } from '../src/file-name.ts';
import { atomicWrite, sha256OfFile } from '../src/files.ts';
import { maskPath } from '../src/media/mask.ts';
import { provenancePath } from '../src/media/provenance.ts';
import { truthOf } from '../src/pipeline/items.ts';
import { toItems, toOutcomes } from '../src/pipeline/measure.ts';
import { peopleIn } from '../src/pairs.ts';
import type { Pool } from '../src/queue/pool.ts';
import { formatItems } from '../src/records/item-table.ts';
import { writeOutcomes } from '../src/records/outcomes.ts';
import type { RunRecord } from '../src/records/record.ts';
import { type TestClip, writeTestClips } from '../src/records/test-clips.ts';
import { type RunResults, rowsOf } from './results.ts';
import { failuresCsv } from './failures.ts';
import { writeReport } from './write-report.ts';

/**
 * All that a run leaves, but for its record: that stands last, because a folder with a record is a finished run. What an earlier run of this id left goes.
 * Returns the hashes that the record keeps.
 */
export async function writeRun(
  folder: string,
  record: RunRecord,
  experiment: Experiment,
  result: RunResults,
  pool: Pool,
): Promise<Record<string, string>> {
  const all = rowsOf(result);
  await rm(join(folder, 'fakes'), { recursive: true, force: true });
  await copyFakes(join(folder, 'fakes'), result);
  await atomicWrite(join(folder, 'config.yaml'), stringify(asWritten(experiment)));
  await writeOutcomes(folder, toOutcomes(record.id, all));
  await atomicWrite(
    join(folder, 'items.csv'),
    formatItems(
      toItems(
        all.filter(({ entry }) => entry.item.split === 'test'),
        result.attributes,
      ),
    ),
  );
  await writeTestClips(folder, testClips(result));
  await atomicWrite(join(folder, 'failures.csv'), failuresCsv(result));
  await writeReport(folder, record, result, pool);
  const names = ['outcomes.csv', 'items.csv'];
  const hashes = await Promise.all(names.map((name) => sha256OfFile(join(folder, name))));
  return Object.fromEntries(names.map((name, i) => [name, hashes[i]!]));
}

/** Real test clips and fakes whose truth is known. */
function testClips({ line }: RunResults): TestClip[] {
  const items = [...line.published, ...line.fakes.flatMap((made) => made.items)];
  return items.flatMap((entry) => {
    const truth = truthOf(entry.item, 'any');
    if (!('clip' in entry) || entry.item.split !== 'test' || !truth) return [];
    const { item, generator = 'none', clip } = entry;
    return [
      {
        id: item.id,
        generator,
        truth,
        ...peopleIn(item),
        path: clip.media.path,
        sha256: clip.media.sha256,
      },
    ];
  });
}

/** Fakes of the test split, each with its provenance beside it, and the mask of what was repainted. */
async function copyFakes(folder: string, { line }: RunResults): Promise<void> {
  await mkdir(folder, { recursive: true });
  const taken = new Set<string>();
  for (const entry of line.fakes.flatMap((made) => made.items)) {
    if (!('clip' in entry) || entry.item.split !== 'test') continue;
    const name = fileName(entry.item.id, taken);
    taken.add(name);
    const target = join(folder, `${name}.mp4`);
    await copyFile(entry.clip.media.path, target);
    const manifest = JSON.parse(await readFile(provenancePath(entry.clip.media.path), 'utf8')) as object;
    const named = { ...manifest, file: basename(target) };
    await atomicWrite(provenancePath(target), `${JSON.stringify(named, undefined, 2)}\n`);
    await copyFile(maskPath(entry.clip.media.path), maskPath(target)).catch(unlessMissing);
  }
}

/** Fakes in their sound alone have no mask. */
function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
