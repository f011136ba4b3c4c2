/** What senders say that a file is, by its name and by the content type that they declare, held against what it is. */
import { extname } from 'node:path';
import { type FileType, mediaTypes } from './file-types.ts';

export const extensionOf = (name: string): string => extname(name).slice(1).toLowerCase();

const each = (names: string[], types: FileType[]): [string, FileType[]][] =>
  names.map((name) => [name, types]);

/** What names may claim, where it is not the type itself. Formats that one demuxer reads may stand for each other. No plain object: a sender may write `constructor`. */
const byExtension = new Map<string, FileType[]>([
  ...each(['mp4', 'm4v', 'mov', 'm4a', '3gp', '3g2', 'qt'], ['mp4', 'mov', 'm4a']),
  ...each(['mkv', 'webm', 'mka'], ['mkv', 'webm']),
  ...each(['mpg', 'mpeg', 'm2p', 'vob', 'm1v', 'm2v'], ['mpg']),
  ...each(['jpg', 'jpeg', 'jpe', 'jfif'], ['jpg']),
  ...each(['ogg', 'oga', 'opus', 'spx'], ['ogg']),
  ...each(['wave'], ['wav']),
  ...each(['gz'], ['tgz']),
]);
const notRead: FileType[] = ['unknown', 'markup'];
const readTypes: readonly FileType[] = [...mediaTypes, 'eml', 'zip', 'tar', 'tgz'];

/** A name without an extension claims nothing; what is not read at all may be called anything but one of the types that are. */
export function nameAgrees(name: string, type: FileType): boolean {
  const extension = extensionOf(name);
  if (!/^[a-z][a-z0-9]*$/.test(extension)) return true;
  const own = readTypes.find((known) => known === extension);
  return (byExtension.get(extension) ?? (own ? [own] : notRead)).includes(type);
}

/** Names of content types, the registered ones and those that browsers and tools send, without `x-` before the subtype. Some stand for formats that are not read too. */
const byContentType = new Map<string, FileType[]>([
  ...each(
    [
      'video/mp4',
      'video/m4v',
      'video/quicktime',
      'video/3gpp',
      'video/3gpp2',
      'audio/mp4',
      'audio/m4a',
      'audio/3gpp',
      'audio/3gpp2',
      'application/mp4',
    ],
    ['mp4', 'mov', 'm4a'],
  ),
  ...each(['audio/aac'], ['mp4', 'mov', 'm4a', 'unknown']),
  ...each(['video/matroska', 'audio/matroska', 'video/webm', 'audio/webm'], ['mkv', 'webm']),
  ...each(['video/msvideo', 'video/avi', 'video/vnd.avi'], ['avi']),
  ...each(['video/mpeg', 'video/mpg', 'video/mp2p'], ['mpg']),
  ...each(['audio/wav', 'audio/wave', 'audio/vnd.wave', 'audio/pn-wav'], ['wav']),
  ...each(['audio/flac', 'application/flac'], ['flac']),
  ...each(['audio/mpeg', 'audio/mp3', 'audio/mpeg3', 'audio/mpg'], ['mp3', 'unknown']),
  ...each(['audio/ogg', 'audio/opus', 'audio/vorbis'], ['ogg']),
  ...each(['video/ogg', 'application/ogg'], ['ogg', 'unknown']),
  ...each(['image/jpeg', 'image/jpg', 'image/pjpeg'], ['jpg']),
  ...each(['image/png'], ['png']),
  ...each(['image/webp'], ['webp']),
  ...each(['message/rfc822'], ['eml']),
  ...each(['application/zip', 'application/zip-compressed'], ['zip']),
  ...each(['application/tar', 'application/gtar'], ['tar', 'tgz']),
  ...each(['application/gzip', 'application/tgz', 'application/compressed'], ['tgz']),
]);

/** Text is what a part of a form is where nobody said anything (RFC 7578, 4.4). */
const saysNothing = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'text/plain']);

/** As `nameAgrees`, of a content type as in RFC 9110, 8.3; its parameters claim nothing. */
export function declaredAgrees(declared: string, type: FileType): boolean {
  const named = declared.split(';')[0]!.trim().toLowerCase().replace('/x-', '/');
  if (saysNothing.has(named)) return true;
  return (byContentType.get(named) ?? notRead).includes(type);
}
