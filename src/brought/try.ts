/** Reads what `bringModel` found as JSON, tries the model out, and says as JSON whether it runs. */
import { text } from 'node:stream/consumers';
import type { Model } from '../types.ts';
import { tryOut } from './network.ts';
import type { Verdict } from './try.job.ts';

const verdict: Verdict = await tryOut(JSON.parse(await text(process.stdin)) as Model).then(
  () => ({}),
  (error: unknown) => ({ refused: (error as Error).message }),
);
process.stdout.write(JSON.stringify(verdict), () => process.exit(0));
