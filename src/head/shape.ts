/**
 * The measures that make one person's head differ from another's. Lengths in mm, as differences from the average adult
 * unless said otherwise; averages from anthropometry (Farkas, Anthropometry of the Head and Face, 1994; rounded).
 */
import type { Rng } from '../random.ts';

export type Shape = {
  /** 0 feminine to 1 masculine; drives what differs between the sexes, and hair and beard. */
  masculinity: number;
  /** 0 young adult to 1 old. */
  age: number;
  craniumWidth: number;
  foreheadSlope: number;
  browRidge: number;
  faceWidth: number;
  cheekbones: number;
  /** Fat under the cheek. */
  fullness: number;
  jawWidth: number;
  jawDrop: number;
  chinLength: number;
  chinForward: number;
  chinWidth: number;
  eyeSpacing: number;
  /** Factor on the width of the lid opening. */
  eyeWidth: number;
  /** Height of the lid opening, mm. */
  eyeOpening: number;
  /** How much higher the outer corner lies than the inner one, mm. */
  eyeTilt: number;
  eyeDepth: number;
  /** 0 deep crease to 1 none to be seen (epicanthic or hooded). */
  hooded: number;
  browHeight: number;
  noseLength: number;
  noseWidth: number;
  bridgeHeight: number;
  bridgeWidth: number;
  noseTip: number;
  /** How far the tip points up, mm. */
  tipUp: number;
  noseHump: number;
  mouthWidth: number;
  mouthDrop: number;
  /** Height of the red of the lips at their fullest, mm. */
  upperLip: number;
  lowerLip: number;
  lipForward: number;
  neckWidth: number;
  earSize: number;
  earAngle: number;
  /** Weights of three slow left–right differences, mm. */
  asymmetry: readonly [number, number, number];
};

/** Draws a person's measures. Many go with sex and age; fullness of the lips and breadth of the nose vary together. */
export function drawShape(rng: Rng): Shape {
  const masculinity = rng.uniform() < 0.5 ? rng.uniform(0, 0.3) : rng.uniform(0.7, 1);
  const m = masculinity - 0.5;
  const n = (deviation: number, mean = 0) => mean + deviation * Math.max(-2, Math.min(2, rng.normal()));
  const fullLips = rng.uniform(-1, 1);
  const broadNose = 0.6 * fullLips + n(0.4);
  const age = rng.uniform() ** 1.7;
  return {
    masculinity,
    age,
    craniumWidth: n(3, 2 * m),
    foreheadSlope: n(3, 4 * m),
    browRidge: n(1.3, 3 * m),
    faceWidth: n(3.6, 3 * m),
    cheekbones: n(2.2, -1 * m),
    fullness: n(2.8, 2.4 - 2 * m),
    jawWidth: n(3.6, 8 * m),
    jawDrop: n(2, 3 * m),
    chinLength: n(3, 5 * m),
    chinForward: n(2.4, 2 * m),
    chinWidth: n(3, 5 * m),
    eyeSpacing: n(1.4),
    eyeWidth: n(0.05, 1.01),
    eyeOpening: n(1, 10.4 - 1.2 * m - 1 * age),
    eyeTilt: n(1.5, 1 - 0.8 * m),
    eyeDepth: n(1.2, 1.5 * m),
    hooded: Math.max(0, Math.min(1, n(0.35, 0.3 + 0.3 * age))),
    browHeight: n(1.8, -3 * m),
    noseLength: n(2.8, 2 * m),
    noseWidth: n(1.5, 1.6 * m) + 2.6 * broadNose,
    bridgeHeight: n(1.6, 1.5 * m) - 1.8 * broadNose,
    bridgeWidth: n(0.7, 0.8 * m) + 0.6 * broadNose,
    noseTip: n(0.7, 0.8 * m) + 0.6 * broadNose,
    tipUp: n(2.4, -1.5 * m),
    noseHump: n(1.3, 0.4 * m),
    mouthWidth: n(2.8, 1.5 * m),
    mouthDrop: n(1.5),
    upperLip: Math.max(4, n(0.7, 6.8 - 1.2 * m - 1.2 * age) + 1.8 * fullLips),
    lowerLip: Math.max(6, n(0.8, 9 - 1.2 * m - age) + 1.8 * fullLips),
    lipForward: n(0.8) + 1.5 * fullLips,
    neckWidth: n(2, 9 * m),
    earSize: n(0.07, 1),
    earAngle: n(0.09, 0.6),
    asymmetry: [n(0.7), n(0.6), n(0.5)],
  };
}
