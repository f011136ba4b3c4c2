/** How lines of several detectors are told apart: by colour, and by dashes for those who see no colours. */

const greyDashes = ['5 3', '1.5 2.5', '9 3 2 3', '14 4'];
const dashesByRound = ['none', '7 3', '2 3'];

/** Stroke and dashes of lines in their order; controls are grey and dashed. */
export function looksOf(lines: readonly { control: boolean }[]): { stroke: string; dashes: string }[] {
  let [colours, greys] = [0, 0];
  return lines.map(({ control }) => {
    if (control) return { stroke: 'var(--muted)', dashes: greyDashes[greys++ % greyDashes.length]! };
    const dashes = dashesByRound[Math.floor(colours / 6) % dashesByRound.length]!;
    return { stroke: `var(--c${colours++ % 6})`, dashes };
  });
}
