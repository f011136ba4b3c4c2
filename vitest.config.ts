import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

/** Tests that leave nothing behind in their process: they share one, so that what they test is loaded once, not two hundred times. Whatever sets variables, mocks or opens a backend has a process of its own. */
const sharing =
  'test/{datasets,dsp,faces,head,learn,metrics,perturbations,quality,reports,speech,sync}/**/*.test.ts';

export default defineConfig({
  test: {
    // The ffmpeg that is there everywhere and starts in a fortieth of the time of Debian's. Tests of media use both; by night, and with MASQUE_FFMPEG set to nothing, all tests use the system's.
    env: { MASQUE_FFMPEG: process.env['MASQUE_FFMPEG'] ?? (process.env['MASQUE_TESTS'] ? '' : 'npm') },
    setupFiles: ['test/support/equal-bytes.ts'],
    // These end what hangs: how long something takes is asked in `bench/`, and a busy machine takes its time. A test has its own limit only where that is what it asks.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    // One more than cores: tests wait for processes, disks and clocks.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'own', include: ['test/**/*.test.ts'], exclude: [sharing] } },
      { extends: true, test: { name: 'shared', include: [sharing], isolate: false } },
    ],
  },
});
