/**
 * What the mouth does for each phone: targets of the expression coefficients of `src/head/expressions.ts` at full range, set
 * by phonetic description (jaw height, rounding, spreading) and by looking at the rendered head. What is not named is 0 for
 * vowels, and of no concern to consonants, which leave it to their neighbours.
 */
import type { ExpressionName } from '../head/expressions.ts';
import type { PhoneSymbol } from './phones.ts';

/** `tongue`: how far its tip is raised, 0 to 1. */
export type MouthShape = Partial<Record<ExpressionName | 'tongue', number>>;

const spread = (amount: number): MouthShape => ({
  stretch: amount,
  smileLeft: 0.3 * amount,
  smileRight: 0.3 * amount,
});
const iyShape: MouthShape = {
  jawOpen: 0.1,
  ...spread(0.5),
  upperLipUp: 0.15,
  lowerLipDown: 0.25,
  tongue: 0.4,
};
const uwShape: MouthShape = { jawOpen: 0.1, pucker: 0.85, funnel: 0.25 };
const ihShape: MouthShape = {
  jawOpen: 0.18,
  ...spread(0.3),
  upperLipUp: 0.12,
  lowerLipDown: 0.22,
  tongue: 0.3,
};
const ehShape: MouthShape = { jawOpen: 0.36, ...spread(0.25), upperLipUp: 0.15, lowerLipDown: 0.25 };
const aaShape: MouthShape = { jawOpen: 0.72, upperLipUp: 0.1, lowerLipDown: 0.2 };
const aoShape: MouthShape = { jawOpen: 0.5, funnel: 0.5, pucker: 0.15 };
const uhShape: MouthShape = { jawOpen: 0.22, pucker: 0.4, funnel: 0.25 };
const tipShape: MouthShape = { jawOpen: 0.12, lowerLipDown: 0.12, tongue: 1 };
const hissShape: MouthShape = {
  jawOpen: 0.05,
  ...spread(0.3),
  upperLipUp: 0.15,
  lowerLipDown: 0.35,
  tongue: 0.7,
};
const hushShape: MouthShape = {
  jawOpen: 0.1,
  jawForward: 0.3,
  funnel: 0.6,
  pucker: 0.2,
  upperLipUp: 0.2,
  lowerLipDown: 0.25,
  tongue: 0.6,
};
const teethShape: MouthShape = { jawOpen: 0.16, lowerLipDown: 0.15, upperLipUp: 0.08, tongue: 0.85 };
const lipTeethShape: MouthShape = { jawOpen: 0.1, upperLipUp: 0.3, lowerLipDown: 0 };
const backShape: MouthShape = { jawOpen: 0.2 };
const closedShape: MouthShape = { jawOpen: 0.1, lipsPressed: 0.3 };

/** Targets, for diphthongs also of their end. */
export const mouthShapes: Readonly<Record<PhoneSymbol, { shape: MouthShape; glideTo?: MouthShape }>> = {
  sil: { shape: {} },
  iy: { shape: iyShape },
  ih: { shape: ihShape },
  eh: { shape: ehShape },
  ae: { shape: { jawOpen: 0.55, ...spread(0.35), upperLipUp: 0.2, lowerLipDown: 0.3 } },
  aa: { shape: aaShape },
  ao: { shape: aoShape },
  ah: { shape: { jawOpen: 0.42, upperLipUp: 0.08, lowerLipDown: 0.15 } },
  ax: { shape: { jawOpen: 0.24, upperLipUp: 0.05, lowerLipDown: 0.1 } },
  uh: { shape: uhShape },
  uw: { shape: uwShape },
  ue: { shape: { jawOpen: 0.1, pucker: 0.75, funnel: 0.3, tongue: 0.4 } },
  oe: { shape: { jawOpen: 0.28, pucker: 0.45, funnel: 0.45, tongue: 0.2 } },
  er: { shape: { jawOpen: 0.2, funnel: 0.4, pucker: 0.3, lowerLipDown: 0.1 } },
  ey: { shape: ehShape, glideTo: iyShape },
  ay: { shape: aaShape, glideTo: ihShape },
  oy: { shape: aoShape, glideTo: ihShape },
  ow: { shape: { jawOpen: 0.4, funnel: 0.4, pucker: 0.35 }, glideTo: uwShape },
  aw: { shape: aaShape, glideTo: uhShape },
  w: { shape: { jawOpen: 0.06, pucker: 0.95, funnel: 0.2 } },
  y: { shape: { jawOpen: 0.1, ...spread(0.35), tongue: 0.4 } },
  r: { shape: { jawOpen: 0.12, pucker: 0.3, funnel: 0.4 } },
  l: { shape: { jawOpen: 0.2, lowerLipDown: 0.1, tongue: 1 } },
  m: { shape: closedShape },
  n: { shape: tipShape },
  ng: { shape: backShape },
  hh: { shape: {} },
  p: { shape: closedShape },
  b: { shape: closedShape },
  t: { shape: tipShape },
  d: { shape: tipShape },
  k: { shape: backShape },
  kh: { shape: backShape },
  g: { shape: backShape },
  f: { shape: lipTeethShape },
  v: { shape: lipTeethShape },
  th: { shape: teethShape },
  dh: { shape: teethShape },
  s: { shape: hissShape },
  z: { shape: hissShape },
  sh: { shape: hushShape },
  zh: { shape: hushShape },
  ch: { shape: hushShape },
  jh: { shape: hushShape },
};
