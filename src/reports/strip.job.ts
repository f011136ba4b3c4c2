/**
 * One picture per fake: six moments in columns; in rows the target's own frame, the fake, the mouth that really spoke the
 * sound, and the difference; underneath the driving sound with the six moments marked. Rows without a source (no face
 * track, no sound) are left out.
 */
import { join } from 'node:path';
import type { Audio, Clip, FileRef, Frame } from '../types.ts';
import { defineJob } from '../pipeline/job.ts';
import { html, toText } from './html.ts';

/** `driver` is the clip whose sound drives the fake; without it the target speaks its own. */
export type StripInput = { target: Clip; fake: Clip; driver?: Clip };
type Box = { x: number; y: number; width: number; height: number };
type Row = { label: string; cells: Frame[] };

const moments = 6;
const cellSizePx = 144;
const gapPx = 4;
const labelWidthPx = 84;
const headHeightPx = 22;
const waveHeightPx = 56;
/** Differences are small; enlarged they can be seen, and the label says so. */
const differenceGain = 4;
const waveSampleRate = 16_000;

/** Draws `strip.jpg`. Throws ItemError where a clip has no picture or does not decode. */
export const drawStrip = defineJob({
  name: 'draw-strip',
  module: import.meta.url,
  threads: 1,
  async run({ target, fake, driver }: StripInput, work): Promise<FileRef> {
    const speaker = driver ?? target;
    const indices = momentsOf([target, fake, speaker]);
    const targetFrames = await framesAt(target, indices);
    const fakeFrames = await framesAt(fake, indices);
    const speakerFrames = driver ? await framesAt(driver, indices) : targetFrames;
    const sameSize = await Promise.all(
      fakeFrames.map((frame, i) => fit(frame, targetFrames[i]!.width, targetFrames[i]!.height)),
    );
    const whole = (frames: Frame[]): Promise<Frame[]> =>
      Promise.all(frames.map((frame) => fit(frame, cellSizePx, cellSizePx)));
    const mouths = await mouthsOf(speaker, speakerFrames, indices);
    const rows: Row[] = [
      { label: 'target', cells: await whole(targetFrames) },
      { label: 'fake', cells: await whole(fakeFrames) },
      ...(mouths ? [{ label: driver ? 'true mouth (driver)' : 'true mouth', cells: mouths }] : []),
      {
        label: `difference × ${differenceGain}`,
        cells: await whole(targetFrames.map((frame, i) => differenceOf(frame, sameSize[i]!))),
      },
    ];
    const sound = speaker.media.audio ? await soundOf(speaker) : undefined;
    const fps = fake.media.video?.fps ?? 25;
    await writeStrip(join(work.folder, 'strip.jpg'), rows, indices, fps, sound);
    return work.keep('strip.jpg');
  },
});

/** The middles of six equal stretches of the shortest clip. */
function momentsOf(clips: Clip[]): number[] {
  const total = Math.min(...clips.map((clip) => clip.media.video?.frameCount ?? 1));
  return Array.from({ length: moments }, (_, i) => Math.floor(((i + 0.5) * total) / moments));
}

async function framesAt(clip: Clip, indices: number[]): Promise<Frame[]> {
  const { decodeFrames } = await import('../media/decode.ts');
  const found = new Map<number, Frame>();
  const last = Math.max(...indices);
  let index = 0;
  for await (const frame of decodeFrames(clip.media.path)) {
    if (indices.includes(index)) found.set(index, frame);
    if (index++ === last) break;
  }
  const { ItemError } = await import('../errors.ts');
  return indices.map((wanted) => {
    const frame = found.get(wanted);
    if (!frame) throw new ItemError('E_TOO_SHORT', `${clip.id}: frame ${wanted} is needed, it has ${index}`);
    return frame;
  });
}

async function soundOf(clip: Clip): Promise<Audio> {
  const { decodeAudio } = await import('../media/decode.ts');
  return decodeAudio(clip.media.path, waveSampleRate);
}

/** The region around the mouth at each moment, as the clip's face track has it; undefined without a track. */
async function mouthsOf(clip: Clip, frames: Frame[], indices: number[]): Promise<Frame[] | undefined> {
  if (!clip.track) return undefined;
  const { mouthBox, readTrack } = await import('../head/track.ts');
  const track = await readTrack(clip.track.path);
  return Promise.all(
    frames.map((frame, i) => {
      const scale = frame.width / track.camera.width;
      const mouth = mouthBox(track, Math.min(indices[i]!, track.frames.length - 1));
      return fit(cut(frame, squareAround(mouth, scale)), cellSizePx, cellSizePx);
    }),
  );
}

/** A square half as wide again as the mouth, about its middle, in the frame's pixels. */
function squareAround(box: Box, scale: number): Box {
  const side = Math.max(8, Math.round(1.5 * Math.max(box.width, box.height) * scale));
  const x = Math.round((box.x + box.width / 2) * scale - side / 2);
  const y = Math.round((box.y + box.height / 2) * scale - side / 2);
  return { x, y, width: side, height: side };
}

