/** What a run has been through since it was last done, as its journal tells. */
import type { EndEntry, JobEntry, StartEntry, Written } from './journal.ts';

export type History = {
  /** How often it was started since it was last done, and how long these starts lasted in all; one that was killed, until the last that is known of it. */
  starts: number;
  seconds: number;
  /** When the first of these starts was, ISO 8601. */
  startedAt?: string;
  /** What became of each job in the end, by name and key. */
  jobs: Map<string, JobEntry['how']>;
  /** Jobs that were computed, and how many of them more than once. */
  computed: Set<string>;
  repeated: Set<string>;
  /** The last start and, unless it was killed or is still under way, its end. */
  started?: StartEntry;
  ended?: EndEntry;
};

export const nameOf = ({ job, key }: Pick<JobEntry, 'job' | 'key'>): string => `${job} ${key}`;

/** The history of the starts after the last one that was done. */
export function historyOf(all: readonly Written[]): History {
  const lastDone = all.findLastIndex((entry) => entry.event === 'ended' && entry.how === 'done');
  const history: History = {
    starts: 0,
    seconds: 0,
    jobs: new Map(),
    computed: new Set(),
    repeated: new Set(),
  };
  let lastMs = 0;
  for (const entry of all.slice(lastDone + 1)) {
    const atMs = Date.parse(entry.at);
    if (entry.event === 'started') {
      history.starts++;
      history.startedAt ??= entry.at;
      history.started = entry;
      delete history.ended;
    } else {
      history.seconds += (atMs - lastMs) / 1000;
      if (entry.event === 'ended') history.ended = entry;
      else addJob(history, entry);
    }
    lastMs = atMs;
  }
  return history;
}

/** Adds what became of a job. */
export function addJob({ jobs, computed, repeated }: History, entry: JobEntry): void {
  const name = nameOf(entry);
  jobs.set(name, entry.how);
  if (entry.how !== 'computed') return;
  if (computed.has(name)) repeated.add(name);
  computed.add(name);
}
