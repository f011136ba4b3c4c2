/** Fakes of which only a part in time is forged. */
import { z } from 'zod';
import type { Clip, Context, Labels, Span } from '../types.ts';

/** The option: `all`, the first or second `half`, or a `span` of a third somewhere. */
export const partOption = z.enum(['all', 'half', 'span']).default('all');
export type Part = z.infer<typeof partOption>;

/** What a generator's label says of it. */
export const partLabel = (part: Part): string => (part === 'all' ? '' : `-${part}`);

/** Where a clip is forged, in seconds, drawn by the clip alone, so that all generators forge the same; undefined for all of it. */
export function spansOf({ id, media }: Clip, part: Part, context: Pick<Context, 'rng'>): Span[] | undefined {
  if (part === 'all') return undefined;
  const { fps, frameCount } = media.video!;
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
