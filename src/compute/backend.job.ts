import { defineJob } from '../pipeline/job.ts';
import type { Backend } from './backends.ts';

/** Finds out which compute backend loads here, in a process of its own: a native addon that crashes must not take the program with it. */
export const chooseBackendJob = defineJob<Record<string, never>, Backend>({
  name: 'choose-backend',
  module: import.meta.url,
  threads: 1,
  run: async () => (await import('./backends.ts')).chooseBackend(),
});
