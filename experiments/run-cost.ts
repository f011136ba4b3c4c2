/** What a run took, which its last start alone need not know. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readRecord, type RunRecord } from '../src/records/record.ts';
import type { History } from '../src/records/run-history.ts';

/**
 * The record with the cost of all starts that the run needed. `history`: of the starts before this one since it was last done, with the jobs of this one. Where all
 * was read back from the cache, the cost is that of when it was computed, as `first`, the record that is there, says.
 */
export function withCost(record: RunRecord, history: History, first: RunRecord | undefined): RunRecord {
  if (first) return withCostOf(first, record);
  if (history.starts === 0) return record;
  const { cached, computed } = record.counts.jobs!;
  const jobs = {
    cached: Math.max(0, cached + computed - history.computed.size),
    computed: history.computed.size,
  };
  return {
    ...record,
    startedAt: history.startedAt!,
    starts: history.starts + 1,
    seconds: history.seconds + record.seconds,
    counts: { ...record.counts, jobs },
  };
}

/** The record that is there, if nothing was computed since. `warn` hears of one that is damaged: its cost is lost. */
export async function earlierRecord(
  folder: string,
  { computed }: History,
  warn: (message: string) => void,
): Promise<RunRecord | undefined> {
  const path = join(folder, 'record.json');
  if (computed.size > 0 || !existsSync(path)) return undefined;
  return readRecord(path).catch(() => {
    warn(`cost: ${path} is damaged and is replaced; what the run took when it was computed is lost with it`);
    return undefined;
  });
}

function withCostOf(first: RunRecord, record: RunRecord): RunRecord {
  const { jobs: _, ...counts } = record.counts;
  const { startedAt, starts, seconds, peakMemory, mainThread } = first;
  const { jobs } = first.counts;
  return {
    ...record,
    startedAt,
    seconds,
    peakMemory,
    ...(starts === undefined ? {} : { starts }),
    counts: { ...counts, ...(jobs ? { jobs } : {}) },
    ...(mainThread ? { mainThread } : {}),
  };
}
