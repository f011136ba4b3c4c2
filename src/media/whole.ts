/** Whether all of a file is there. Decoding what is left of one mostly succeeds. */
import { ItemError } from '../errors.ts';
import { countAviChunks } from './avi-index.ts';
import type { InputFile } from './formats.ts';
import type { Stream, Streams } from './streams.ts';

/**
 * Some containers count what they hold, which gives away what is missing: MP4 and MOV exactly; AVI has an index, and states the length of
 * its picture as long as the longest stream. The others end where they end: an MP3 or MPEG program stream that is cut at the border of a frame is a shorter clip.
 * @throws ItemError E_MEDIA_TRUNCATED where fewer packets were read than that.
 */
export async function requireWhole(
  path: string,
  { demuxer, path: file }: InputFile,
  { streams }: Streams,
): Promise<void> {
  const isAvi = demuxer === 'avi';
  if (!isAvi && !demuxer.startsWith('mov')) return;
  const indexed = isAvi ? await countAviChunks(file) : [];
  for (const [i, { codec_type: type, disposition, ...stream }] of streams.entries()) {
    if (disposition?.attached_pic === 1 || (type !== 'video' && type !== 'audio')) continue;
    const there = Number(stream.nb_read_packets ?? 0);
    const promised = Math.max(
      indexed[i] ?? 0,
      isAvi ? aviLength(type, stream) : Number(stream.nb_frames ?? 0),
    );
    if (there < promised)
      throw new ItemError(
        'E_MEDIA_TRUNCATED',
        `${path}: of its ${type}, ${there} of ${promised} packets can be read`,
      );
  }
}

/** Sound may be longer than the picture by the last block of its codec: some frames' time. */
const aviSlackPackets = 4;

function aviLength(type: string, { nb_frames: stated = '0' }: Stream): number {
  return type === 'video' ? Number(stated) - aviSlackPackets : 0;
}
