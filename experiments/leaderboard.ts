/** `masque leaderboard`: rebuilds `leaderboard.{md,csv,json,html,tex}` from the folders of all runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../src/errors.ts';
import { atomicWrite } from '../src/files.ts';
import { buildLeaderboard } from '../src/reports/leaderboard.ts';

/**
 * Writes the five files into `resultsFolder` and returns their paths; runs and rows that cannot be shown are named on stderr.
 * @throws UserError where there is no such folder.
 */
export async function leaderboard(resultsFolder: string): Promise<{ files: string[] }> {
  if (!existsSync(resultsFolder))
    throw new UserError(`${resultsFolder}: no such folder. Run an experiment first, or name its --results`);
  const { markdown, csv, json, html, latex, skipped } = await buildLeaderboard(join(resultsFolder, 'runs'));
  for (const { path, reason } of skipped) process.stderr.write(`leaderboard: left out ${path}: ${reason}\n`);
  const views = Object.entries({ md: markdown, csv, json, html, tex: latex });
  const files = views.map(([extension]) => join(resultsFolder, `leaderboard.${extension}`));
  for (const [i, [, text]] of views.entries()) await atomicWrite(files[i]!, text);
  return { files };
}
