/** JSON files too large to be held at once: metadata of a million clips. */
import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { UserError } from '../errors.ts';
import { quoted } from '../shown.ts';

const [quote, backslash, comma, colon] = [34, 92, 44, 58];
const [openBrace, closeBrace, openBracket, closeBracket] = [123, 125, 91, 93];

/** What is wrong with a value first, in words: `label: Invalid option: …`. */
export const firstIssue = ({ issues: [issue] }: z.ZodError): string =>
  `${issue?.path.join('.') || 'entry'}: ${issue?.message}`;

/** A value with the keys that lead to it; in a list its place. */
export type JsonValue = { keys: string[]; value: unknown };

/**
 * The values that lie `depth` keys deep, in their order, one in memory at a time; simple values that lie less deep are passed over.
 * Of `{"a": {"b": [1]}}` at depth 1: `a`, `{"b": [1]}`; at depth 2: `a` `b`, `[1]`.
 * @throws UserError where the file cannot be read, is not JSON or ends early.
 */
export async function* jsonValues(path: string, depth: number): AsyncGenerator<JsonValue> {
  const wrong = (reason: string): UserError => new UserError(`${path}: ${reason}`);
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (cause) {
      const near = text.trim().slice(0, 60);
      throw new UserError(`${path}: not JSON near ${quoted(near)}`, { cause });
    }
  };
  /** Containers around, as far as they are walked through; `inner` counts those inside of a value. */
  const around: { list: boolean; key: string; place: number }[] = [];
  let inner = 0;
  let inString = false;
  let escaped = false;
  let began = false;
  /** What was read of the key or value at hand in earlier chunks. */
  let carried = '';
  const found: JsonValue[] = [];
  const end = (text: string): void => {
    if (around.length < depth || text.trim() === '') return;
    const keys = around.map(({ list, key, place }) => (list ? String(place) : key));
    found.push({ keys, value: parse(text) });
  };
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 16 });
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      let from = 0;
      const piece = (to: number): string => {
        const text = carried + chunk.slice(from, to);
        carried = '';
        from = to + 1;
        return text;
      };
      for (let i = 0; i < chunk.length; i++) {
        const c = chunk.charCodeAt(i);
        if (inString) {
          if (escaped) escaped = false;
          else if (c === backslash) escaped = true;
          else if (c === quote) inString = false;
        } else if (c === quote) inString = true;
        else if (c === openBrace || c === openBracket) {
          if (around.length === depth) inner++;
          else {
            if (began && around.length === 0) throw wrong('more than one value in it');
            began = true;
            piece(i);
            around.push({ list: c === openBracket, key: '', place: 0 });
          }
        } else if (inner > 0) {
          if (c === closeBrace || c === closeBracket) inner--;
        } else if (c === comma || c === closeBrace || c === closeBracket) {
          const own = around.at(-1);
          if (!own || (c !== comma && own.list !== (c === closeBracket)))
            throw wrong(`an unexpected "${chunk[i]}"`);
          end(piece(i));
          if (c === comma) own.place++;
          else around.pop();
        } else if (c === colon && around.at(-1)?.list === false) around.at(-1)!.key = String(parse(piece(i)));
      }
      carried += chunk.slice(from);
      yield* found.splice(0);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || cause instanceof UserError) throw cause;
    throw new UserError(`${path}: cannot be read (${code})`, { cause });
  }
  if (!began || around.length > 0 || inString) throw wrong('it ends early; fetch it again');
}
