import { pairClips } from '../../src/pairs.ts';
import { type Part, phonesSpliced, spansOf } from '../../src/pipeline/part.ts';
import type { Clip, Context, FakePlan } from '../../src/types.ts';

/**
 * Which fakes are made: every scored clip of a person once as the target, saying another sentence (`pairClips`), or their own with a
 * part of another.
 */
export function planFakes(clips: Clip[], part: Part, context: Pick<Context, 'rng'>): FakePlan[] {
  return pairClips(clips, 'puppetry', context).map(({ target, driver, driving }) => {
    const spans = spansOf(target, part, context);
    return {
      id: `${target.id}~${driver.id}`,
      target,
      driver,
      labels: { video: 'fake', audio: 'real', pairing: 'fake', ...(spans ? { spans } : {}) },
      driving,
      ...(spans && target.phones && driver.phones
        ? { phones: phonesSpliced(target.phones, driver.phones, spans) }
        : {}),
    };
  });
}
