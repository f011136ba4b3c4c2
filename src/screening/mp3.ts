/** The pieces of an MP3: its frames (ISO/IEC 11172-3, 2.4.2.3) and the tags before them (ID3v2.4, 3.1). */
import type { Bytes } from './bytes.ts';

const kbps1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const kbps2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** How long the frame of layer III is that begins there; undefined where none of a rate that exists does. */
export function mp3FrameBytes(head: Buffer, offset: number): number | undefined {
  const [first, version, rates] = head.subarray(offset, offset + 3);
  if (first !== 0xff || version === undefined || rates === undefined) return undefined;
  if ((version & 0xe6) !== 0xe2 || (version & 0x18) === 0x08) return undefined; // layer III, no reserved version
  const mpeg1 = (version & 0x18) === 0x18;
  const kbps = (mpeg1 ? kbps1 : kbps2)[rates >> 4];
  const rate = [44100, 48000, 32000][(rates >> 2) & 3];
  if (!kbps || rate === undefined) return undefined;
  const hertz = mpeg1 ? rate : (version & 0x18) === 0x10 ? rate / 2 : rate / 4;
  return Math.floor(((mpeg1 ? 144 : 72) * kbps * 1000) / hertz) + ((rates >> 1) & 1);
}

/** Where the tag ends that begins at `start`, or `start` where none does. Its length: four times seven bits. */
export async function behindId3(bytes: Bytes, start: number): Promise<number> {
  const head = await bytes.read(start, 10);
  if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return start;
  const length = head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  const hasFoot = (head[5]! & 0x10) !== 0;
  return start + 10 + length + (hasFoot ? 10 : 0);
}
