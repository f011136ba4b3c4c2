/**
 * The camera behind the lens: defocus, exposure, the sensor's fixed pattern (photo response non-uniformity), shot and read
 * noise, and the tone curve. In: linear light. Out: eight-bit pixels.
 */
import { createRng } from '../random.ts';
import type { Frame } from '../types.ts';

export type Sensor = {
  exposure: number;
  /** White balance gains. */
  balance: readonly [number, number, number];
  /** Share of light a pixel gives to each side neighbour. */
  blur: number;
  /** Standard deviation of the fixed gain pattern. */
  pattern: number;
  /** Standard deviation of the noise in black, and its variance per unit of light. */
  readNoise: number;
  shotNoise: number;
  gamma: number;
  contrast: number;
  vignette: number;
  seed: string;
};

const noiseLength = 1 << 16;

/** Develops one picture. `linear`: RGB, three values per pixel; changed in place. `frameIndex` seeds the noise. */
export type Develop = (linear: Float32Array, frameIndex: number) => Frame;

export function createSensor(sensor: Sensor, width: number, height: number): Develop {
  const rng = createRng(sensor.seed, 'sensor');
  const noise = Float32Array.from({ length: noiseLength }, () => rng.normal());
  const gain = gainMap(sensor, width, height);
  const curve = toneCurve(sensor);
  const line = new Float32Array(Math.max(width, height) * 3);
  return (linear, frameIndex) => {
    if (sensor.blur > 0) blur(linear, width, height, sensor.blur, line);
    const frameRng = createRng(sensor.seed, 'noise', frameIndex);
    const data = new Uint8Array(width * height * 3);
    const readVariance = sensor.readNoise * sensor.readNoise;
    for (let y = 0, i = 0; y < height; y++) {
      let offset = frameRng.int(noiseLength);
      for (let x = 0; x < width * 3; x++, i++) {
        const light = linear[i]! * gain[i]!;
        const noisy = light + noise[offset]! * Math.sqrt(readVariance + sensor.shotNoise * light);
        offset = (offset + 1) & (noiseLength - 1);
        const index = noisy * curveScale;
        data[i] = curve[index <= 0 ? 0 : index >= curveLength - 1 ? curveLength - 1 : index | 0]!;
      }
    }
    return { width, height, data };
  };
}

const curveLength = 4096;
const curveScale = curveLength / 1.6;

/** Linear light 0 to 1.6 to eight bits: a soft shoulder, then gamma, with a little contrast. */
function toneCurve(sensor: Sensor): Uint8Array {
  return Uint8Array.from({ length: curveLength }, (_, i) => {
    const light = (i + 0.5) / curveScale;
    const rolled = light < 0.7 ? light : 0.7 + 0.3 * (1 - Math.exp(-(light - 0.7) / 0.3));
    const bright = rolled ** (1 / sensor.gamma);
    const curved = bright + sensor.contrast * (bright - 0.5) * bright * (1 - bright) * 2;
    return Math.max(0, Math.min(255, Math.round(255 * curved)));
  });
}

function gainMap(sensor: Sensor, width: number, height: number): Float32Array {
  const rng = createRng(sensor.seed, 'pattern');
  const gain = new Float32Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const r2 = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2;
      const fixed = sensor.exposure * (1 - sensor.vignette * r2);
      for (let c = 0; c < 3; c++, i++)
        gain[i] = fixed * sensor.balance[c]! * (1 + sensor.pattern * rng.normal());
    }
  }
  return gain;
}

/** A symmetric three-tap filter along both axes. */
function blur(picture: Float32Array, width: number, height: number, side: number, line: Float32Array): void {
  const centre = 1 - 2 * side;
  const row = width * 3;
  for (let y = 0; y < height; y++) {
    const start = y * row;
    for (let i = 0; i < row; i++) line[i] = picture[start + i]!;
    for (let i = 3; i < row - 3; i++)
      picture[start + i] = centre * line[i]! + side * (line[i - 3]! + line[i + 3]!);
  }
  // Down the columns, a whole row at a time: `line` keeps the row above as it was.
  for (let i = 0; i < row; i++) line[i] = picture[i]!;
  for (let y = 1; y < height - 1; y++) {
    const start = y * row;
    for (let i = 0; i < row; i++) {
      const here = picture[start + i]!;
      picture[start + i] = centre * here + side * (line[i]! + picture[start + row + i]!);
      line[i] = here;
    }
  }
}
