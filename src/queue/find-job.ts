import type { Job } from '../types.ts';

/** The job of that name among the exports of `module`, a URL. @throws Error where there is none. */
export async function findJob(module: string, name: string): Promise<Job<unknown, unknown>> {
  const exports = (await import(module)) as Record<string, unknown>;
  const job = Object.values(exports).find(
    (value) =>
      (value as Job<unknown, unknown> | null)?.name === name &&
      typeof (value as Job<unknown, unknown>).run === 'function',
  );
  if (!job) throw new Error(`${module} exports no job named "${name}"`);
  return job as Job<unknown, unknown>;
}
