/** Texts as names of files. */
import { createHash } from 'node:crypto';

const longest = 100;

/**
 * A name of letters, digits and `. _ - @ ~` with no dot before it, that no file system minds: of at most 109 characters, and a few more where the same text comes again. Where more than a
 * slash had to be replaced, or the name is `taken`, a hash keeps different texts apart; where that is taken too, a number does.
 */
export function fileName(text: string, taken: ReadonlySet<string> = new Set()): string {
  const plain = text
    .replaceAll(/[^\w.@~-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, longest);
  const told = plain !== '' && plain === text.replaceAll('/', '_') && !taken.has(plain);
  if (told) return plain;
  const hashed = `${plain}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  let name = hashed;
  for (let number = 2; taken.has(name); number++) name = `${hashed}-${number}`;
  return name;
}
