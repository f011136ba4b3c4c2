import { defineJob } from '../pipeline/job.ts';
import type { Backend } from './backends.ts';
import type { Device } from './device.ts';

/** Finds out which compute backend loads here, in a process of its own: a native addon that crashes must not take the program with it. */
export const chooseBackendJob = defineJob<Record<string, never>, Backend>({
  name: 'choose-backend',
  module: import.meta.url,
  threads: 1,
  run: async () => (await import('./backends.ts')).chooseBackend(),
});

/** Computes something on the device, in a process of its own for the same reason: null when that works, else why it does not. */
export const tryDeviceJob = defineJob<{ device: Device }, string | null>({
  name: 'try-device',
  module: import.meta.url,
  threads: 1,
  run: async ({ device }) => (await (await import('./device.ts')).deviceFailure(device)) ?? null,
});
