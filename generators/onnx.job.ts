/** Makes one fake with a network of the user's: the middle square of each frame is scaled to the network's size, repainted and laid back. */
import type { SquarePainter } from '../src/brought/network.ts';
import { compositeFrame, cropFrame } from '../src/faces/composite.ts';
import { resizeFrame } from '../src/media/images.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, Media, Model, Span, Work } from '../src/types.ts';

type Input = { target: Clip; model: Model; spans?: Span[]; label: string };

export const repaintClip = defineJob<Input, Media>({
  name: 'onnx-fake',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, model, spans, label }: Input, work: Work): Promise<Media> {
  const { openPainter } = await import('../src/brought/network.ts');
  const { makeFakeFilm } = await import('../src/pipeline/fake-film.ts');
  const painter = await openPainter(model);
  try {
    return await makeFakeFilm(work, {
      target,
      label,
      ...(spans ? { spans } : {}),
      repaint: (frame) => repaint(frame, painter, target.id),
      model: { network: model.files['network']!.sha256 },
      licence: [...new Set([target.licence, painter.licence])].join(' and '),
    });
  } finally {
    painter.close();
  }
}

async function repaint(frame: Frame, { paint, square }: SquarePainter, id: string): Promise<Frame> {
  const side = Math.max(1, Math.round(square.shown * Math.min(frame.width, frame.height)));
  const [x, y] = [Math.floor((frame.width - side) / 2), Math.floor((frame.height - side) / 2)];
  const window = { x, y, width: side, height: side };
  const seen = await resizeFrame(cropFrame(frame, window), square.sizePx, square.sizePx);
  const painted = { ...seen, data: await paint(seen.data, id) };
  const patch = await resizeFrame(painted, side, side);
  return compositeFrame(frame, patch, window, new Float32Array(side * side).fill(1));
}
