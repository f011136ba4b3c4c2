/** `masque watch`: the watched folder, judged by a bundle and a policy, until Ctrl-C. */
import { watchInbox } from '../src/screening/inbox.ts';
import type { Judge } from '../src/screening/judge-file.ts';
import { actionOf, defaultPolicy, readPolicy } from '../src/screening/policy.ts';
import { openAnalysis } from './open-analysis.ts';
import { stopOnSignals } from './stop-on-signals.ts';

type Options = { bundle: string; withoutSandbox: boolean; policy?: string; workers?: number };

/**
 * Tells a line a file on stdout: its hash, the verdict, where it is now. Returns 130 or 143 after a signal; a file under way then is in the inbox still.
 * @throws UserError as `watchInbox`, and where bundle or policy cannot be read.
 */
export async function watch(inbox: string, options: Options): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const judge = await openJudge(options);
  const watching = new AbortController();
  const end = async (): Promise<void> => {
    watching.abort();
    await judge.close();
  };
  const signals = stopOnSignals(end, { stop: () => {} });
  try {
    await watchInbox({ inbox, judge, say, signal: watching.signal });
    return signals.exitCode() ?? 0;
  } finally {
    signals.forget();
    await judge.close();
  }
}

/** Here the door is joined with who judges (the detectors of a bundle) and with what is done about it (the policy). */
async function openJudge({ policy: file, ...machine }: Options): Promise<Judge> {
  const policy = file === undefined ? defaultPolicy : readPolicy(file);
  const { bundle, analyse, close } = await openAnalysis(machine);
  return { bundle: bundle.id, analyse, actionFor: (status) => actionOf(status, policy), close };
}
