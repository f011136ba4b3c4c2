/** Draws how a person looks beside their shape: skin, hair, eyes, clothes, light, place and camera. */
import type { Rng } from '../random.ts';
import type { Background } from './background.ts';
import type { Clothes } from './bust.ts';
import type { HairLook } from './hair.ts';
import type { Head } from './head.ts';
import type { Lobe } from './light.ts';
import type { Camera } from './mesh.ts';
import { mixRgb } from './part.ts';
import type { Rgb } from './part.ts';
import type { Sensor } from './sensor.ts';
import type { Shape } from './shape.ts';
import { toneOf } from './skin.ts';
import type { SkinLook } from './skin.ts';

export function drawLook(rng: Rng, shape: Shape): Omit<Head, 'shape'> {
  const seed = String(rng.fork('seed').int(2 ** 31));
  const tone = drawTone(rng.fork('tone'));
  const hairColour = drawHairColour(rng.fork('hair-colour'), tone, shape.age);
  return {
    skin: drawSkin(rng.fork('skin'), shape, tone, hairColour, seed),
    eyes: drawEyes(rng.fork('eyes'), tone, seed),
    teeth: {
      colour: mixRgb([0.68, 0.64, 0.57], [0.55, 0.47, 0.34], rng.uniform() * (0.4 + 0.6 * shape.age)),
      gap: rng.uniform(0, 0.35),
      seed,
    },
    hair: drawHair(rng.fork('hair'), shape, tone, hairColour, seed),
    clothes: drawClothes(rng.fork('clothes'), seed),
    lights: drawLights(rng.fork('lights')),
    background: drawBackdrop(rng.fork('background'), seed),
    sensor: drawSensor(rng.fork('sensor'), tone, seed),
    ...drawCamera(rng.fork('camera')),
  };
}

const drawTone = (rng: Rng): number => rng.uniform(0.3, 5.6);

const srgb = (r: number, g: number, b: number): Rgb => [(r / 255) ** 2.2, (g / 255) ** 2.2, (b / 255) ** 2.2];

function drawHairColour(rng: Rng, tone: number, age: number): Rgb {
  const dark = [srgb(28, 22, 20), srgb(38, 28, 23), srgb(52, 38, 30)];
  const fair = [srgb(74, 50, 34), srgb(96, 64, 42), srgb(128, 92, 58), srgb(164, 128, 84), srgb(120, 58, 32)];
  const own = tone > 2.2 || rng.uniform() < 0.35 ? rng.pick(dark) : rng.pick(fair);
  const grey = age > 0.6 && rng.uniform() < 0.7 ? rng.uniform(0.3, 1) : 0;
  return mixRgb(own, srgb(168, 164, 158), grey);
}

function drawSkin(rng: Rng, shape: Shape, tone: number, hairColour: Rgb, seed: string): SkinLook {
  const redness = rng.uniform(-0.8, 0.9);
  const base = toneOf(tone, redness);
  const male = shape.masculinity > 0.5;
  const painted = !male && rng.uniform() < 0.45;
  const natural: Rgb = [base[0] * 0.86, base[1] * 0.56, base[2] * 0.6];
  const sticks =
    tone < 3
      ? [srgb(170, 60, 66), srgb(150, 44, 52), srgb(186, 92, 88)]
      : [srgb(122, 34, 44), srgb(104, 36, 52), srgb(134, 58, 52)];
  const stick = rng.pick(sticks);
  const browColour: Rgb = [hairColour[0] * 0.55, hairColour[1] * 0.55, hairColour[2] * 0.55];
  return {
    tone,
    redness,
    blotches: rng.uniform(0.1, 0.8),
    freckles: tone < 2 && rng.uniform() < 0.3 ? rng.uniform(0.3, 1) : 0,
    lines: Math.max(0, shape.age * 1.2 - 0.1),
    rings: rng.uniform(0, 0.9),
    gloss: rng.uniform(0.35, 1),
    lips: painted ? stick : natural,
    lipCover: painted ? rng.uniform(0.6, 0.9) : rng.uniform(0.65, 0.95),
    brow: {
      colour: browColour,
      thickness: male ? rng.uniform(3.6, 5.2) : rng.uniform(2.2, 3.8),
      density: rng.uniform(0.65, 0.95),
      arch: male ? rng.uniform(-1, 1.5) : rng.uniform(0, 3),
    },
    lashes: male ? rng.uniform(0.1, 0.4) : rng.uniform(0.45, 1),
    shadow: painted ? rng.uniform(0.2, 0.8) : rng.uniform(0, 0.15),
    stubble: male ? rng.pick([0, 0.15, 0.3, 0.45, 0.7, 0.95]) : 0,
    stubbleColour: [hairColour[0] * 0.6, hairColour[1] * 0.62, hairColour[2] * 0.68],
    moles: rng.int(4),
    seed,
  };
}

