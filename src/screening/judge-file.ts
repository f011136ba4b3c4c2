/** One file through the whole of screening: taken apart, every part judged alone, and the worst of it all. */
import { rename, stat } from 'node:fs/promises';
import { sha256OfFile } from '../files.ts';
import { evaluate, usualSeconds } from './evaluate.ts';
import { type FileType, isMedia } from './file-types.ts';
import { type Part, takeApart } from './parts.ts';
import { actions, type Action, type Analyse, type Finding, type Reason, type Verdict } from './types.ts';

/** Who judges: the detectors of a bundle, and the policy. */
export type Judge = {
  /** Id of the bundle. */
  bundle: string;
  analyse: Analyse;
  actionFor(status: Verdict): Action;
  /** An analysis that takes longer is given up; as the service's, unless given. */
  mostSeconds?: number;
  /** Ends what is under way; its analyses fail then. */
  close(): Promise<void>;
};

export type JudgedPart = {
  sha256: string;
  bytes: number;
  type: FileType;
  status: Verdict;
  action: Action;
  /** Null where no detector was asked. */
  finding: Finding | null;
  reasons: Reason[];
};
/** `parts`: of a mail or an archive those in it, else the file itself. `reasons`: what of a mail or archive was not looked at. */
export type Judged = {
  status: Verdict;
  action: Action;
  container: boolean;
  parts: JudgedPart[];
  reasons: Reason[];
};

/** In rising gravity: what was not looked at weighs more than what was found fine, and less than what was found. */
const gravity: Verdict[] = [
  'NO_SIGNS_FOUND',
  'NOT_APPLICABLE',
  'UNABLE_TO_EVALUATE',
  'SUSPICIOUS',
  'MANIPULATED',
];

/**
 * Judges the file at `path`, which may be renamed meanwhile and its sender calls `name`; a mail or archive by its worst part, and as not evaluated where a part could not be looked at. `folder` is made for the parts. Throws
 * only what the machine does wrong, as `evaluate`, whose warnings `say` is told.
 */
export async function judgeFile(
  file: { path: string; name: string; folder: string },
  judge: Judge,
  say: (line: string) => void,
): Promise<Judged> {
  const { container, parts, reasons } = await takeApart(file.path, file.name, file.folder);
  const judged: JudgedPart[] = [];
  for (const part of parts) judged.push(await judgePart(part, judge, say));
  const statuses = judged.map(({ status }) => status);
  if (reasons.length > 0) statuses.push('UNABLE_TO_EVALUATE');
  if (statuses.length === 0) statuses.push('NOT_APPLICABLE');
  return {
    status: worst(statuses, gravity),
    action: worst(statuses.map(judge.actionFor), actions),
    container,
    parts: judged,
    reasons,
  };
}

const worst = <T>(some: T[], order: readonly T[]): T =>
  order[Math.max(...some.map((one) => order.indexOf(one)))]!;

async function judgePart(part: Part, judge: Judge, say: (line: string) => void): Promise<JudgedPart> {
  const sha256 = await sha256OfFile(part.path);
  const { size } = await stat(part.path);
  const { status, finding, reasons } = await verdictOf(part, sha256, judge, say);
  return { sha256, bytes: size, type: part.type, status, action: judge.actionFor(status), finding, reasons };
}

type Said = { status: Verdict; finding: Finding | null; reasons: Reason[] };

async function verdictOf(
  part: Part,
  sha256: string,
  judge: Judge,
  say: (line: string) => void,
): Promise<Said> {
  const without = (status: Verdict, reasons: Reason[]): Said => ({ status, finding: null, reasons });
  if (part.reasons.length > 0) return without('UNABLE_TO_EVALUATE', part.reasons);
  if (!isMedia(part.type)) return without('NOT_APPLICABLE', [notRead]);
  // Readers go by the extension, which is that of the content now.
  const path = `${part.path}.${part.type}`;
  await rename(part.path, path);
  try {
    const { analyse, bundle, mostSeconds = usualSeconds } = judge;
    const finding = await evaluate(analyse, { path, sha256 }, { bundle, mostSeconds, warn: say });
    return { status: finding.status, finding, reasons: finding.reasons };
  } finally {
    await rename(path, part.path);
  }
}

const notRead: Reason = { code: 'E_NOT_READ', message: 'Files of this kind are not examined.' };
