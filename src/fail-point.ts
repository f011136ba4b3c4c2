/**
 * Named steps at which a process can be told to kill itself, `FAILPOINT=cache-renamed:3` at the third time it comes there: the tests of
 * crashes go through every one. Without the variable a step costs one comparison.
 */

/** Every step between which what lies on the disk differs, in the order in which a run comes to them. */
export const failPoints = [
  'writable-tried',
  'lock-made',
  'lock-taken',
  'swept',
  'cache-begun',
  'cache-entry-written',
  'cache-entry-synced',
  'cache-renamed',
  'cache-committed',
  'journal-append',
  'journal-written',
  'journal-synced',
  'write-begun',
  'write-written',
  'write-synced',
  'write-renamed',
  'write-done',
  'record-removed',
  'run-written',
  'run-recorded',
  'run-ended',
] as const;
/** The same of a file that goes through a watched folder (src/screening/put-away.ts). */
export const inboxFailPoints = [
  'inbox-taken',
  'inbox-judged',
  'inbox-drafted',
  'inbox-sidecar',
  'inbox-copied',
  'inbox-moved',
  'inbox-done',
] as const;
/** The same of the screening service, in the order in which a file comes to them. */
export const screeningFailPoints = [
  'received-hashed',
  'received-stored',
  'received-recorded',
  'analysis-begun',
  'analysis-ended',
  'verdict-recorded',
  'events-told',
  'audit-appended',
  'audit-noted',
  'review-recorded',
  'erasure-recorded',
  'erased',
] as const;
export type FailPoint = (typeof failPoints | typeof inboxFailPoints | typeof screeningFailPoints)[number];

const [chosen, turn = '1'] = process.env['FAILPOINT']?.split(':') ?? [];
let hits = 0;

/** Kills this process, as the kernel would, when it is here for the time that `FAILPOINT` names. */
export function failPoint(here: FailPoint): void {
  if (here === chosen && ++hits === Number(turn)) process.kill(process.pid, 'SIGKILL');
}
