/** Makes one fake with a network of the user's: the middle square of each frame is scaled to the network's size, repainted and laid back. */
import { join } from 'node:path';
import type { SquarePainter } from '../src/brought/network.ts';
import { compositeFrame, cropFrame } from '../src/faces/composite.ts';
import { resizeFrame } from '../src/media/images.ts';
import { mixOf } from '../src/pairs.ts';
import { defineJob } from '../src/pipeline/job.ts';
import type { Clip, Frame, Media, Model, Work } from '../src/types.ts';

type Input = { target: Clip; model: Model; label: string };

export const repaintClip = defineJob<Input, Media>({
  name: 'onnx-fake',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  run,
});

async function run({ target, model, label }: Input, work: Work): Promise<Media> {
  const { openPainter } = await import('../src/brought/network.ts');
  const { decodeAudio, decodeFrames } = await import('../src/media/decode.ts');
  const { encodeClip } = await import('../src/media/encode.ts');
  const { provenanceComment, writeProvenance } = await import('../src/media/provenance.ts');
  const { video, audio, path, sha256 } = target.media;
  if (!video) throw new Error(`${target.id}: planned without a picture`);
  const painter = await openPainter(model);
  const out = join(work.folder, 'fake.mp4');
  const media = await encodeClip(out, {
    frames: repaint(decodeFrames(path, { frameCount: video.frameCount }), painter, target.id),
    fps: video.fps,
    width: video.width,
    height: video.height,
    comment: provenanceComment(label),
    ...(audio ? { audio: await decodeAudio(path, audio.sampleRate) } : {}),
  });
  painter.close();
  const licences = new Set([target.licence, painter.licence]);
  await writeProvenance(out, {
    generator: label,
    options: {},
    model: { network: model.files['network']!.sha256 },
    sourceFiles: [sha256],
    ...mixOf(target),
    licence: [...licences].join(' and '),
  });
  return media;
}

async function* repaint(
  frames: AsyncIterable<Frame>,
  { paint, square }: SquarePainter,
  id: string,
): AsyncGenerator<Frame> {
  for await (const frame of frames) {
    const side = Math.max(1, Math.round(square.shown * Math.min(frame.width, frame.height)));
    const [x, y] = [Math.floor((frame.width - side) / 2), Math.floor((frame.height - side) / 2)];
    const window = { x, y, width: side, height: side };
    const seen = await resizeFrame(cropFrame(frame, window), square.sizePx, square.sizePx);
    const painted = { ...seen, data: await paint(seen.data, id) };
    const patch = await resizeFrame(painted, side, side);
    yield compositeFrame(frame, patch, window, new Float32Array(side * side).fill(1));
  }
}
