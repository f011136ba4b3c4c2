import type { Job } from '../types.ts';

/**
 * Describes a job. The module that calls this must export the result, and heavy packages must be imported inside `run`,
 * because the main process imports the module too, to know the job's name.
 * @example export const renderClip = defineJob({ name: 'render-clip', module: import.meta.url, threads: 1, run });
 */
export function defineJob<Input, Output>(job: Job<Input, Output>): Job<Input, Output> {
  return job;
}
