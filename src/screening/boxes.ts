/** Of a file of boxes (ISO/IEC 14496-12, 4.2): what its tracks are, and where the last box ends. */
import type { Bytes } from './bytes.ts';

const mostBoxes = 10_000;
/** Each track has one or two. */
const mostHandlers = 1000;
const mostMovieBytes = 64 << 20;

/** Which of the handlers `vide` and `soun` the tracks have; none where there is no table of contents, or one of more than 64 MiB. */
export async function handlersOf(bytes: Bytes): Promise<Set<string>> {
  for await (const { type, offset, size } of boxesOf(bytes)) {
    if (type !== 'moov') continue;
    if (size > mostMovieBytes) break;
    const movie = await bytes.read(offset, size);
    const handlers = new Set<string>();
    let at = movie.indexOf('hdlr');
    for (let count = 0; at >= 0 && handlers.size < 2 && count < mostHandlers; count++) {
      const handler = movie.toString('latin1', at + 12, at + 16);
      if (handler === 'vide' || handler === 'soun') handlers.add(handler);
      at = movie.indexOf('hdlr', at + 4);
    }
    return handlers;
  }
  return new Set();
}

/** The boxes of the file itself, one after the other. Ends where the next is none. */
export async function* boxesOf(bytes: Bytes): AsyncGenerator<{ type: string; offset: number; size: number }> {
  let offset = 0;
  for (let count = 0; count < mostBoxes && offset + 8 <= bytes.size; count++) {
    const header = await bytes.read(offset, 16);
    const type = header.toString('latin1', 4, 8);
    if (!/^[\w© -]{4}$/.test(type)) return;
    const short = header.readUInt32BE(0);
    const size =
      short === 0
        ? bytes.size - offset
        : short === 1
          ? header.length < 16
            ? 0
            : Number(header.readBigUInt64BE(8))
          : short;
    if (size < 8) return;
    yield { type, offset, size };
    offset += size;
  }
}
