/** Photos and pictures, by sharp (libvips). */
import { open } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { ItemError } from '../errors.ts';
import type { Frame } from '../types.ts';
import { inputFile, limits } from './formats.ts';

const raw = ({ width, height }: Frame) => ({ raw: { width, height, channels: 3 as const } });

/**
 * A JPEG, PNG or WebP file as RGB, upright (EXIF), transparency over white, the first picture of an animation.
 * @throws ItemError E_MEDIA_MISSING, E_MEDIA_UNREADABLE (damaged too), E_MEDIA_TOO_LARGE, E_FORMAT_NOT_ALLOWED.
 */
export async function readImage(path: string): Promise<Frame> {
  const picture = await openImage(path);
  const { data, info } = await guarded(path, () =>
    picture
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Width and height in pixels as `readImage` would give them; the whole file is decoded, so that damage is found. @throws as `readImage`. */
export async function readImageSize(path: string): Promise<{ width: number; height: number }> {
  const { width, height } = await readImage(path);
  return { width, height };
}

/** A PNG file, lossless. */
export async function writePng(path: string, frame: Frame): Promise<void> {
  const { atomicWrite } = await import('../files.ts');
  await atomicWrite(path, await encodePng(frame));
}

/** A JPEG file of quality 0 to 100. */
export async function writeJpeg(path: string, frame: Frame, quality = 85): Promise<void> {
  const { atomicWrite } = await import('../files.ts');
  await atomicWrite(path, await encodeJpeg(frame, quality));
}

/** Scaled (Lanczos, 3 lobes) to cover `width`×`height` and cut about the centre, or stretched to fill it; the same frame when it has that size. */
export async function resizeFrame(
  frame: Frame,
  width: number,
  height: number,
  fit: 'cover' | 'fill' = 'cover',
): Promise<Frame> {
  if (frame.width === width && frame.height === height) return frame;
  const { default: sharp } = await loadSharp();
  const data = await sharp(frame.data, raw(frame)).resize(width, height, { fit }).raw().toBuffer();
  return { width, height, data: new Uint8Array(data) };
}

/** Blurred by a Gaussian of this standard deviation in pixels; the same frame where that is less than sharp can do (0.3). */
export async function blurFrame(frame: Frame, sigmaPx: number): Promise<Frame> {
  if (sigmaPx < 0.3) return frame;
  const { default: sharp } = await loadSharp();
  const data = await sharp(frame.data, raw(frame)).blur(sigmaPx).raw().toBuffer();
  return { ...frame, data: new Uint8Array(data) };
}

/** Stored as a JPEG of quality 1 to 100 (chroma at half size) and read again. */
export async function throughJpeg(frame: Frame, quality: number): Promise<Frame> {
  const { default: sharp } = await loadSharp();
  const data = await sharp(await encodeJpeg(frame, quality))
    .raw()
    .toBuffer();
  return { ...frame, data: new Uint8Array(data) };
}

/** Frames side by side, row by row, on black; each cell has the size of the largest. For contact sheets. */
export function montage(frames: readonly Frame[], columns: number): Frame {
  const cellWidth = Math.max(...frames.map((frame) => frame.width));
  const cellHeight = Math.max(...frames.map((frame) => frame.height));
  const width = cellWidth * Math.min(columns, frames.length);
  const sheet = { width, height: cellHeight * Math.ceil(frames.length / columns), data: new Uint8Array(0) };
  sheet.data = new Uint8Array(3 * sheet.width * sheet.height);
  for (const [i, frame] of frames.entries()) {
    const corner = Math.floor(i / columns) * cellHeight * width + (i % columns) * cellWidth;
    for (let y = 0; y < frame.height; y++)
      sheet.data.set(
        frame.data.subarray(3 * y * frame.width, 3 * (y + 1) * frame.width),
        3 * (corner + y * width),
      );
  }
  return sheet;
}

/** As the bytes of a JPEG file of quality 0 to 100. */
export async function encodeJpeg(frame: Frame, quality: number): Promise<Buffer> {
  const { default: sharp } = await loadSharp();
  return sharp(frame.data, raw(frame)).jpeg({ quality }).toBuffer();
}

async function encodePng(frame: Frame): Promise<Buffer> {
  const { default: sharp } = await loadSharp();
  return sharp(frame.data, raw(frame)).png().toBuffer();
}

/** The file behind `path`, limited and turned upright, once its content is sure to be what its name says. */
async function openImage(path: string): Promise<Sharp> {
  const { path: file, demuxer } = await inputFile(path);
  if (!beginnings[demuxer]!.test(await beginningOf(file)))
    throw new ItemError('E_FORMAT_NOT_ALLOWED', `${path}: its content is not ${demuxer}, as its name says`);
  const { default: sharp } = await loadSharp();
  const picture = sharp(file, {
    limitInputPixels: limits.photoPixels,
    failOn: 'warning',
    sequentialRead: true,
  });
  const { format } = await guarded(path, () => picture.metadata());
  if (format !== demuxer)
    throw new ItemError(
      'E_FORMAT_NOT_ALLOWED',
      `${path}: its content is ${format}, its name says ${demuxer}`,
    );
  return picture.autoOrient();
}

/** libvips would read a drawing or a GIF to its end, whatever the name, before it says what it is. It draws our own strips, so it cannot be told to know none. */
const beginnings: Record<string, RegExp> = {
  jpeg: /^\xff\xd8\xff/,
  png: /^\x89PNG\r\n/,
  webp: /^RIFF.{4}WEBP/s,
};

async function beginningOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.trim().split('\n')[0] : String(cause);
    if (/pixel limit/i.test(said ?? ''))
      throw new ItemError('E_MEDIA_TOO_LARGE', `${path}: more than ${limits.photoPixels} pixels`, { cause });
    throw new ItemError('E_MEDIA_UNREADABLE', `${path}: the picture cannot be decoded (${said})`, { cause });
  }
}

/** sharp with one thread and no cache of files: results and memory depend on the call alone. */
async function loadSharp() {
  const module = await import('sharp');
  module.default.concurrency(1);
  module.default.cache(false);
  return module;
}
