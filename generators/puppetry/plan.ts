import { pairClips } from '../../src/pairs.ts';
import type { Clip, Context, FakePlan } from '../../src/types.ts';

/** Which fakes are made: every scored clip of a person once as the target, saying another sentence (`pairClips`). */
export function planFakes(clips: Clip[], context: Pick<Context, 'rng'>): FakePlan[] {
  return pairClips(clips, 'puppetry', context).map(({ target, driver, driving }) => ({
    id: `${target.id}~${driver.id}`,
    target,
    driver,
    labels: { video: 'fake', audio: 'real', pairing: 'fake' },
    driving,
  }));
}
