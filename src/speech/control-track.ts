/**
 * From phones in time to the synthesizer's parameters: formants move between the phones' targets (consonants pull them to
 * their loci), and each kind of phone switches voice, aspiration and frication in its own pattern.
 */
import type { PhoneSpan } from '../types.ts';
import { type ControlTrack, speechSampleRate, stepSamples } from './klatt.ts';
import { isStressed, type Phone, phones, phoneSymbol } from './phones.ts';
import { releaseOf } from './stops.ts';
import type { Voice } from './voice.ts';

const stepSeconds = stepSamples / speechSampleRate;
const nasalPoleHz = 270;
const upperFormantsHz = [3450, 4450];
const upperBandwidthsHz = [220, 280];
/** A breathy glottis damps the first formant. */
const breathyBandwidthHz = 60;

/** A phone in its place: targets F1–F3 and bandwidths 1–3, at its beginning and at its end. */
type Segment = PhoneSpan & { sound: Phone; stressed: boolean; from: number[]; to: number[] };

/** The control track of `spans` (contiguous, from 0) for a voice. `f0` gives the pitch at a time in seconds. */
export function controlTrack(
  spans: readonly PhoneSpan[],
  voice: Voice,
  f0: (seconds: number) => number,
): ControlTrack {
  const stepCount = Math.ceil(spans.at(-1)!.end / stepSeconds - 1e-9);
  const tracks = (count: number): Float32Array[] =>
    Array.from({ length: count }, () => new Float32Array(stepCount));
  const track: ControlTrack = {
    stepCount,
    f0Hz: new Float32Array(stepCount),
    voicing: new Float32Array(stepCount),
    aspiration: new Float32Array(stepCount),
    frication: tracks(6),
    formantsHz: tracks(5),
    bandwidthsHz: tracks(5),
    nasalPoleHz: nasalPoleHz * voice.formantScale,
    nasalZeroHz: new Float32Array(stepCount),
  };
  const segments = segmentsOf(spans);
  let current = 0;
  for (let step = 0; step < stepCount; step++) {
    const seconds = step * stepSeconds;
    while (current < segments.length - 1 && seconds >= segments[current]!.end) current++;
    track.f0Hz[step] = f0(seconds);
    setSource(track, step, seconds, segments, current, voice);
    setFormants(track, step, seconds, segments, current, voice);
  }
  return track;
}

function segmentsOf(spans: readonly PhoneSpan[]): Segment[] {
  const targets = spans.map((span) => {
    const sound: Phone = phones[phoneSymbol(span.phone)];
    return {
      ...span,
      sound,
      stressed: isStressed(span.phone),
      from: [...sound.formantsHz, ...sound.bandwidthsHz],
      to: [...(sound.glideToHz ?? sound.formantsHz), ...sound.bandwidthsHz],
    };
  });
  return targets.map((segment, i) => {
    const share = segment.sound.yielding;
    if (share === 0) return segment;
    const before = targets.slice(Math.max(0, i - 2), i).findLast(({ sound }) => sound.kind === 'vowel')?.to;
    const after = targets.slice(i + 1, i + 3).find(({ sound }) => sound.kind === 'vowel')?.from;
    const neighbour = (k: number): number | undefined =>
      before && after ? 0.35 * before[k]! + 0.65 * after[k]! : (after ?? before)?.[k];
    // F1 tells how far the mouth is closed: only what has no closure of its own takes it over.
    const first = segment.sound.kind === 'aspirate' ? 0 : 1;
    const blended = segment.from.map((value, k) =>
      k < first || k > 2 ? value : value + share * ((neighbour(k) ?? value) - value),
    );
    return { ...segment, from: blended, to: blended };
  });
}

/** How much of a boundary's value belongs to the consonant, and how far its pull reaches into itself and into the vowel. */
function transition(
  left: Segment,
  right: Segment,
): { leftShare: number; leftSeconds: number; rightSeconds: number } {
  const firmness = ({ sound }: Segment): number =>
    ({
      vowel: 0.35,
      aspirate: 0.1,
      silence: 0.1,
      glide: 0.55,
      nasal: 0.75,
      fricative: 0.65,
      affricate: 0.65,
      stop: sound.voiced ? 0.7 : 0.4,
    })[sound.kind];
  const reach = ({ sound }: Segment, other: Segment): number => {
    if (sound.kind === 'vowel') return other.sound.kind === 'glide' ? 0.085 : 0.06;
    return sound.kind === 'stop' && !sound.voiced ? 0.06 : 0.035;
  };
  const [l, r] = [firmness(left), firmness(right)];
  return { leftShare: l / (l + r), leftSeconds: reach(left, right), rightSeconds: reach(right, left) };
}

