/** An analysis that judges by the first letter of a file, or the first of the last two where it begins as media do, in no time: c clean, s suspicious, m manipulated, n not applicable, u unable; t throws, h hangs, x contradicts itself. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ItemError } from '../../src/errors.ts';
import type { Analyse, Finding, Verdict } from '../../src/screening/types.ts';

const statuses: Record<string, [Verdict, number | null]> = {
  c: ['NO_SIGNS_FOUND', 0.1],
  s: ['SUSPICIOUS', 0.6],
  m: ['MANIPULATED', 0.9],
  n: ['NOT_APPLICABLE', null],
  u: ['UNABLE_TO_EVALUATE', null],
  x: ['NO_SIGNS_FOUND', Number.NaN],
};

const lettersOf = (bytes: Buffer): string =>
  bytes[0]! < 0x20 || bytes[0]! > 0x7e ? bytes.toString('latin1').slice(-2) : bytes.toString();

/** Frames of a content: files whose second letter is the same are near copies, one bit apart. */
const framesOf = (sha256: string, letter: string): string[] =>
  ['0f', 'e1', '5a'].map((byte) =>
    `${byte}${letter.charCodeAt(0).toString(16).repeat(6)}${sha256.charCodeAt(0) % 2}f`.padEnd(16, '3'),
  );

export function toyAnalyse({
  bundle = 'toy-1',
  delayMs = 0,
  calibration = null,
  begun = () => {},
}: {
  bundle?: string;
  delayMs?: number;
  calibration?: Finding['calibration'];
  begun?(sha256: string): void;
} = {}): Analyse {
  return async ({ path, sha256 }): Promise<Finding> => {
    begun(sha256);
    const [first = '', second = 'a'] = lettersOf(readFileSync(path));
    if (delayMs > 0) await sleep(delayMs);
    if (first === 't') throw new ItemError('E_TOY', `${path}: it cannot be read`);
    if (first === 'h') await new Promise(() => {});
    const [status, score] = statuses[first]!;
    return {
      status,
      kind: 'clip',
      score,
      models: [{ name: 'toy', status: score === null ? 'NOT_APPLICABLE' : 'SCORED', score }],
      reasons: [{ code: 'TOY', message: 'It begins with this letter.' }],
      localisation: [],
      provenance: { credentials: 'absent', claims: [] },
      calibration: score === null ? null : calibration,
      bundle,
      fingerprints: framesOf(sha256, second),
      seconds: delayMs / 1000,
    };
  };
}
