/** Fakes of which only a part in time is forged. */
import { z } from 'zod';
import type { Clip, Context, Labels, PhoneSpan, Span } from '../types.ts';

/** The option: `all`, the first or second `half`, or a `span` of a third somewhere. */
export const partOption = z.enum(['all', 'half', 'span']).default('all');
export type Part = z.infer<typeof partOption>;

/** What a generator's label says of it. */
export const partLabel = (part: Part): string => (part === 'all' ? '' : `-${part}`);

/** Where a clip is forged, in seconds, drawn by the clip alone, so that all generators forge the same; undefined for all of it, and of a photo, which has no parts in time. */
export function spansOf({ id, media }: Clip, part: Part, context: Pick<Context, 'rng'>): Span[] | undefined {
  const { fps, frameCount } = media.video!;
  if (part === 'all' || frameCount === 1) return undefined;
  const seconds = frameCount / fps;
  const rng = context.rng('part', id);
  if (part === 'half')
    return [rng.uniform() < 0.5 ? { start: 0, end: seconds / 2 } : { start: seconds / 2, end: seconds }];
  const start = rng.uniform(0, (2 * seconds) / 3);
  return [{ start, end: start + seconds / 3 }];
}

/** Of a fake whose picture is repainted, wholly or in part, and whose sound is left. */
export function repaintedLabels(target: Clip, part: Part, context: Pick<Context, 'rng'>): Labels {
  const spans = spansOf(target, part, context);
  return { video: 'fake', audio: 'real', pairing: 'real', ...(spans ? { spans } : {}) };
}

/** Whether a moment lies in what is forged; without spans all does. */
export const isForged = (spans: readonly Span[] | undefined, seconds: number): boolean =>
  spans?.some(({ start, end }) => start <= seconds && seconds < end) ?? true;

/** What is heard where `said` stands in for `real` inside the spans (in order, apart): phones that reach across are cut. */
export function phonesSpliced(
  real: readonly PhoneSpan[],
  said: readonly PhoneSpan[],
  spans: readonly Span[],
): PhoneSpan[] {
  const edges = [0, ...spans.flatMap(({ start, end }) => [start, end]), Number.POSITIVE_INFINITY];
  const outside = edges.flatMap((start, i) => (i % 2 === 0 ? [{ start, end: edges[i + 1]! }] : []));
  return [...within(real, outside), ...within(said, spans)].toSorted((a, b) => a.start - b.start);
}

const within = (phones: readonly PhoneSpan[], spans: readonly Span[]): PhoneSpan[] =>
  spans.flatMap((span) =>
    phones
      .map((own) => ({ ...own, start: Math.max(own.start, span.start), end: Math.min(own.end, span.end) }))
      .filter(({ start, end }) => start < end),
  );