function setFormants(
  track: ControlTrack,
  step: number,
  seconds: number,
  segments: readonly Segment[],
  current: number,
  voice: Voice,
): void {
  const segment = segments[current]!;
  const length = segment.end - segment.start;
  const glide = smooth(((seconds - segment.start) / length - 0.25) / 0.6);
  const before = segments[current - 1];
  const after = segments[current + 1];
  const entry = before && transition(before, segment);
  const exit = after && transition(segment, after);
  const entryPull = entry ? 1 - smooth((seconds - segment.start) / Math.min(entry.rightSeconds, length)) : 0;
  const exitPull = exit ? 1 - smooth((segment.end - seconds) / Math.min(exit.leftSeconds, length)) : 0;
  const value = (k: number): number => {
    const own = segment.from[k]! + glide * (segment.to[k]! - segment.from[k]!);
    const atEntry = entry ? entry.leftShare * (before!.to[k]! - segment.from[k]!) : 0;
    const atExit = exit ? (1 - exit.leftShare) * (after!.from[k]! - segment.to[k]!) : 0;
    return own + entryPull * atEntry + exitPull * atExit;
  };
  for (let k = 0; k < 3; k++) {
    track.formantsHz[k]![step] = value(k) * voice.formantScale;
    track.bandwidthsHz[k]![step] = value(k + 3);
  }
  for (let k = 3; k < 5; k++) {
    track.formantsHz[k]![step] = upperFormantsHz[k - 3]! * voice.formantScale;
    track.bandwidthsHz[k]![step] = upperBandwidthsHz[k - 3]!;
  }
  const damping =
    breathyBandwidthHz * voice.breathiness +
    (track.voicing[step] === 0 ? 120 * Math.min(1, track.aspiration[step]! * 5) : 0);
  track.bandwidthsHz[0]![step] = track.bandwidthsHz[0]![step]! + damping;
  track.nasalZeroHz[step] = nasalZeroHz(seconds, segment, before, after) * voice.formantScale;
}

/** How far the nose is open at the border of a nasal, and how long it takes to open and to close. */
const nasalAtBorder = { share: 0.3, withinSeconds: 0.02, besideSeconds: 0.04 } as const;

/** The zero leaves the pole as the nose opens: fully within a nasal, a little at the edge of its neighbours. */
function nasalZeroHz(
  seconds: number,
  segment: Segment,
  before: Segment | undefined,
  after: Segment | undefined,
): number {
  const { share, withinSeconds, besideSeconds } = nasalAtBorder;
  const [since, left] = [seconds - segment.start, segment.end - seconds];
  const zero = segment.sound.nasalZeroHz;
  if (zero)
    return (
      nasalPoleHz +
      (share + (1 - share) * smooth(Math.min(since, left) / withinSeconds)) * (zero - nasalPoleHz)
    );
  const pull = (neighbour: Segment | undefined, distance: number): number =>
    share *
    (1 - smooth(distance / besideSeconds)) *
    ((neighbour?.sound.nasalZeroHz ?? nasalPoleHz) - nasalPoleHz);
  return nasalPoleHz + Math.max(pull(before, since), pull(after, left));
}

/** Levels: voicing 1 = a stressed vowel. The noise levels were set beside it by the band energies of the result. */
const levels = { aspirate: 0.16, release: 0.2, breath: 0.035, frication: 1 } as const;
function setSource(
  track: ControlTrack,
  step: number,
  seconds: number,
  segments: readonly Segment[],
  current: number,
  voice: Voice,
): void {
  const segment = segments[current]!;
  const { sound, start, end } = segment;
  const since = seconds - start;
  const left = end - seconds;
  const rise = (milliseconds: number): number => smooth((since * 1000) / milliseconds);
  const fall = (milliseconds: number): number => smooth((left * 1000) / milliseconds);
  const noise = (level: number): void => {
    for (const [k, db] of (sound.fricationDb ?? []).entries())
      track.frication[k]![step] = level * 10 ** (db / 20);
  };
  const breathe = (level: number): void => {
    track.voicing[step] = level;
    track.aspiration[step] = level * levels.breath * (0.3 + 2 * voice.breathiness);
  };
  const isVoiced = (other: Segment | undefined): boolean => other !== undefined && other.sound.voiced;
  const onset = isVoiced(segments[current - 1]) ? 1 : rise(12);
  const offset = isVoiced(segments[current + 1])
    ? 1
    : fall(segments[current + 1]?.sound.kind === 'silence' ? 70 : 20);
  switch (sound.kind) {
    case 'silence':
      return;
    case 'vowel':
      return breathe((segment.stressed ? 1 : 0.72) * onset * offset);
    case 'glide':
      return breathe(0.65 * onset * offset);
    case 'nasal':
      return breathe(0.42 * onset * offset);
    case 'aspirate':
      track.aspiration[step] = levels.aspirate * rise(25) * fall(15);
      return;
    case 'fricative':
      noise(levels.frication * rise(25) * fall(20) * (sound.voiced ? 0.5 : 1));
      if (sound.voiced) breathe(0.3 * onset * offset);
      return;
    case 'affricate':
      if (since < 0.4 * (end - start)) {
        if (sound.voiced) track.voicing[step] = 0.12;
        return;
      }
      noise(levels.frication * fall(20));
      if (sound.voiced) breathe(0.15 * offset);
      return;
    case 'stop': {
      const { burst, breath } = releaseOf(segments, current);
      const release = burst + breath;
      if (left > release) {
        if (sound.voiced) track.voicing[step] = 0.14 * fall(release * 1000 + 10);
      } else if (left > breath) {
        noise(sound.voiced ? 0.7 : 1);
      } else if (!sound.voiced) {
        track.aspiration[step] = levels.release * fall(8);
      }
      return;
    }
    default:
      sound.kind satisfies never;
  }
}

/** 0 below 0, 1 above 1, a half cosine between. */
const smooth = (x: number): number => (x <= 0 ? 0 : x >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * x));
