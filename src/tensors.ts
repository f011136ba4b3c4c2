/**
 * Named number arrays in one file, in the safetensors layout (github.com/huggingface/safetensors): eight bytes with the
 * length of a JSON header, the header, then the raw little-endian data. Used for weights, tracks and feature caches.
 */
import { readFile, writeFile } from 'node:fs/promises';

export type Tensor = { shape: number[]; data: Float32Array | Int32Array };
export type NamedTensors = Record<string, Tensor>;

const dtypeNames = { F32: Float32Array, I32: Int32Array } as const;
type HeaderEntry = { dtype: keyof typeof dtypeNames; shape: number[]; data_offsets: [number, number] };

/** Bytes of a safetensors file; keys are written in sorted order, so equal tensors give equal bytes. */
export function encodeTensors(tensors: NamedTensors): Uint8Array {
  const names = Object.keys(tensors).toSorted();
  const header: Record<string, HeaderEntry> = {};
  let offset = 0;
  for (const name of names) {
    const { shape, data } = tensors[name]!;
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== data.length)
      throw new Error(`tensor "${name}": shape [${shape.join()}] does not hold ${data.length} values`);
    header[name] = {
      dtype: data instanceof Float32Array ? 'F32' : 'I32',
      shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    offset += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const headerBytes = Buffer.from(text);
  const bytes = new Uint8Array(8 + headerBytes.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
  bytes.set(headerBytes, 8);
  for (const name of names) {
    const { data } = tensors[name]!;
    bytes.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      8 + headerBytes.length + header[name]!.data_offsets[0],
    );
  }
  return bytes;
}

/** The tensors of a safetensors file. Throws on a damaged header or on offsets outside the file. */
export function decodeTensors(bytes: Uint8Array): NamedTensors {
  if (bytes.length < 8) throw new Error(`not a tensor file: ${bytes.length} bytes`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > bytes.length - 8)
    throw new Error('not a tensor file: its header is longer than the file');
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerLength)).toString()) as Record<
    string,
    HeaderEntry
  >;
  // A copy, also of a Buffer, whose `slice` makes none: only then the data lies where a Float32Array may begin.
  const body = new Uint8Array(bytes.subarray(8 + headerLength));
  const tensors: NamedTensors = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [start, end],
    },
  ] of Object.entries(header)) {
    const kind = dtypeNames[dtype];
    const count = shape.reduce((product, size) => product * size, 1);
    if (!kind || end - start !== count * 4 || start < 0 || end > body.length)
      throw new Error(`tensor "${name}" is damaged`);
    tensors[name] = { shape, data: new kind(body.buffer, body.byteOffset + start, count) };
  }
  return tensors;
}

export async function writeTensors(path: string, tensors: NamedTensors): Promise<void> {
  await writeFile(path, encodeTensors(tensors));
}

export async function readTensors(path: string): Promise<NamedTensors> {
  return decodeTensors(await readFile(path));
}
