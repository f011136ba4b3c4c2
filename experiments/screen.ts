/** `masque screen`: judges files by the bundle, changes nothing, and keeps nothing. */
import { access, constants, stat } from 'node:fs/promises';
import { UserError } from '../src/errors.ts';
import { sha256OfFile } from '../src/files.ts';
import { actionOf, defaultPolicy, readPolicy } from '../src/screening/policy.ts';
import type { Action, Finding } from '../src/screening/types.ts';
import { shown } from '../src/shown.ts';
import { openAnalysis } from './open-analysis.ts';

export const screenCodes = { nothingFound: 0, fakeFound: 1, undecided: 2 } as const;

type Screened = { file: string; sha256: string; finding: Finding; action: Action };

/**
 * One line a file, in the order given. Returns 1 where signs of manipulation were found in any, else 2 where any could not be judged, else 0.
 * @throws UserError where a file cannot be read, before anything is judged.
 */
export async function screen(
  files: readonly string[],
  options: { json: boolean; bundle: string; policy?: string; withoutSandbox: boolean; workers?: number },
): Promise<number> {
  await Promise.all(files.map(requireReadable));
  const policy = options.policy === undefined ? defaultPolicy : readPolicy(options.policy);
  const machine = await openAnalysis(options);
  try {
    const underWay = files.map(async (file): Promise<Screened> => {
      const sha256 = await sha256OfFile(file);
      const finding = await machine.analyse({ path: file, sha256 });
      return { file, sha256, finding, action: actionOf(finding.status, policy) };
    });
    // Told in their turn; one that fails before its turn comes must not end the process.
    for (const one of underWay) one.catch(() => {});
    const findings: Finding[] = [];
    for (const one of underWay) {
      const screened = await one;
      findings.push(screened.finding);
      process.stdout.write(`${options.json ? asJson(screened) : inWords(screened)}\n`);
    }
    return exitCodeOf(findings);
  } finally {
    await machine.close();
  }
}

export function exitCodeOf(findings: readonly Pick<Finding, 'status'>[]): number {
  const any = (...statuses: Finding['status'][]): boolean =>
    findings.some(({ status }) => statuses.includes(status));
  if (any('MANIPULATED', 'SUSPICIOUS')) return screenCodes.fakeFound;
  return any('NOT_APPLICABLE', 'UNABLE_TO_EVALUATE') ? screenCodes.undecided : screenCodes.nothingFound;
}

async function requireReadable(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new UserError(`${shown(file)}: no such file`);
  if (!found.isFile())
    throw new UserError(`${shown(file)}: not a file. Name files, for instance clips/*.mp4`);
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new UserError(`${shown(file)}: may not be read by this user`, { cause });
  });
}

const asJson = ({ file, sha256, action, finding }: Screened): string =>
  JSON.stringify({ file, sha256, action, ...finding });

/** What a person reads: the verdict, how rare such a score is among genuine files, and why. */
function inWords({ file, action, finding }: Screened): string {
  const { status, calibration, reasons, localisation, kind } = finding;
  const rare = calibration
    ? `; ${calibration.genuine.asHigh} of ${calibration.genuine.tested} tested genuine ${kind}s scored this high`
    : '';
  const loudest = localisation.toSorted((a, b) => b.score - a.score)[0];
  const where =
    loudest && localisation.length > 1
      ? `; most of it from ${loudest.start.toFixed(1)} to ${loudest.end.toFixed(1)} s`
      : '';
  const why = reasons.map(({ message }) => `\n  ${message}`).join('');
  return `${shown(file)}: ${status}, ${action}${rare}${where}${why}`;
}
