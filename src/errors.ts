/**
 * The two kinds of failure that are not bugs. Everything else that is thrown is a bug and keeps its stack.
 * One shape: `CODE where: cause. hint`.
 */

/** Exit codes of the command line (README, "What comes out"). */
export const exitCodes = { done: 0, wrongUse: 2, tooManyFailures: 3, environment: 4 } as const;

/** Something the user can mend: wrong use or configuration (exit 2) or the machine (exit 4). Printed without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: number;
  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCodes.wrongUse;
  }
}

/**
 * One item cannot be handled (a clip that does not decode, a detector that needs a face). It becomes a counted failure
 * with its code and cause; the run goes on. `E_NOT_APPLICABLE` is counted apart: nothing is broken, the question does not fit.
 */
export class ItemError extends Error {
  override readonly name = 'ItemError';
  readonly code: `E_${string}`;
  constructor(code: `E_${string}`, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** For `catch`: what fails because of an item is left out; any other error is thrown on. */
export function unlessItemError(error: unknown): undefined {
  if (!(error instanceof ItemError)) throw error;
}

const troubles: [codes: string[], name: string, what: string, remedy: string][] = [
  [['ENOSPC', 'EDQUOT'], 'E_DISK_FULL', 'there is no room left on the disk', 'Make room there'],
  [
    ['EACCES', 'EPERM', 'EROFS'],
    'E_NO_ACCESS',
    'it may not be used',
    'Change its permissions or take another folder',
  ],
  [['EMFILE', 'ENFILE'], 'E_TOO_MANY_FILES', 'no more files can be opened', 'Allow more (ulimit -n 4096)'],
];

/**
 * A full disk, a folder that may not be written, too many open files: as a UserError (exit 4) with place and remedy; undefined for any other error. `where`: the place of an error that
 * names none.
 */
export function machineTrouble(error: unknown, where = ''): UserError | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  const { code, path = where, message } = error as NodeJS.ErrnoException;
  const [, name, what, remedy] = troubles.find(([codes]) => codes.includes(code ?? '')) ?? [];
  if (name === undefined) return undefined;
  return new UserError(
    `${name} ${path}: ${what} (${message}). ${remedy}, then run the same command again: what is finished is kept`,
    { exitCode: exitCodes.environment, cause: error },
  );
}

/** Any other error told by the operating system: the machine's fault too. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** For `catch`: an error of the operating system names this path, and not a temporary file's or none. */
export const atPath =
  (path: string) =>
  (error: unknown): never => {
    const { path: named, message } = error as NodeJS.ErrnoException;
    throw Object.assign(error as Error, { path, message: named ? message : `${message} '${path}'` });
  };

/**
 * A message in which every absolute path is its file's name alone, fit for those who know nothing of this machine: not where its
 * folders lie, nor who works there. A folder's name with a space is taken for one where no word before the space has a dot.
 */
export const withoutFolders = (message: string): string =>
  message.replaceAll(/(?<=^|[\s"'`(=,:]|file:\/\/)\/(?!\/)(?:[^\s/:.]+(?: [^\s/:.]+)+\/|[^\s/:]+\/)+/g, '');

/** The closest of `known` to a mistyped `name`, if one is close enough to be meant. Optimal string alignment distance. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({
    candidate,
    distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const best = scored.toSorted((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  let beforePrevious: number[] = [];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, beforePrevious[j - 2]! + 1);
    }
    [beforePrevious, previous] = [previous, row];
  }
  return previous[b.length]!;
}
