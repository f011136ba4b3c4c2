/** Watches the folder it is given with the toy judge, until a signal: `node toy-inbox.ts <inbox> [--once]`; with `--once` until nothing is left to be taken. */
import { readdirSync } from 'node:fs';
import { watchInbox } from '../../src/screening/inbox.ts';
import { UserError } from '../../src/errors.ts';
import { toyJudge } from './toy-judge.ts';

const [inbox, once] = process.argv.slice(2);
const watching = new AbortController();
process.on('SIGTERM', () => watching.abort());
const left = (): number =>
  readdirSync(inbox!).filter((name) => name.includes('.') && name !== '.masque').length;
if (once) setInterval(() => left() === 0 && watching.abort(), 2).unref();
try {
  await watchInbox({
    inbox: inbox!,
    judge: toyJudge(),
    say: (line) => void process.stdout.write(`${line}\n`),
    signal: watching.signal,
    pollMs: 2,
    settleMs: 4,
  });
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stdout.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
