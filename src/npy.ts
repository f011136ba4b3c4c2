/** Reads arrays of doubles in NumPy's file format (numpy.org, "numpy.lib.format", versions 1 to 3), and nothing else of it. */
import { UserError } from './errors.ts';

const magic = '\u0093NUMPY';
/** Longest header that is looked at, bytes; NumPy itself warns above 10,000. */
const longestHeader = 10_000;

/**
 * The values of a float64 array of exactly `shape`, row by row, as float32. `where` names the file in errors.
 * @throws UserError for another format, type, order or shape, a file cut short or with bytes to spare, and values that are not finite.
 */
export function readNpy(bytes: Uint8Array, shape: readonly number[], where: string): Float32Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(buffer, where);
  const wanted = `float64 ${shape.join('×')}`;
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || sizes === undefined)
    throw new UserError(`${where}: its header does not describe an array. Write it with numpy.save`);
  const found = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (descr !== '<f8')
    throw new UserError(`${where}: holds values of type "${descr}", expected ${wanted} ("<f8")`);
  if (found.length !== shape.length || found.some((size, i) => size !== shape[i]))
    throw new UserError(`${where}: has the shape ${found.join('×') || '()'}, expected ${wanted}`);
  if (order === 'True')
    throw new UserError(
      `${where}: is written column by column (Fortran order). Save numpy.ascontiguousarray of it`,
    );
  const count = shape.reduce((product, size) => product * size, 1);
  if (buffer.length - start !== count * 8)
    throw new UserError(
      `${where}: ${buffer.length - start} bytes of values, expected ${count * 8}: cut short or damaged. Copy it again`,
    );
  return Float32Array.from({ length: count }, (_, i) => {
    const value = Math.fround(buffer.readDoubleLE(start + i * 8));
    if (!Number.isFinite(value))
      throw new UserError(`${where}: value ${i + 1} of ${count} is not a finite number`);
    return value;
  });
}

/** The header's text and where the values begin. */
function readHeader(buffer: Buffer, where: string): { header: string; start: number } {
  if (buffer.length < 10 || buffer.toString('latin1', 0, 6) !== magic)
    throw new UserError(`${where}: not a file of numpy.save, or cut short`);
  const version = buffer[6]!;
  const first = version === 1 ? 10 : 12;
  const length =
    version === 1 ? buffer.readUInt16LE(8) : buffer.length < first ? Infinity : buffer.readUInt32LE(8);
  if (version < 1 || version > 3 || length > longestHeader || first + length > buffer.length)
    throw new UserError(`${where}: its header is cut short, or of an unknown version (${version})`);
  return { header: buffer.toString('latin1', first, first + length), start: first + length };
}
