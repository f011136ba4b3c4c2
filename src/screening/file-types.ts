/** What files are told to be. */

/** Media by the extension under which src/media/formats.ts reads them. `markup`: XML, SVG, HTML, which is never read. */
export const mediaTypes = [
  'mp4',
  'mov',
  'mkv',
  'webm',
  'avi',
  'mpg',
  'wav',
  'flac',
  'mp3',
  'ogg',
  'm4a',
  'jpg',
  'png',
  'webp',
] as const;
export type MediaType = (typeof mediaTypes)[number];
export type FileType = MediaType | 'eml' | 'zip' | 'tar' | 'tgz' | 'markup' | 'unknown';

export const isMedia = (type: FileType): type is MediaType =>
  (mediaTypes as readonly string[]).includes(type);
