/** Comma-separated values with RFC 4180 quoting; lines end in a line feed when written, with or without carriage return when read. */
import { UserError } from '../errors.ts';

/** Text of a table. Fields with a comma, a quote or a line break are quoted, quotes doubled. */
export function formatCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(quoteField).join(',')}\n`).join('');
}

/** Rows of a table; `line` is where each starts, from 1. Throws UserError on a quote that is never closed or closed before the field ends. */
export function parseCsv(text: string, where: string): { line: number; fields: string[] }[] {
  const rows: { line: number; fields: string[] }[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const row = { line, fields: [] as string[] };
    for (;;) {
      const quoted = text[at] === '"';
      const end = quoted ? endOfQuoted(text, at, `${where}:${line}`) : endOfPlain(text, at);
      const field = quoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end);
      line += quoted ? field.split('\n').length - 1 : 0;
      row.fields.push(field);
      at = end;
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (at < text.length && text[at] !== '\n')
      throw new UserError(`${where}:${line}: text after the closing quote of a field`);
    at++;
    line++;
    rows.push(row);
  }
  return rows;
}

/** As `parseCsv`, of a table that others wrote: without the rows that say nothing, such as empty lines at its end. Throws UserError too where it was not UTF-8 before it was read as such. */
export const filledRows: typeof parseCsv = (text, where) => {
  requireUtf8(text, where);
  return parseCsv(text, where).filter(({ fields }) => fields.some((field) => field !== ''));
};

/** Of UTF-16 a zero stands in the first line; bytes that are no UTF-8 were replaced. @throws UserError with the line of the first such. */
export function requireUtf8(text: string, where: string): void {
  const at = /^[^\n]*\0/.test(text) ? 0 : text.indexOf('\uFFFD');
  if (at < 0) return;
  const line = text.slice(0, at).split('\n').length;
  throw new UserError(
    `${where}:${line}: expected a text file in UTF-8, got other bytes. Save it anew, in Excel as "CSV UTF-8"`,
  );
}

function quoteField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Index after the closing quote. */
function endOfQuoted(text: string, start: number, where: string): number {
  for (let at = start + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) throw new UserError(`${where}: a quoted field is never closed`);
    if (text[at + 1] !== '"') return at + 1;
  }
}

/** Index of the comma or line end that ends an unquoted field. */
function endOfPlain(text: string, start: number): number {
  let at = start;
  while (
    at < text.length &&
    text[at] !== ',' &&
    text[at] !== '\n' &&
    !(text[at] === '\r' && text[at + 1] === '\n')
  )
    at++;
  return at;
}