function drawEyes(rng: Rng, tone: number, seed: string): Head['eyes'] {
  const brown: [Rgb, Rgb] = [srgb(92, 58, 34), srgb(34, 20, 13)];
  const light: [Rgb, Rgb][] = [
    [srgb(112, 146, 176), srgb(44, 62, 86)],
    [srgb(110, 128, 96), srgb(48, 58, 44)],
    [srgb(128, 108, 62), srgb(56, 44, 26)],
    [srgb(128, 140, 148), srgb(56, 62, 70)],
  ];
  const [iris, rim] = tone > 2.4 || rng.uniform() < 0.4 ? brown : rng.pick(light);
  const level = rng.uniform(0.55, 1.1);
  return {
    iris: [iris[0] * level, iris[1] * level, iris[2] * level],
    rim,
    irisRadius: rng.uniform(5.9, 6.4),
    pupil: rng.uniform(0.3, 0.44),
    seed,
  };
}

/** Ranges per cut: length on top and at the sides, volume, waves, all mm. */
const cuts: Record<HairLook['cut'], { top: Range; sides: Range; volume: Range; wave: Range }> = {
  shaven: { top: [0, 0], sides: [0, 0], volume: [0, 0], wave: [0, 0] },
  crop: { top: [20, 36], sides: [8, 13], volume: [4, 9], wave: [0, 3] },
  parted: { top: [70, 100], sides: [22, 34], volume: [7, 13], wave: [0, 5] },
  swept: { top: [75, 100], sides: [25, 40], volume: [7, 15], wave: [0, 4] },
  fringe: { top: [52, 70], sides: [30, 55], volume: [5, 10], wave: [0, 5] },
  curls: { top: [20, 32], sides: [16, 24], volume: [14, 34], wave: [5, 9] },
  bob: { top: [190, 230], sides: [140, 170], volume: [8, 15], wave: [0, 6] },
  long: { top: [290, 340], sides: [240, 290], volume: [6, 13], wave: [0, 9] },
  tied: { top: [110, 130], sides: [90, 110], volume: [2, 5], wave: [0, 1] },
};
type Range = readonly [number, number];

function drawHair(rng: Rng, shape: Shape, tone: number, colour: Rgb, seed: string): HairLook {
  const male = shape.masculinity > 0.5;
  const cut = male
    ? rng.pick(
        tone > 4
          ? (['shaven', 'shaven', 'crop', 'curls'] as const)
          : (['shaven', 'crop', 'crop', 'parted', 'swept', 'fringe', 'curls'] as const),
      )
    : rng.pick(
        tone > 4
          ? (['curls', 'curls', 'tied', 'long', 'bob'] as const)
          : (['long', 'long', 'bob', 'bob', 'tied', 'fringe', 'curls'] as const),
      );
  const { top, sides, volume, wave } = cuts[cut];
  const short = cut === 'shaven' || cut === 'crop';
  return {
    hairline: {
      front: rng.uniform(57, 66) + (male ? 4 * shape.age : 0),
      recede: male ? rng.uniform(2, 8) + 10 * shape.age * rng.uniform() : rng.uniform(-2, 3),
      bald: male && short && rng.uniform() < 0.15 + 0.4 * shape.age ? rng.uniform(0.65, 0.95) : 0,
      density: cut === 'shaven' ? rng.pick([0.3, 0.5, 0.75]) : 1,
    },
    cut,
    colour,
    top: rng.uniform(...top),
    sides: rng.uniform(...sides),
    volume: rng.uniform(...volume),
    part: cut === 'long' || cut === 'bob' ? rng.uniform(-16, 16) : rng.uniform(-32, 32),
    wave: rng.uniform(...wave),
    seed,
  };
}

