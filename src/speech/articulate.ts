/**
 * From phones to mouth movements. Each phone has a target and a dominance over time, and the mouth is at the
 * dominance-weighted mean: Cohen & Massaro, "Modeling coarticulation in synthetic visual speech" (1993). Contacts (lips on
 * p b m, lip and teeth on f v) are no matter of degree: they hold as long as the sound says, whatever the neighbours want.
 */
import { expressionCount, expressionIndex, type ExpressionName } from '../head/expressions.ts';
import type { PhoneSpan } from '../types.ts';
import { type MouthShape, mouthShapes } from './mouth-shapes.ts';
import { isStressed, phones, phoneSymbol } from './phones.ts';
import { releaseOf } from './stops.ts';
import type { Style } from './voice.ts';

/** Per frame: K expression coefficients, and how far the tongue's tip is raised, 0 to 1. */
export type MouthFrame = { expression: Float32Array; tongue: number };

const channels = [
  ...new Set(
    Object.values(mouthShapes).flatMap(({ shape, glideTo }) => Object.keys({ ...shape, ...glideTo })),
  ),
] as (keyof MouthShape)[];

/** One pull on the mouth: strongest from `from` to `to`, falling off around them. */
type Gesture = { from: number; to: number; reachSeconds: number; targets: number[]; weights: number[] };

const reachSeconds = { vowel: 0.05, consonant: 0.03, silence: 0.07 } as const;
const weights = { vowel: 1, named: 1.6, unnamed: 0.06, silence: 0.8 } as const;
/** Rounding is prepared early: it reaches further ahead than back. */
const earlyRounding = 1.8;
const contactRampSeconds = 0.07;
/** Shapes that part the lips; a contact overrules them. */
const opening: ExpressionName[] = ['funnel', 'upperLipUp', 'lowerLipDown'];

/** When frame `index` is exposed, seconds: the middle of its interval. */
export const frameSeconds = (index: number, fps: number): number => (index + 0.5) / fps;

/**
 * The mouth over `frameCount` frames.
 * @param phones Contiguous spans from 0, as `speak` gives them. @returns One `MouthFrame` per frame, coefficients in [0, 1].
 */
export function articulate({
  phones: spans,
  style,
  fps,
  frameCount,
}: {
  phones: readonly PhoneSpan[];
  style: Style;
  fps: number;
  frameCount: number;
}): MouthFrame[] {
  const gestures = spans.flatMap((span) => gesturesOf(span, style));
  const lips = contacts(spans, ['p', 'b', 'm'], 1.1 / fps);
  const teeth = contacts(spans, ['f', 'v'], 1.1 / fps);
  return Array.from({ length: frameCount }, (_, index) => {
    const seconds = frameSeconds(index, fps);
    const mouth = blend(gestures, seconds);
    const expression = new Float32Array(expressionCount);
    let tongue = 0;
    for (const [k, channel] of channels.entries()) {
      const value = Math.min(1, mouth[k]! * style.range);
      if (channel === 'tongue') tongue = value;
      else expression[expressionIndex[channel]] = value;
    }
    touch(expression, nearness(lips, seconds), nearness(teeth, seconds));
    return { expression, tongue };
  });
}

function gesturesOf(span: PhoneSpan, style: Style): Gesture[] {
  const symbol = phoneSymbol(span.phone);
  const { kind } = phones[symbol];
  const { shape, glideTo } = mouthShapes[symbol];
  const length = span.end - span.start;
  const group = kind === 'vowel' || kind === 'silence' ? kind : 'consonant';
  const effort = kind === 'vowel' && !isStressed(span.phone) ? 0.8 : 1;
  const gesture = (target: MouthShape, from: number, to: number): Gesture => ({
    from: span.start + from * length,
    to: span.start + to * length,
    reachSeconds: reachSeconds[group] * (1 + 0.7 * style.laziness),
    targets: channels.map((channel) => (target[channel] ?? 0) * effort),
    weights: channels.map((channel) =>
      group === 'consonant' ? (channel in target ? weights.named : weights.unnamed) : weights[group],
    ),
  });
  if (kind === 'silence') return [gesture(shape, 0, 1)];
  return glideTo ? [gesture(shape, 0.2, 0.4), gesture(glideTo, 0.8, 0.95)] : [gesture(shape, 0.35, 0.65)];
}

/** Σ D·T / Σ D per channel, with D = weight · exp(−distance / reach). */
function blend(gestures: readonly Gesture[], seconds: number): number[] {
  const sums = channels.map(() => 0);
  const totals = channels.map(() => 1e-9);
  for (const gesture of gestures) {
    const ahead = gesture.from - seconds;
    const distance = Math.max(0, ahead, seconds - gesture.to);
    for (let k = 0; k < channels.length; k++) {
      const rounded =
        ahead > 0 && gesture.targets[k]! > 0 && (channels[k] === 'pucker' || channels[k] === 'funnel');
      const dominance =
        gesture.weights[k]! * Math.exp(-distance / (gesture.reachSeconds * (rounded ? earlyRounding : 1)));
      sums[k] = sums[k]! + dominance * gesture.targets[k]!;
      totals[k] = totals[k]! + dominance;
    }
  }
  return sums.map((sum, k) => sum / totals[k]!);
}

/** When the named phones' contacts hold: a stop's closure, otherwise the whole phone; at least `shortest`, so that a frame shows it. */
function contacts(
  spans: readonly PhoneSpan[],
  symbols: readonly string[],
  shortest: number,
): { start: number; end: number }[] {
  return spans.flatMap(({ start, end, phone }, index) => {
    if (!symbols.includes(phone)) return [];
    const stop = phones[phoneSymbol(phone)].kind === 'stop';
    const release = stop ? releaseOf(spans, index) : { burst: 0, breath: 0 };
    const until = end - release.burst - release.breath;
    const missing = Math.max(0, shortest - (until - start)) / 2;
    return [{ start: start - missing, end: until + missing }];
  });
}

/** 1 within a contact, falling to 0 around it. */
function nearness(intervals: readonly { start: number; end: number }[], seconds: number): number {
  const distance = intervals.reduce(
    (least, { start, end }) => Math.min(least, Math.max(0, start - seconds, seconds - end)),
    Infinity,
  );
  return distance >= contactRampSeconds ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * distance) / contactRampSeconds);
}

/** Brings the lips together as far as `lips` says, the lower lip to the teeth as far as `teeth` says. */
function touch(expression: Float32Array, lips: number, teeth: number): void {
  for (const name of opening)
    expression[expressionIndex[name]] = expression[expressionIndex[name]]! * (1 - lips);
  // `lipsClosed` undoes what the jaw opens, so it closes the lips when it equals `jawOpen`.
  expression[expressionIndex.lipsClosed] = lips * expression[expressionIndex.jawOpen]!;
  expression[expressionIndex.lowerLipDown] = expression[expressionIndex.lowerLipDown]! * (1 - teeth);
  expression[expressionIndex.lowerLipTuck] = teeth * (1 - lips);
}
