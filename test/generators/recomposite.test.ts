import { expect, test } from 'vitest';
import { recomposite } from '../../generators/recomposite.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import type { Clip, Frame } from '../../src/types.ts';
import { all, workFolder } from '../media/tools.ts';
import { paint } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { talker } from '../support/talkers.ts';

const at = workFolder();

/** Mean absolute difference of two frames in the columns chosen. */
function difference(a: Frame, b: Frame, chosen: (x: number, y: number) => boolean): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < a.height; y++)
    for (let x = 0; x < a.width; x++) {
      if (!chosen(x, y)) continue;
      sum += Math.abs(a.data[3 * (y * a.width + x)]! - b.data[3 * (y * a.width + x)]!);
      count++;
    }
  return sum / count;
}

test('the region face softens what is finer than the crop, inside the face alone', async () => {
  const person = await talker(at(''), 'a-0', 4, 'test');
  // Every other column is light: nothing of that passes a crop of 32 px across a face of some 48.
  const frames = Array.from({ length: 4 }, () =>
    paint(64, 64, (x) => (x % 2 === 0 ? [200, 200, 200] : [60, 60, 60])),
  );
  const media = await encodeClip(at('stripes.mp4'), { frames, fps: 25, width: 64, height: 64, crf: 1 });
  const target: Clip = { ...person, media };
  const again = async (options: object): Promise<Frame> => {
    const chosen = recomposite.options.parse(options);
    const [plan] = recomposite.plan([target], chosen, directContext(at('')));
    const made = await recomposite.make(plan!, undefined, chosen, directContext(at('')));
    return (await all(decodeFrames(made.path)))[0]!;
  };
  const original = (await all(decodeFrames(media.path)))[0]!;
  const [face, frame] = [await again({ region: 'face', facePx: 32 }), await again({ region: 'frame' })];
  const inside = (x: number, y: number): boolean => Math.abs(x - 32) < 8 && Math.abs(y - 36) < 8;
  const outside = (x: number, y: number): boolean => x < 4 || x >= 60 || y < 2;
  expect(difference(face, original, inside)).toBeGreaterThan(5 * difference(frame, original, inside));
  expect(difference(face, original, outside)).toBeLessThan(2 * difference(frame, original, outside) + 1);
});

test('the region frame softens all of the picture where it is scaled', async () => {
  const person = await talker(at(''), 'b-0', 4, 'test');
  const frames = Array.from({ length: 4 }, () =>
    paint(64, 64, (x) => (x % 2 === 0 ? [200, 200, 200] : [60, 60, 60])),
  );
  const media = await encodeClip(at('all-stripes.mp4'), { frames, fps: 25, width: 64, height: 64, crf: 1 });
  const chosen = recomposite.options.parse({ region: 'frame', framePx: 16 });
  const context = directContext(at(''));
  const [plan] = recomposite.plan([{ ...person, media }], chosen, context);
  const [made] = await all(decodeFrames((await recomposite.make(plan!, undefined, chosen, context)).path));
  const spread = ({ data }: Frame): number => Math.max(...data) - Math.min(...data);
  expect(spread((await all(decodeFrames(media.path)))[0]!)).toBeGreaterThan(120);
  expect(spread(made!)).toBeLessThan(40);
});

test('each region has a name of its own', () => {
  const labels = [{}, { region: 'face' }, { region: 'frame' }, { region: 'frame', framePx: 64 }].map(
    (options) => recomposite.label(recomposite.options.parse(options)),
  );
  expect(labels).toEqual(['recomposite', 'recomposite@face-64', 'recomposite@frame', 'recomposite@frame-64']);
});
