/** The Python environments that `test/support/python.sh` makes. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A command of the environment `name`, or undefined where it is not installed, which is said aloud.
 * @throws where CI should have brought it.
 */
export function findPython(
  name: 'mlflow' | 'onnx' | 'c2pa' | 'sklearn' | 's3',
  command = 'python',
): string | undefined {
  const requirements = readFileSync(join(import.meta.dirname, `${name}-requirements.txt`));
  const hash = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'masque', `${name}-${hash}`);
  if (existsSync(join(folder, 'installed'))) return join(folder, 'bin', command);
  if (process.env['CI']) throw new Error(`CI must bring ${name}: test/support/python.sh ${name}`);
  process.stderr.write(`skipped: ${name} in Python; "test/support/python.sh ${name}" installs it\n`);
  return undefined;
}
