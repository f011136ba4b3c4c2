/** A tracked run in pieces that a server takes. */
import type { Entry, Metric, TrackedRun } from './runs.ts';

/** What one `runs/log-batch` carries. */
export type Batch = { params: Entry[]; tags: Entry[]; metrics: Metric[] };

/**
 * MLflow takes 100 parameters, 100 tags, 1000 metrics, 1000 of them together and 10⁶ bytes at a time (`mlflow/utils/validation.py`, 3.17); each kind gets its
 * part of it.
 */
const most = { params: 100, tags: 100, metrics: 800, bytes: 300_000 };

/** Parameters, tags and metrics together, in as few batches as hold them and at least one; points of a series stay in the order of their steps. */
export function batchesOf({ params, tags, metrics }: TrackedRun): Batch[] {
  const parts = {
    params: portions(params, most.params),
    tags: portions(tags, most.tags),
    metrics: portions(metrics, most.metrics),
  };
  const count = Math.max(1, parts.params.length, parts.tags.length, parts.metrics.length);
  return Array.from({ length: count }, (_, i) => ({
    params: parts.params[i] ?? [],
    tags: parts.tags[i] ?? [],
    metrics: parts.metrics[i] ?? [],
  }));
}

/** In order, each within what one request may hold. */
function portions<T>(entries: readonly T[], count: number): T[][] {
  const all: T[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (all.length === 0 || all.at(-1)!.length === count || bytes > room) {
      all.push([]);
      room = most.bytes;
    }
    all.at(-1)!.push(entry);
    room -= bytes;
  }
  return all;
}
