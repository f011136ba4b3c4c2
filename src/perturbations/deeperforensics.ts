/**
 * The seven distortions of DeeperForensics-1.0 (Jiang et al., CVPR 2020) in their five severities, as its published code has them and mended, and its
 * mixes of several. LipForensics (Haliassos et al., CVPR 2021) reports the same seven; it calls JPEG by what it is, pixelation.
 */
import { z } from 'zod';
import type { Distortion, Perturbation, Series } from '../types.ts';
import { throughH264 } from './h264.ts';
import { inTurn, onFrames } from './on-clips.ts';
import { blocks, blur, contrast, noise, pixelate, saturate, severities } from './pixels.ts';

type Code = keyof typeof severities;
const codes = Object.keys(severities) as Code[];

/** One distortion at severity `p`. @param fixed mended where the published code does something else than its name says (`pixels.ts`). */
function distortionOf(code: Code, p: number, fixed: boolean): Distortion {
  if (code === 'VC') return throughH264(p);
  return onFrames((frame, draw) => {
    if (code === 'CS') return saturate(frame, p, fixed);
    if (code === 'CC') return contrast(frame, p, fixed);
    if (code === 'BW') return blocks(frame, p, fixed, draw);
    if (code === 'GNC') return noise(frame, p, draw);
    return code === 'GB' ? blur(frame, p) : pixelate(frame, p);
  });
}

/** In words, with units. */
const described: Record<Code, (p: number) => string> = {
  CS: (p) => `${Math.round(100 * p)} % of the colour left`,
  CC: (p) => `contrast × ${p}`,
  BW: (p) => `${p} grey blocks`,
  GNC: (p) => `noise of variance ${p}`,
  GB: (p) => `blur of ${p} px, σ ${(p / 6).toFixed(2)} px`,
  JPEG: (p) => `pixelated ${p} times`,
  VC: (p) => `H.264, CRF ${p}`,
};

/** What the published pipeline puts behind every distortion: ffmpeg's default H.264. */
const defaultCrf = 23;

const one = z.enum(codes);
const options = z.strictObject({
  distortions: z.array(one).min(1).default(codes),
  /** How many distortions one on another, each at a random level: a further series of one level for each number. */
  mixes: z.array(z.int().min(2).max(4)).default([]),
});
type Options = z.infer<typeof options>;

function component(name: string, fixed: boolean): Perturbation<Options> {
  const finish = (distort: Distortion): Distortion =>
    fixed ? distort : inTurn(distort, throughH264(defaultCrf));
  return {
    name,
    cite: `Jiang et al., DeeperForensics-1.0, CVPR 2020${fixed ? ', mended' : ', as published'}`,
    options,
    series: ({ distortions, mixes }) => [
      ...distortions.map(
        (code): Series => ({
          name: `${name}/${code}`,
          changes: 'picture',
          levels: severities[code].map((p) => ({
            severity: described[code](p),
            distort: finish(distortionOf(code, p, fixed)),
          })),
        }),
      ),
      ...mixes.map(
        (count): Series => ({
          name: `${name}/mix-${count}`,
          changes: 'picture',
          levels: [{ severity: `${count} of them at random levels`, distort: finish(mixed(count, fixed)) }],
        }),
      ),
    ],
  };
}

/** So many different ones at random levels, in random order. */
function mixed(count: number, fixed: boolean): Distortion {
  return (clip, draw, folder) => {
    const drawn = draw.fork('mix').shuffle(codes).slice(0, count);
    const steps = drawn.map((code) =>
      distortionOf(code, draw.fork('level', code).pick<number>(severities[code]), fixed),
    );
    return inTurn(...steps)(clip, draw, folder);
  };
}

export const deeperforensics = component('deeperforensics', false);
export const deeperforensicsFixed = component('deeperforensics-fixed', true);
