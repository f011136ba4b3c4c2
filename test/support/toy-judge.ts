/** Judges a file by its last byte, so that every status can be had from any of the formats: `MSUN` in ASCII as in `letters`, anything else has no signs. */
import { readFileSync } from 'node:fs';
import type { Judge } from '../../src/screening/judge-file.ts';
import type { Action, Finding, Verdict } from '../../src/screening/types.ts';

const letters: Record<string, [Verdict, number | null]> = {
  M: ['MANIPULATED', 0.9],
  S: ['SUSPICIOUS', 0.6],
  U: ['UNABLE_TO_EVALUATE', null],
  N: ['NOT_APPLICABLE', null],
};
const strict: Record<Verdict, Action> = {
  NO_SIGNS_FOUND: 'allow',
  SUSPICIOUS: 'tag',
  MANIPULATED: 'quarantine',
  NOT_APPLICABLE: 'tag',
  UNABLE_TO_EVALUATE: 'quarantine',
};

export const toyJudge = (policy: Partial<Record<Verdict, Action>> = {}): Judge => ({
  bundle: 'toy',
  analyse: async ({ path }) => findingOf(readFileSync(path).at(-1)!),
  actionFor: (status) => ({ ...strict, ...policy })[status],
  close: async () => {},
});

function findingOf(lastByte: number): Finding {
  const [status, score] = letters[String.fromCharCode(lastByte)] ?? ['NO_SIGNS_FOUND', 0.1];
  return {
    status,
    kind: 'photo',
    score,
    models: [],
    reasons: [],
    localisation: [],
    provenance: { credentials: 'absent', claims: [] },
    calibration: null,
    bundle: 'toy',
    fingerprints: [],
    seconds: 0,
  };
}
