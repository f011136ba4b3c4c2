/** `docs/reproduce.md` says what it says: every `measure` in it is run, every test it names is there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reproduce.md'), 'utf8');
const rows = [
  ...page.matchAll(/^\| (.+?) \| `npm run -s measure -- (.+?)` \| `(.+?)` \| (.+?) \| (.+?) \|$/gm),
].map(([, what, command, figure, expected, tolerance]) => ({
  what: what!,
  command: command!,
  figure: figure!,
  expected: Number(expected),
  tolerance: Number(tolerance),
}));

const printed = new Map<string, unknown>();
function measured(command: string): unknown {
  if (!printed.has(command)) {
    const args = ['experiments/masque.mjs', 'measure', ...command.split(' '), '--json'];
    printed.set(command, JSON.parse(execFileSync(process.execPath, args, { cwd: root }).toString()));
  }
  return printed.get(command);
}

describe('docs/reproduce.md', () => {
  test.each(rows)('$command: $figure, $what', ({ command, figure, expected, tolerance }) => {
    const value = figure
      .split('.')
      .reduce<unknown>((own, key) => (own as Record<string, unknown>)[key], measured(command));
    expect(Math.abs((value as number) - expected)).toBeLessThanOrEqual(tolerance);
  });

  test('has as many rows as it shows, and names tests that are there', () => {
    expect(rows).toHaveLength(
      page.split('\n').filter((line) => /`npm run -s measure -- test\//.test(line)).length,
    );
    expect(rows.length).toBeGreaterThan(5);
    const tests = [...page.matchAll(/test\/\S+?\.test\.ts/g)].map(([path]) => path);
    expect(tests.length).toBeGreaterThan(5);
    expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
