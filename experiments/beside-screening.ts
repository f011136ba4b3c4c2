/** What the harness has beside a screening service: its runs and its leaderboard, to be read by reviewers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runsIn } from './runs.ts';

type Rows = Record<string, unknown>[];

/** Of the runs in `results`, and of the leaderboard that was last built there: no rows where none was. */
export function researchIn(results: string): { runs(): Promise<Rows>; leaderboard(): Promise<Rows> } {
  return {
    runs: () => runsIn(results),
    async leaderboard() {
      const text = await readFile(join(results, 'leaderboard.json'), 'utf8').catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        },
      );
      const { tables } = JSON.parse(text ?? '{"tables":{}}') as { tables: Record<string, Rows> };
      return Object.values(tables).flat();
    },
  };
}
