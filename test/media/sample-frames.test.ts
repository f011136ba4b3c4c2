import { describe, expect, it } from 'vitest';
import {
  cropCentre,
  evenlySpaced,
  greyOf,
  sampleFrames,
  type SampledFrame,
} from '../../src/media/sample-frames.ts';
import type { OpenClip } from '../../src/types.ts';
import { noisy, openFrames, paint } from '../support/clips.ts';

async function collect(clip: OpenClip, count: number): Promise<SampledFrame[]> {
  const list: SampledFrame[] = [];
  for await (const sampled of sampleFrames(clip, count)) list.push(sampled);
  return list;
}

describe('sampleFrames', () => {
  it('takes the middles of equal stretches, or every frame of a short clip', async () => {
    expect([...evenlySpaced(60, 4)]).toEqual([7, 22, 37, 52]);
    expect([...evenlySpaced(3, 16)]).toEqual([0, 1, 2]);
    const frames = Array.from({ length: 10 }, (_, i) => noisy(`${i}`, 8, 8, 9));
    const sampled = await collect(openFrames('clip', frames), 5);
    expect(sampled).toEqual([1, 3, 5, 7, 9].map((index) => ({ index, frame: frames[index] })));
  });

  it('stops reading after the last frame it wants', async () => {
    let read = 0;
    const open = openFrames(
      'clip',
      Array.from({ length: 100 }, () => noisy('a', 8, 8, 9)),
    );
    const counted: OpenClip = {
      ...open,
      async *frames() {
        for await (const frame of open.frames()) {
          read++;
          yield frame;
        }
      },
    };
    await collect(counted, 2);
    expect(read).toBe(76);
  });

  it('fails by name when no frame comes', async () => {
    await expect(collect(openFrames('clip', []), 4)).rejects.toMatchObject({ code: 'E_TOO_SHORT' });
  });
});

it('crops about the centre', () => {
  const frame = paint(7, 4, (x, y) => [x, y, 0]);
  expect([...cropCentre(frame, 2).data]).toEqual([2, 1, 0, 3, 1, 0, 2, 2, 0, 3, 2, 0]);
  expect(() => cropCentre(frame, 5)).toThrow('does not fit');
});

it('weighs colours as luma', () => {
  expect([...greyOf(paint(1, 1, () => [100, 200, 50]))][0]).toBeCloseTo(153, 9);
});