/** A part of a frame; what lies outside repeats the nearest pixel. */
function cut(frame: Frame, box: Box): Frame {
  const data = new Uint8Array(box.width * box.height * 3);
  for (let y = 0; y < box.height; y++) {
    const fromY = Math.max(0, Math.min(frame.height - 1, box.y + y));
    for (let x = 0; x < box.width; x++) {
      const fromX = Math.max(0, Math.min(frame.width - 1, box.x + x));
      const from = (fromY * frame.width + fromX) * 3;
      data.set(frame.data.subarray(from, from + 3), (y * box.width + x) * 3);
    }
  }
  return { width: box.width, height: box.height, data };
}

/** |a − b| × 4 per channel, cut off at white. Both frames have one size. */
export function differenceOf(a: Frame, b: Frame): Frame {
  return {
    ...a,
    data: a.data.map((value, i) => Math.min(255, differenceGain * Math.abs(value - b.data[i]!))),
  };
}

async function fit(frame: Frame, width: number, height: number): Promise<Frame> {
  const { resizeFrame } = await import('../media/images.ts');
  return resizeFrame(frame, width, height);
}

async function writeStrip(
  path: string,
  rows: Row[],
  indices: number[],
  fps: number,
  sound: Audio | undefined,
): Promise<void> {
  const width = labelWidthPx + moments * (cellSizePx + gapPx);
  const rowTop = (row: number): number => headHeightPx + row * (cellSizePx + gapPx);
  const waveTop = rowTop(rows.length);
  const height = waveTop + (sound ? waveHeightPx + gapPx : 0);
  const columnLeft = (column: number): number => labelWidthPx + column * (cellSizePx + gapPx);
  const { default: sharp } = await import('sharp');
  const cells = rows.flatMap((row, r) =>
    row.cells.map((cell, c) => ({
      input: Buffer.from(cell.data),
      raw: { width: cell.width, height: cell.height, channels: 3 as const },
      left: columnLeft(c),
      top: rowTop(r),
    })),
  );
  const middles = indices.map((_, c) => columnLeft(c) + cellSizePx / 2);
  const labels = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#c8ced6">
${indices.map((index, c) => html`<text x="${middles[c]}" y="15" text-anchor="middle">${(index / fps).toFixed(2)} s</text>`)}
${rows.map((row, r) => wrap(row.label, rowTop(r) + cellSizePx / 2))}
${
  sound
    ? html`${wrap('sound', waveTop + waveHeightPx / 2)}<path d="${wavePath(sound, waveTop)}" stroke="#7db4f0" fill="none"/>
${indices.map((index) => mark((index + 0.5) / fps / (sound.samples.length / sound.sampleRate), waveTop))}`
    : undefined
}</svg>`;
  const { atomicWrite } = await import('../files.ts');
  const canvas = sharp({ create: { width, height, channels: 3, background: '#171b20' } });
  const jpeg = await canvas
    .composite([...cells, { input: Buffer.from(toText(labels)), left: 0, top: 0 }])
    .jpeg({ quality: 82 })
    .toBuffer();
  await atomicWrite(path, jpeg);
}

/** A label of one or more words at the left, one word a line. */
function wrap(label: string, middleY: number) {
  const words = label.replace(' × ', ' ×').split(' ');
  return words.map(
    (word, i) => html`<text x="6" y="${middleY + 4 + (i - (words.length - 1) / 2) * 15}">${word}</text>`,
  );
}

const waveLeft = labelWidthPx;
const waveWidth = moments * (cellSizePx + gapPx) - gapPx;

/** The envelope: for every pixel column a stroke from the lowest to the highest sample; full height at the loudest. */
function wavePath({ samples }: Audio, top: number): string {
  const loudest = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 1e-4);
  const middle = top + waveHeightPx / 2;
  const strokes = Array.from({ length: waveWidth }, (_, column) => {
    const piece = samples.subarray(
      Math.floor((column * samples.length) / waveWidth),
      Math.floor(((column + 1) * samples.length) / waveWidth) + 1,
    );
    const [low, high] = piece.reduce(([l, h], sample) => [Math.min(l, sample), Math.max(h, sample)], [0, 0]);
    const y = (sample: number): string => (middle - (sample / loudest) * (waveHeightPx / 2 - 2)).toFixed(1);
    return `M${waveLeft + column + 0.5} ${y(high)}V${y(low)}`;
  });
  return strokes.join('');
}

function mark(share: number, top: number) {
  const x = waveLeft + Math.min(1, share) * waveWidth;
  return html`<line x1="${x}" x2="${x}" y1="${top}" y2="${top + waveHeightPx}" stroke="#f0955a" stroke-dasharray="3 3"/>`;
}
