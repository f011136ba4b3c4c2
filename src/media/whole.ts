/** Whether all of a file is there. Decoding what is left of one mostly succeeds. */
import { ItemError } from '../errors.ts';
import { countAviChunks } from './avi-index.ts';
import type { InputFile } from './formats.ts';
import { matroskaDamage } from './matroska.ts';
import { movDamage } from './mov-boxes.ts';
import type { Stream, Streams } from './streams.ts';

/**
 * Some containers count what they hold, which gives away what is missing: MP4 and MOV exactly; AVI has an index, and states the length of
 * its picture as long as the longest stream; of Matroska every element is known, of MP4 and MOV those that matter. The others end where they end: an MP3 or MPEG program stream that is cut at the border of a frame is a shorter clip.
 * @throws ItemError E_MEDIA_TRUNCATED where something is missing or nobody knows what it is.
 */
export async function requireWhole(
  path: string,
  { demuxer, path: file }: InputFile,
  { streams }: Streams,
): Promise<void> {
  const isAvi = demuxer === 'avi';
  const indexed = isAvi ? await countAviChunks(file) : [];
  const isMov = demuxer.startsWith('mov');
  const strange = demuxer.startsWith('matroska')
    ? await matroskaDamage(file)
    : isMov
      ? await movDamage(file)
      : undefined;
  if (!indexed || strange !== undefined)
    throw new ItemError(
      'E_MEDIA_TRUNCATED',
      `${path}: it is damaged (${strange ?? 'many chunks and no index'})`,
    );
  if (!isAvi && !isMov) return;
  for (const [i, stream] of streams.entries()) {
    const { codec_type: type, disposition } = stream;
    // Of time codes, places and the like the samples are counted too; what has none may have been the picture.
    if (!isAvi && type === 'data' && stream.nb_frames === undefined)
      throw new ItemError(
        'E_MEDIA_TRUNCATED',
        `${path}: it is damaged (a track that says neither what it is nor how long)`,
      );
    if (disposition?.attached_pic === 1 || (type !== 'video' && type !== 'audio')) continue;
    const there = Number(stream.nb_read_packets ?? 0);
    const promised = isAvi ? Math.max(indexed[i] ?? 0, aviLength(stream)) : movLength(stream);
    if (there < promised)
      throw new ItemError(
        'E_MEDIA_TRUNCATED',
        `${path}: of its ${type}, ${there} of ${promised} packets can be read`,
      );
  }
}

/** Sound may be longer than the picture by the last block of its codec: some frames' time. */
const aviSlackPackets = 4;

function aviLength({ codec_type: type, nb_frames: stated = '0' }: Stream): number {
  return type === 'video' ? Number(stated) - aviSlackPackets : 0;
}

/** PCM is counted by samples, and its kin by groups of at most so many, of which ffmpeg reads many at once. Other codecs have more in a packet. */
const smallGroup = 64;

function movLength({
  codec_type: type,
  nb_frames: stated = '0',
  duration,
  sample_rate: rate,
}: Stream): number {
  const samples = Number(duration ?? 0) * Number(rate ?? 0);
  return type === 'audio' && Number(stated) * smallGroup >= samples ? 0 : Number(stated);
}
