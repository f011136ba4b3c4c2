/** What happens within a stop: closure, burst, breath. The sound and the lips must agree on it. */
import type { PhoneSpan } from '../types.ts';
import { isStressed, phones, phoneSymbol } from './phones.ts';

const burstSeconds = 0.009;
/** Aspiration after the burst of an unvoiced stop: long before a stressed vowel, hardly any after s (Klatt, JASA 59, 1976). */
const breathSeconds = { voiced: 0.004, stressed: 0.042, unstressed: 0.022, afterS: 0.006 } as const;

/** Seconds of burst and of aspiration at the end of the stop `spans[index]`; before them the mouth is closed. */
export function releaseOf(spans: readonly PhoneSpan[], index: number): { burst: number; breath: number } {
  const span = spans[index]!;
  if (phones[phoneSymbol(span.phone)].voiced) return { burst: burstSeconds, breath: breathSeconds.voiced };
  if (spans[index - 1]?.phone === 's') return { burst: burstSeconds, breath: breathSeconds.afterS };
  const next = spans
    .slice(index + 1, index + 3)
    .find(({ phone }) => phones[phoneSymbol(phone)].kind === 'vowel');
  const breath = next && isStressed(next.phone) ? breathSeconds.stressed : breathSeconds.unstressed;
  // However short the stop, the closure keeps at least half of it.
  return { burst: burstSeconds, breath: Math.min(breath, 0.5 * (span.end - span.start) - burstSeconds) };
}
