/** A PNG that is small whatever its size. */
import { crc32, deflateSync } from 'node:zlib';

/** All black, a bit a pixel: some 30 KB for 16,000 × 16,000. */
export function blackPng(width: number, height: number): Buffer {
  const chunk = (name: string, content: Buffer): Buffer => {
    const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    const named = Buffer.concat([Buffer.from(name), content]);
    size.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([size, named, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // bit depth; colour type 0 is grey
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 1 });
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
