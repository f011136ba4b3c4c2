/** How much is filmed of the people whom puppets are made of. */
import { ItemError } from '../../src/errors.ts';
import { groupBy } from '../../src/group.ts';
import { personOf } from '../../src/pairs.ts';
import type { Clip } from '../../src/types.ts';
import type { PuppetryOptions } from './options.ts';

/** A shorter target is refused; `smoke` only shows that the line works. */
const leastSeconds: Record<PuppetryOptions['preset'], number> = { smoke: 0, cpu: 2.5, gpu: 2.5 };
/** A shorter one is marked: the paper's are of two to three minutes. */
const shortBelowSeconds = 60;

/** Seconds of film by person, fitted and scored. `refused`: of people with too little. `shortTarget`: of the others with less than a minute. */
export type TargetLengths = Record<'refused' | 'shortTarget', Record<string, number>>;

/** @param tracked Clips with a picture, sound and a face track. */
export function targetLengths(tracked: readonly Clip[], preset: PuppetryOptions['preset']): TargetLengths {
  const lengths: TargetLengths = { refused: {}, shortTarget: {} };
  for (const [person, own] of groupBy(tracked, personOf)) {
    const seconds = own.reduce((sum, { media: { video } }) => sum + video!.frameCount / video!.fps, 0);
    if (seconds < leastSeconds[preset]) lengths.refused[person] = seconds;
    else if (seconds < shortBelowSeconds) lengths.shortTarget[person] = seconds;
  }
  return lengths;
}

/** @throws ItemError E_TOO_SHORT for a target of a person with too little. */
export function requireLength(
  target: Clip,
  { refused }: Partial<TargetLengths>,
  preset: PuppetryOptions['preset'],
): void {
  const person = personOf(target);
  const seconds = refused?.[person];
  if (seconds === undefined) return;
  throw new ItemError(
    'E_TOO_SHORT',
    `${target.id}: ${seconds.toFixed(2)} s of "${person}" are filmed in all, and a puppet at ${preset} needs ${leastSeconds[preset]} s of its target. Add footage`,
  );
}
