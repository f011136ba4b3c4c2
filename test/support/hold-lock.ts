/** Takes the lock of the folder it is given, says so, and holds it until its stdin ends. */
import { UserError } from '../../src/errors.ts';
import { takeLock } from '../../src/records/run-lock.ts';

try {
  const lock = await takeLock(process.argv[2]!);
  process.stdout.write('taken\n');
  for await (const _ of process.stdin);
  await lock.release();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stdout.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
