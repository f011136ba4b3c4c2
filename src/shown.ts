/** Words of others (names of files, fields of their tables) in messages of one line: short, and nothing in them that a terminal would obey. */

const unseen = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** In quotes only where it has some, or what had to be escaped. */
export const shown = (name: string): string =>
  name.search(unseen) >= 0 || name.includes('"') ? quoted(name) : short(name);

/** Always in quotes. */
export const quoted = (text: string): string =>
  JSON.stringify(short(text)).replaceAll(
    unseen,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );

const short = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);
