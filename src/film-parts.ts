/** Films of which a first part is fitted on and the rest is scored: `monday.mp4#fit` and `monday.mp4#rest`. */

/** What stands behind a film's id in that of a part. */
export const partOfFilm = /#(fit|rest)$/;

/** How many clips are parts of films, and of how many films; undefined where none is. */
export function countParts(ids: readonly string[]): { films: number; parts: number } | undefined {
  const parts = ids.filter((id) => partOfFilm.test(id));
  if (parts.length === 0) return undefined;
  return { films: new Set(parts.map((id) => id.replace(partOfFilm, ''))).size, parts: parts.length };
}
