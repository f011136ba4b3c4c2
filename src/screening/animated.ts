/** Pictures that move: of their pictures one is decoded, and browsers play the rest. */
import type { Bytes } from './bytes.ts';
import type { MediaType } from './file-types.ts';
import { mostPieces } from './stream-ends.ts';

/** Whether it is an animated PNG (`acTL` before the pixels, PNG 3rd edition 11.3.4) or WebP (RFC 9649, 2.7: a flag of `VP8X`, or a frame of an animation whatever that says). */
export async function isAnimated(type: MediaType, bytes: Bytes): Promise<boolean> {
  if (type === 'png') return isAnimatedPng(bytes);
  return type === 'webp' && isAnimatedWebp(bytes);
}

async function isAnimatedPng(bytes: Bytes): Promise<boolean> {
  for (let [offset, count] = [8, 0]; offset + 8 <= bytes.size && count < mostPieces; count++) {
    const header = await bytes.read(offset, 8);
    const name = header.toString('latin1', 4);
    if (name === 'acTL' || name === 'IDAT') return name === 'acTL';
    offset += 12 + header.readUInt32BE(0);
  }
  return false;
}

const animationFlag = 0x02;

async function isAnimatedWebp(bytes: Bytes): Promise<boolean> {
  for (let [offset, count] = [12, 0]; offset + 8 <= bytes.size && count < mostPieces; count++) {
    const header = await bytes.read(offset, 9);
    const name = header.toString('latin1', 0, 4);
    if (name === 'ANMF' || (name === 'VP8X' && ((header[8] ?? 0) & animationFlag) !== 0)) return true;
    const length = header.readUInt32LE(4);
    offset += 8 + length + (length % 2);
  }
  return false;
}
