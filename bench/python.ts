/** A peer in Python (`MASQUE_PYTHON` or python3): a script of this folder that answers each line with a line. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

export type PythonPeer = {
  /** What stood behind `ready` in its first line. */
  version: string;
  ask(line: string): Promise<string>;
  close(): void;
};

/** Starts the script and waits for its line `ready …`; gives back why there is no peer where that does not come. */
export async function startPython(script: string, args: string[]): Promise<PythonPeer | string> {
  const python = process.env['MASQUE_PYTHON'] ?? 'python3';
  const child = spawn(python, [new URL(script, import.meta.url).pathname, ...args]);
  const lines = createInterface({ input: child.stdout });
  const ready = await firstLine(child, lines);
  if (!ready.startsWith('ready')) return ready;
  return {
    version: ready.slice(6),
    ask(line) {
      child.stdin.write(`${line}\n`);
      return new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error(`${script} ended before it answered`));
        child.once('close', ended);
        lines.once('line', (answer) => {
          child.off('close', ended);
          resolve(answer);
        });
      });
    },
    close: () => child.stdin.end(),
  };
}

function firstLine(child: ChildProcessWithoutNullStreams, lines: Interface): Promise<string> {
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint = text.toString().trim().split('\n').at(-1) ?? complaint;
  });
  return new Promise((resolve) => {
    lines.once('line', resolve);
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(complaint || 'it ended without a word'));
  });
}
