/** Archives as nobody's tool would write them, byte by byte: sizes that lie, links, devices, names that climb. APPNOTE (zip), POSIX (tar). */
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  name: string;
  content?: string | Uint8Array;
  /** Unix mode with its type, as 0o120777 for a symbolic link. */
  mode?: number;
  /** What the directory says of its length, where that is a lie. */
  says?: number;
  /** General purpose flags, as 1 for encrypted. */
  flags?: number;
  /** 8, deflated, unless given. */
  method?: number;
};

/** `count`: how many the end says there are, where that is a lie. */
export function buildZip(entries: ZipEntry[], count = entries.length): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', mode = 0o100644, says, flags = 0x800, method = 8 } of entries) {
    const raw = Buffer.from(content as string);
    const packed = method === 8 ? deflateRawSync(raw) : raw;
    const called = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(says ?? raw.length, 18);
    common.writeUInt16LE(called.length, 22);
    parts.push(Buffer.from('PK\x03\x04'), common, called, packed);
    const outside = Buffer.alloc(14);
    outside.writeUInt32LE((mode * 0x10000) >>> 0, 6);
    outside.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, outside, called);
    offset += 30 + called.length + packed.length;
  }
  return Buffer.concat([...parts, ...directory, endOfZip(count, Buffer.concat(directory).length, offset)]);
}

export function endOfZip(count: number, bytes: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count & 0xffff, 8);
  end.writeUInt16LE(count & 0xffff, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

export type TarEntry = {
  name: string;
  content?: string | Uint8Array;
  /** `0` a file, `1` a hard link, `2` a symbolic one, `3` and `4` devices, `5` a folder, `6` a pipe. */
  type?: string;
  target?: string;
  says?: number;
};

export function buildTar(entries: TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content = '', type = '0', target = '', says }) => {
    const raw = Buffer.from(content as string);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0' + '0000000\0'.repeat(2), 100);
    header.write(`${(says ?? raw.length).toString(8).padStart(11, '0')} `, 124);
    header.write('00000000000 ', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157, 100);
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return [header, raw, Buffer.alloc((512 - (raw.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
