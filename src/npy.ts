/** Arrays of doubles and of bytes in NumPy's file format (numpy.org, "numpy.lib.format", versions 1 to 3), and nothing else of it. */
import { UserError } from './errors.ts';

const magic = '\u0093NUMPY';
/** Longest header that is looked at, bytes; NumPy itself warns above 10,000. */
const longestHeader = 10_000;

/**
 * The values of a float64 array of exactly `shape`, row by row, as float32. `where` names the file in errors.
 * @throws UserError for another format, type, order or shape, a file cut short or with bytes to spare, and values that are not finite.
 */
export function readNpy(bytes: Uint8Array, shape: readonly number[], where: string): Float32Array {
  const values = valuesOf(bytes, { descr: '<f8', name: 'float64', size: 8 }, shape, where);
  return Float32Array.from({ length: values.length / 8 }, (_, i) => {
    const value = Math.fround(values.readDoubleLE(i * 8));
    if (!Number.isFinite(value))
      throw new UserError(`${where}: value ${i + 1} of ${values.length / 8} is not a finite number`);
    return value;
  });
}

/** The values of a uint8 array of exactly `shape`, row by row. @throws UserError as `readNpy`. */
export function readNpyBytes(bytes: Uint8Array, shape: readonly number[], where: string): Uint8Array {
  return new Uint8Array(valuesOf(bytes, { descr: '|u1', name: 'uint8', size: 1 }, shape, where));
}

/** What stands before the values of an array in rows; `descr` as NumPy writes types. */
export function npyHeader(descr: string, shape: readonly number[]): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Values begin at a multiple of 64 bytes.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, ' ');
  header.write(magic, 'latin1');
  header.writeUInt16LE(1, 6);
  header.writeUInt16LE(length, 8);
  header.write(text, 10, 'latin1');
  header[9 + length] = 10;
  return header;
}

/** Where the values are, once the header says what is expected. */
function valuesOf(
  bytes: Uint8Array,
  type: { descr: string; name: string; size: number },
  shape: readonly number[],
  where: string,
): Buffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(buffer, where);
  const wanted = `${type.name} ${shape.join('×')}`;
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  if (descr === undefined || order === undefined || sizes === undefined)
    throw new UserError(`${where}: its header does not describe an array. Write it with numpy.save`);
  const found = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  if (descr !== type.descr)
    throw new UserError(`${where}: holds values of type "${descr}", expected ${wanted} ("${type.descr}")`);
  if (found.length !== shape.length || found.some((size, i) => size !== shape[i]))
    throw new UserError(`${where}: has the shape ${found.join('×') || '()'}, expected ${wanted}`);
  if (order === 'True')
    throw new UserError(
      `${where}: is written column by column (Fortran order). Save numpy.ascontiguousarray of it`,
    );
  const count = shape.reduce((product, size) => product * size, 1);
  if (buffer.length - start !== count * type.size)
    throw new UserError(
      `${where}: ${buffer.length - start} bytes of values, expected ${count * type.size}: cut short or damaged. Copy it again`,
    );
  return buffer.subarray(start);
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
