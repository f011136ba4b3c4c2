/** The name of a run and of its folder. */
import { createHash } from 'node:crypto';
import type { Backend } from '../src/compute/backends.ts';
import type { Experiment } from '../src/config.ts';
import { canonicalJson } from '../src/pipeline/key.ts';

/**
 * The experiment's name and a hash of all it depends on that is chosen: `puppetry-1f0c9e2b`. What another backend than compiled steps
 * on the processor computed has other numbers in its last digits, and is a run of its own beside theirs.
 */
export function runId(experiment: Experiment, { name, device }: Pick<Backend, 'name' | 'device'>): string {
  const other = name === 'onnx' && device === 'cpu' ? {} : { backend: name, device };
  const hash = createHash('sha256').update(canonicalJson({ ...experiment, ...other }));
  return `${experiment.name}-${hash.digest('hex').slice(0, 8)}`;
}
