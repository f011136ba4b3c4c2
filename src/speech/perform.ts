/**
 * What a face does beside speaking: slow drift of the head, nods and raised brows on stressed vowels, blinks, saccades,
 * breathing and the pulse in the skin. None of it can be heard, except that nods and brows come with stress.
 */
import { expressionIndex, type ExpressionName } from '../head/expressions.ts';
import { poseOf } from '../head/mesh.ts';
import type { FaceState } from '../head/state.ts';
import type { Rng } from '../random.ts';
import type { PhoneSpan } from '../types.ts';
import { frameSeconds, type MouthFrame } from './articulate.ts';
import { isStressed } from './phones.ts';
import type { Style } from './voice.ts';

const degree = Math.PI / 180;
type OverTime = (seconds: number) => number;

/** Where the head is at rest, camera mm, and where it faces, radians. */
export type Seat = { position: readonly [number, number, number]; yaw: number; pitch: number; roll: number };

/**
 * The states of a face over a clip, one per frame of `mouth`.
 * @param rng The clip's own: two clips of one person never move alike.
 */
export function perform({
  phones,
  mouth,
  style,
  seat,
  rng,
  fps,
}: {
  phones: readonly PhoneSpan[];
  mouth: readonly MouthFrame[];
  style: Style;
  seat: Seat;
  rng: Rng;
  fps: number;
}): FaceState[] {
  const seconds = mouth.length / fps;
  const stressed = phones.filter(({ phone }) => isStressed(phone)).map(({ start, end }) => (start + end) / 2);
  const turn = headTurns(stressed, style, rng.fork('head'));
  const gaze = gazeOf(seconds, rng.fork('gaze'));
  const gestures = faceGestures(stressed, seconds, style, rng.fork('face'));
  const pulse = pulseOf(style, rng.fork('pulse'));
  return mouth.map(({ expression: spoken, tongue }, frameIndex) => {
    const time = frameSeconds(frameIndex, fps);
    const { yaw, pitch, roll, shift } = turn(time);
    const [x, y, z] = seat.position;
    const expression = Float32Array.from(spoken);
    for (const [name, value] of gestures) {
      const k = expressionIndex[name];
      expression[k] = Math.min(1, expression[k]! + value(time));
    }
    const [lookYaw, lookPitch] = gaze(time);
    return {
      pose: poseOf(seat.yaw + yaw, seat.pitch + pitch, seat.roll + roll, [
        x + shift[0],
        y + shift[1],
        z + shift[2],
      ]),
      expression,
      // The eyes hold what they look at while the head turns (vestibulo-ocular reflex).
      gaze: [lookYaw - seat.yaw - yaw, lookPitch - seat.pitch - pitch],
      tongue,
      pulse: pulse(time),
      frameIndex,
    };
  });
}

/** Band-limited noise of unit variance: sines of random frequency and phase between the two frequencies. */
function drift(rng: Rng, lowHz: number, highHz: number): OverTime {
  const waves = Array.from({ length: 6 }, () => ({
    hertz: rng.uniform(lowHz, highHz),
    phase: rng.uniform(0, 2 * Math.PI),
  }));
  const scale = Math.sqrt(2 / waves.length);
  return (seconds) =>
    scale * waves.reduce((sum, { hertz, phase }) => sum + Math.sin(2 * Math.PI * hertz * seconds + phase), 0);
}

/** Bumps of Gaussian shape at some of the times. */
function bumps(
  times: readonly number[],
  chance: number,
  height: () => number,
  widthSeconds: number,
  rng: Rng,
): OverTime {
  const chosen = times.filter(() => rng.uniform() < chance).map((at) => ({ at, height: height() }));
  return (seconds) =>
    chosen.reduce(
      (sum, bump) => sum + bump.height * Math.exp(-0.5 * ((seconds - bump.at) / widthSeconds) ** 2),
      0,
    );
}

