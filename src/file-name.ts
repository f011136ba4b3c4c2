/** Texts as names of files. */
import { createHash } from 'node:crypto';

const longest = 100;

/**
 * A name of letters, digits and `. _ - @ ~`, of at most 109 characters and with no dot before it, that no file system minds. Where more than a slash had to be replaced, or the name is `taken`, a hash
 * keeps different texts apart.
 */
export function fileName(text: string, taken: ReadonlySet<string> = new Set()): string {
  const plain = text
    .replaceAll(/[^\w.@~-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, longest);
  const told = plain !== '' && plain === text.replaceAll('/', '_') && !taken.has(plain);
  return told ? plain : `${plain}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
