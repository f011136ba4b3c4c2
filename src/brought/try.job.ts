/**
 * A model that somebody brings along is opened and run once before anything rests on it: in a process of its own that may not take
 * more than its share of memory and time, and whose death is a message.
 */
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';
import { launch } from '../media/launch.ts';
import { defineJob } from '../pipeline/job.ts';
import type { Model } from '../types.ts';

/** What the process says: undefined where all is well, else why not. */
export type Verdict = { refused?: string };

const entry = fileURLToPath(new URL('./try-entry.mjs', import.meta.url));
const memoryKiB = 4 * 1024 * 1024;
const seconds = 120;

export const tryModel = defineJob({
  name: 'try-model',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ model }: { model: Model }): Promise<{ runs: true }> {
    const { path } = model.files['network']!;
    const refused = await tryInChild(model);
    if (refused !== undefined)
      throw new UserError(refused.startsWith(path) ? refused : `${path}: ${refused}`);
    return { runs: true };
  },
});

/** Why it does not run, if so. */
async function tryInChild(model: Model): Promise<string | undefined> {
  // Where the shell knows no such limit (macOS) there is none.
  const limited = `ulimit -d ${memoryKiB} 2>/dev/null; exec "$@"`;
  const args = ['-c', limited, 'sh', process.execPath, entry];
  const child = await launch('/bin/sh', args, process.env as Record<string, string>);
  const [stdin, stdout, stderr] = child.stdio;
  for (const stream of child.stdio) stream.on('error', () => {});
  stderr.resume();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill();
  }, seconds * 1000);
  try {
    stdin.end(JSON.stringify(model));
    let said = '';
    for await (const chunk of stdout as AsyncIterable<Buffer>) said += chunk.toString();
    const { code, signal, error } = await child.exited;
    if (error !== undefined) return `cannot be tried: ${error}`;
    if (late) return `opening and running it once took longer than ${seconds} s`;
    if (code !== 0) return `opening it ended the process that tried (${signal ?? `exit code ${code}`})`;
    return (JSON.parse(said) as Verdict).refused;
  } finally {
    clearTimeout(timer);
    child.kill();
    child.forget();
  }
}
