/** Ctrl-C and SIGTERM, as a run takes them. */
import type { Progress } from '../src/pipeline/progress.ts';

/**
 * On the first signal `close` ends the workers, and running jobs fail; finished ones are in the cache. The second leaves at once. `exitCode`: 130 or 143 once there was one.
 */
export function stopOnSignals(
  close: () => Promise<unknown>,
  progress: Pick<Progress, 'stop'>,
): { exitCode(): number | undefined; forget(): void } {
  let exitCode: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = signal === 'SIGINT' ? 130 : 143;
    progress.stop();
    // Jobs fail from here on, some before whoever asked for them has come to wait for them; that must not end the process with a stack.
    process.on('unhandledRejection', () => {});
    void close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { exitCode: () => exitCode, forget: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}
