/** Words of others (names of files, fields of their tables) in messages of one line: short, and nothing in them that a terminal would obey or that cannot be seen. */

/** Emoji hold together by signs that cannot be seen; those of no emoji are matched alone. */
const unseen = new RegExp(
  String.raw`(\p{RGI_Emoji})|[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]`,
  'gv',
);
const writtenOut = (text: string): string =>
  text.replaceAll(unseen, (c: string, emoji?: string) => emoji ?? escaped(c));

function escaped(c: string): string {
  const hex = c.codePointAt(0)!.toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

/** In quotes only where it has some, or what had to be escaped. */
export const shown = (name: string): string =>
  writtenOut(name) !== name || name.includes('"') ? quoted(name) : short(name);

/** Always in quotes. */
export const quoted = (text: string): string => writtenOut(JSON.stringify(short(text)));

const short = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);