function headTurns(stressed: readonly number[], style: Style, rng: Rng) {
  const size = style.liveliness;
  const [yaw, pitch, roll] = [drift(rng, 0.05, 0.6), drift(rng, 0.05, 0.6), drift(rng, 0.05, 0.5)];
  const shifts = [drift(rng, 0.05, 0.4), drift(rng, 0.05, 0.4), drift(rng, 0.05, 0.3)] as const;
  const nod = bumps(stressed, 0.6, () => size * rng.uniform(1, 3.5) * degree, 0.11, rng);
  const breathHz = rng.uniform(0.2, 0.32);
  const breathPhase = rng.uniform(0, 2 * Math.PI);
  return (seconds: number) => {
    const breath = Math.sin(2 * Math.PI * breathHz * seconds + breathPhase);
    const shift: [number, number, number] = [
      3 * size * shifts[0](seconds),
      2 * size * shifts[1](seconds) + 0.7 * breath,
      4 * shifts[2](seconds),
    ];
    return {
      yaw: 3.5 * size * degree * yaw(seconds),
      pitch: 2 * size * degree * pitch(seconds) + nod(seconds) + 0.25 * degree * breath,
      roll: 1.5 * size * degree * roll(seconds),
      shift,
    };
  };
}

const meanBlinkIntervalSeconds = 3.5;
const shortestBlinkIntervalSeconds = 0.5;
const blinkSeconds = { closing: 0.08, closed: 0.04, opening: 0.16 } as const;

/** Beginnings of blinks: exponential intervals above a shortest one; the process began long before the clip. */
export function blinkTimes(seconds: number, rng: Rng): number[] {
  const times: number[] = [];
  let at = -20;
  while (at < seconds) {
    if (at > -1) times.push(at);
    at +=
      shortestBlinkIntervalSeconds -
      (meanBlinkIntervalSeconds - shortestBlinkIntervalSeconds) * Math.log(1 - rng.uniform());
  }
  return times;
}

function faceGestures(
  stressed: readonly number[],
  seconds: number,
  style: Style,
  rng: Rng,
): [ExpressionName, OverTime][] {
  const blinks = blinkTimes(seconds, rng.fork('blinks'));
  const { closing, closed, opening } = blinkSeconds;
  const lid: OverTime = (time) =>
    blinks.reduce((most, start) => {
      const since = time - start;
      return Math.max(most, Math.min(1, since / closing, (closing + closed + opening - since) / opening));
    }, 0);
  const raised = bumps(stressed, 0.3 * style.liveliness, () => rng.uniform(0.2, 0.6), 0.16, rng);
  const lowered = drift(rng, 0.05, 0.3);
  const smile = drift(rng, 0.05, 0.3);
  const squint = drift(rng, 0.05, 0.4);
  const lean = rng.uniform(0.7, 1);
  return [
    ['blinkLeft', lid],
    ['blinkRight', lid],
    ['browsUp', raised],
    ['browsDown', (time) => Math.max(0, 0.08 * lowered(time))],
    ['squint', (time) => Math.max(0, 0.1 * squint(time))],
    ['smileLeft', (time) => Math.max(0, 0.03 * smile(time))],
    ['smileRight', (time) => Math.max(0, 0.03 * lean * smile(time))],
  ];
}

const saccadeSeconds = 0.04;

/** Where the person looks, yaw and pitch in radians: mostly into the camera, with fixations of 0.2 to 1.6 s. */
function gazeOf(seconds: number, rng: Rng): (time: number) => [number, number] {
  const fixations: { from: number; yaw: number; pitch: number }[] = [];
  for (let from = -2; from < seconds; from += rng.uniform(0.2, 1.6)) {
    const away = rng.uniform() < 0.2 ? 7 : 1.2;
    fixations.push({ from, yaw: rng.normal(0, away) * degree, pitch: rng.normal(0, 0.5 * away) * degree });
  }
  return (time) => {
    const index = fixations.findLastIndex(({ from }) => from <= time);
    const now = fixations[index]!;
    const before = fixations[index - 1] ?? now;
    const share = Math.min(1, (time - now.from) / saccadeSeconds);
    return [before.yaw + share * (now.yaw - before.yaw), before.pitch + share * (now.pitch - before.pitch)];
  };
}

/** Change of the skin's colour with the heartbeat: a fundamental with two harmonics, within ±0.8 %. */
function pulseOf(style: Style, rng: Rng): OverTime {
  const phase = rng.uniform(0, 2 * Math.PI);
  const size = rng.uniform(0.004, 0.008);
  const harmonics = [1, 0.4, 0.15];
  const most = harmonics.reduce((sum, height) => sum + height, 0);
  return (seconds) => {
    const angle = (2 * Math.PI * style.heartBeatsPerMinute * seconds) / 60 + phase;
    return (
      (size / most) *
      harmonics.reduce((sum, height, i) => sum + height * Math.sin((i + 1) * angle + 0.6 * i), 0)
    );
  };
}
