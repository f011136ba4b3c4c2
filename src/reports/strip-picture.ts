/** How one moment of a strip is drawn: four panes, two by two, each under its name, and the sound with a line where it plays. */
import type { Audio, Frame } from '../types.ts';
import { html, toText } from './html.ts';

type Box = { x: number; y: number; width: number; height: number };
export type Layout = { width: number; height: number; wave: Box | undefined };

/** Side of a pane; a strip is two panes wide. */
export const paneSizePx = 240;
/** Errors are small; enlarged they can be seen, and the label says so. */
export const differenceGain = 4;
const gapPx = 4;
const labelHeightPx = 26;
const waveHeightPx = 56;
/** Left empty at the bottom, where browsers lay their controls over the picture. */
const controlsHeightPx = 80;
const columnLeft = (column: number): number => column * (paneSizePx + gapPx);
const paneTop = (row: number): number => labelHeightPx + row * (paneSizePx + labelHeightPx);

/** Sizes in pixels, both even, as the encoder wants them. */
export function layout(withSound: boolean): Layout {
  const width = 2 * paneSizePx + gapPx;
  const top = paneTop(2);
  const wave = { x: 0, y: top, width, height: waveHeightPx };
  const bottom = withSound ? top + waveHeightPx : top - labelHeightPx;
  return { width, height: bottom + controlsHeightPx, wave: withSound ? wave : undefined };
}

/** What stays the same in every moment: the names of the panes and the waveform. Fonts are those of the machine. */
export async function drawGround(
  { width, height, wave }: Layout,
  labels: readonly string[],
  sound: Audio | undefined,
): Promise<Frame> {
  const { default: sharp } = await import('sharp');
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="16" fill="#e6e9ee">
${labels.map((label, i) => html`<text x="${columnLeft(i % 2) + paneSizePx / 2}" y="${paneTop(Math.floor(i / 2)) - 8}" text-anchor="middle">${label}</text>`)}
${sound && wave ? html`<text x="4" y="${wave.y - 8}" font-size="13" fill="#9aa5b1">driving sound</text><path d="${wavePath(sound, wave)}" stroke="#7db4f0" fill="none"/>` : undefined}</svg>`;
  const canvas = sharp({ create: { width, height, channels: 3, background: '#14171c' } });
  const data = await canvas
    .composite([{ input: Buffer.from(toText(svg)), left: 0, top: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8Array(data) };
}

/** One moment: target, fake and mouth as given, the error of the fake against the target, and the line at `share` (0 to 1) of the sound. */
export function drawMoment({ wave }: Layout, ground: Frame, panes: readonly Frame[], share: number): Frame {
  const picture = { ...ground, data: ground.data.slice() };
  const all = [...panes, differenceOf(panes[0]!, panes[1]!)];
  for (const [i, pane] of all.entries()) paste(picture, pane, columnLeft(i % 2), paneTop(Math.floor(i / 2)));
  if (wave) {
    const x = Math.min(wave.width - 2, Math.floor(share * wave.width));
    for (let y = wave.y; y < wave.y + wave.height; y++)
      picture.data.set([240, 149, 90, 240, 149, 90], (y * picture.width + x) * 3);
  }
  return picture;
}

/** |a − b| × 4 per channel, cut off at white. Both frames have one size. */
export function differenceOf(a: Frame, b: Frame): Frame {
  return {
    ...a,
    data: a.data.map((value, i) => Math.min(255, differenceGain * Math.abs(value - b.data[i]!))),
  };
}

/** A part of a frame; what lies outside repeats the nearest pixel. */
export function cutOut(frame: Frame, box: Box): Frame {
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

function paste(picture: Frame, pane: Frame, left: number, top: number): void {
  for (let y = 0; y < pane.height; y++)
    picture.data.set(
      pane.data.subarray(3 * y * pane.width, 3 * (y + 1) * pane.width),
      3 * ((top + y) * picture.width + left),
    );
}

/** The envelope: for every pixel column a stroke from the lowest to the highest sample; full height at the loudest. */
function wavePath({ samples }: Audio, { x, y, width, height }: Box): string {
  const loudest = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 1e-4);
  const middle = y + height / 2;
  const strokes = Array.from({ length: width }, (_, column) => {
    const piece = samples.subarray(
      Math.floor((column * samples.length) / width),
      Math.floor(((column + 1) * samples.length) / width) + 1,
    );
    const [low, high] = piece.reduce(([l, h], sample) => [Math.min(l, sample), Math.max(h, sample)], [0, 0]);
    const at = (sample: number): string => (middle - (sample / loudest) * (height / 2 - 2)).toFixed(1);
    return `M${x + column + 0.5} ${at(high)}V${at(low)}`;
  });
  return strokes.join('');
}
