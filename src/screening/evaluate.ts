/** One analysis, whatever becomes of it: what fails, takes too long or contradicts itself is UNABLE_TO_EVALUATE, never ½ and never clean. Only where the machine fails nothing is said of the file. */
import { ItemError } from '../errors.ts';
import { troubleOf } from './trouble.ts';
import { type Analyse, type Finding, type Reason, verdicts } from './types.ts';

/** What is said where nothing could be. `reasons`: without a path or a name. `seconds`: of work. */
export const unable = (bundle: string, reasons: Reason[], seconds = 0): Finding => ({
  status: 'UNABLE_TO_EVALUATE',
  kind: null,
  score: null,
  models: [],
  reasons,
  localisation: [],
  provenance: { credentials: 'not-examined', claims: [] },
  calibration: null,
  bundle,
  fingerprints: [],
  seconds,
});

/** How long an analysis may take, where nobody says otherwise. */
export const usualSeconds = 600;

/**
 * `mostSeconds`: after so long the answer is waited for no more. `warn` hears why an analysis failed, in words that may hold paths.
 * @throws what the machine does wrong (a full disk, a tool that does not start): the file can be asked about again once that is mended.
 */
export async function evaluate(
  analyse: Analyse,
  file: { path: string; sha256: string },
  { bundle, mostSeconds, warn }: { bundle: string; mostSeconds: number; warn(message: string): void },
): Promise<Finding> {
  const givenUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding>((settle) => {
    const message = `The analysis took longer than ${mostSeconds} s and was given up.`;
    timer = setTimeout(() => {
      settle(unable(bundle, [{ code: 'E_TIMEOUT', message }], mostSeconds));
      // What nobody waits for must not keep others waiting.
      givenUp.abort(new Error(message));
    }, mostSeconds * 1000);
  });
  try {
    const finding = await Promise.race([analyse(file, givenUp.signal), late]);
    const doubt = doubtOf(finding, bundle);
    if (doubt === undefined) return finding;
    warn(`${file.sha256}: ${doubt.code} ${doubt.message}`);
    return unable(bundle, [doubt]);
  } catch (error) {
    if (troubleOf(error)) throw error;
    warn(`${file.sha256}: ${(error as Error).message}`);
    const message = 'The analysis failed, so nothing is known of this file.';
    return unable(bundle, [{ code: codeOf(error), message }]);
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ItemError) return error.code;
  return /^E_[A-Z_]+/.exec((error as Error).message)?.[0] ?? 'E_ANALYSIS';
}

/** Why a finding is not to be believed: an analysis that is broken must not clear anything. */
function doubtOf(finding: Finding, bundle: string): Reason | undefined {
  const { status, score } = finding;
  if (finding.bundle !== bundle)
    return { code: 'E_BUNDLE', message: 'The analysis was made with another bundle than the one in use.' };
  const judged = status === 'NO_SIGNS_FOUND' || status === 'SUSPICIOUS' || status === 'MANIPULATED';
  const inRange = typeof score === 'number' && score >= 0 && score <= 1;
  if (!verdicts.includes(status) || (judged ? !inRange : score !== null))
    return {
      code: 'E_ANALYSIS',
      message: 'The analysis contradicts itself: its score and status do not fit.',
    };
  return undefined;
}