function drawClothes(rng: Rng, seed: string): Clothes {
  const colours = [
    srgb(38, 44, 60),
    srgb(30, 30, 32),
    srgb(90, 94, 100),
    srgb(120, 40, 44),
    srgb(52, 78, 62),
    srgb(178, 172, 160),
    srgb(70, 96, 132),
    srgb(140, 120, 96),
    srgb(200, 200, 202),
    srgb(150, 96, 60),
  ];
  const light = [srgb(214, 214, 216), srgb(190, 204, 220), srgb(206, 198, 186), srgb(60, 64, 74)];
  return {
    kind: rng.pick(['tee', 'vneck', 'shirt', 'jacket', 'turtleneck', 'hoodie'] as const),
    colour: rng.pick(colours),
    second: rng.pick(light),
    stripes: rng.uniform() < 0.15 ? rng.pick([8, 12, 18]) : 0,
    seed,
  };
}

/** A key light from above to one side, a fill from the other, light from ceiling and floor, sometimes one from behind. */
function drawLights(rng: Rng): Lobe[] {
  const side = rng.uniform() < 0.5 ? -1 : 1;
  const unit = (x: number, y: number, z: number): [number, number, number] => {
    const length = Math.hypot(x, y, z);
    return [x / length, y / length, z / length];
  };
  const warmth = rng.uniform(-0.08, 0.12);
  const tint = (level: number, warm: number): [number, number, number] => [
    level * (1 + warm),
    level,
    level * (1 - 1.2 * warm),
  ];
  const azimuth = rng.uniform(0.35, 1.05);
  const contrast = rng.uniform();
  const lights: Lobe[] = [
    {
      direction: unit(side * Math.sin(azimuth), rng.uniform(-0.9, -0.35), -Math.cos(azimuth)),
      colour: tint(0.72 + 0.3 * contrast, warmth),
      sharpness: rng.uniform(6, 20),
      shines: true,
    },
    {
      direction: unit(-side * rng.uniform(0.5, 1.1), rng.uniform(-0.4, 0.2), -0.8),
      colour: tint(0.42 - 0.26 * contrast, -0.5 * warmth),
      sharpness: 3,
      shines: true,
    },
    { direction: unit(0, -1, -0.35), colour: tint(0.34, 0), sharpness: 1.6, shines: false },
    { direction: unit(0, 1, -0.5), colour: tint(0.13, 0.12), sharpness: 1.6, shines: false },
  ];
  if (rng.uniform() < 0.4) {
    lights.push({
      direction: unit(-side * 0.9, -0.35, 0.55),
      colour: tint(rng.uniform(0.3, 0.8), rng.uniform(-0.1, 0.1)),
      sharpness: 8,
      shines: false,
    });
  }
  return lights;
}

function drawBackdrop(rng: Rng, seed: string): Background {
  const colours = [
    srgb(150, 156, 160),
    srgb(96, 110, 124),
    srgb(176, 168, 152),
    srgb(70, 76, 84),
    srgb(128, 140, 124),
    srgb(186, 188, 190),
    srgb(120, 100, 84),
    srgb(84, 92, 112),
  ];
  return {
    kind: rng.pick(['wall', 'wall', 'room', 'shelves', 'window'] as const),
    colour: rng.pick(colours),
    second: rng.pick([srgb(120, 88, 60), srgb(60, 60, 66), srgb(150, 130, 104), srgb(88, 98, 90)]),
    blurPx: rng.uniform(2, 7),
    seed,
  };
}

function drawSensor(rng: Rng, tone: number, seed: string): Sensor {
  const warm = rng.uniform(-0.05, 0.06);
  return {
    // Cameras meter on faces: darker skin gets more light, though not all of it.
    exposure: rng.uniform(0.95, 1.15) * (1 + 0.1 * tone),
    balance: [1 + warm, 1, 1 - warm],
    blur: rng.uniform(0.04, 0.14),
    pattern: rng.uniform(0.006, 0.012),
    readNoise: rng.uniform(0.002, 0.005),
    shotNoise: rng.uniform(0.00006, 0.00022),
    gamma: rng.uniform(2.05, 2.35),
    contrast: rng.uniform(0, 0.5),
    vignette: rng.uniform(0, 0.25),
    seed,
  };
}

function drawCamera(rng: Rng): { camera: Camera; restAt: Head['restAt'] } {
  const distance = rng.uniform(850, 1250);
  const mmPerPixel = rng.uniform(1.22, 1.34);
  return {
    camera: {
      focalPx: Math.fround(distance / mmPerPixel),
      centreX: 128,
      centreY: 128,
      width: 256,
      height: 256,
    },
    restAt: [rng.uniform(-8, 8), rng.uniform(-22, -13), distance],
  };
}
