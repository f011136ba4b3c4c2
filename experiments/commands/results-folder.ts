/** The option `--results`. */
export const resultsFolder = {
  type: 'string',
  requiresArg: true,
  default: 'results',
  describe: 'where runs, cache and leaderboard lie',
} as const;
