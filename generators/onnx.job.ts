/** Makes one fake with a network of the user's: a square of each frame, its middle or that about the mouth, is scaled to the network's size, repainted and laid back. */
import type { SquarePainter } from '../src/brought/network.ts';
import { compositeFrame, cropFrame } from '../src/faces/composite.ts';
import type { Box } from '../src/head/track.ts';
import { resizeFrame } from '../src/media/images.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, Media, Model, Span, Work } from '../src/types.ts';

type Input = { target: Clip; model: Model; region?: 'mouth'; spans?: Span[]; label: string };

export const repaintClip = defineJob<Input, Media>({
  name: 'onnx-fake',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, model, region, spans, label }: Input, work: Work): Promise<Media> {
  const { openPainter } = await import('../src/brought/network.ts');
  const { makeFakeFilm } = await import('../src/pipeline/fake-film.ts');
  const painter = await openPainter(model);
  try {
    const place = region === 'mouth' ? await mouthPlace(target) : middlePlace;
    return await makeFakeFilm(work, {
      target,
      label,
      ...(spans ? { spans } : {}),
      repaint: (frame, index) => repaint(frame, painter, target.id, (sidePx) => place(frame, sidePx, index)),
      model: { network: model.files['network']!.sha256 },
      licence: [...new Set([target.licence, painter.licence])].join(' and '),
    });
  } finally {
    painter.close();
  }
}

/** A square of the frame, and how much of what is painted there shows at each of its pixels. */
type Placed = { window: Box; mask: Float32Array };
type Place = (frame: Frame, sidePx: number, index: number) => Placed;

const middlePlace: Place = ({ width, height }, sidePx) => ({
  window: {
    x: Math.floor((width - sidePx) / 2),
    y: Math.floor((height - sidePx) / 2),
    width: sidePx,
    height: sidePx,
  },
  mask: new Float32Array(sidePx * sidePx).fill(1),
});

/** About the mouth as the track has it, through the mask of `puppetry`. */
async function mouthPlace(target: Clip): Promise<Place> {
  const { mouthMask, mouthRegion, mouthWindow } = await import('../src/faces/mouth-region.ts');
  const { frameOf, readTrack } = await import('../src/head/track.ts');
  const track = await readTrack(target.track!.path);
  const region = mouthRegion(track.mesh);
  return (_, sidePx, index) => {
    const { pose } = frameOf(track, index);
    const window = mouthWindow(region, pose, track.camera, sidePx);
    return { window, mask: mouthMask(region, pose, track.camera, window) };
  };
}

async function repaint(
  frame: Frame,
  { paint, square }: SquarePainter,
  id: string,
  place: (sidePx: number) => Placed,
): Promise<Frame> {
  const side = Math.max(1, Math.round(square.shown * Math.min(frame.width, frame.height)));
  const { window, mask } = place(side);
  const seen = await resizeFrame(cropFrame(frame, window), square.sizePx, square.sizePx);
  const painted = { ...seen, data: await paint(seen.data, id) };
  return compositeFrame(frame, await resizeFrame(painted, side, side), window, mask);
}
