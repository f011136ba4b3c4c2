/**
 * What is done about a verdict: `configs/screening-policy.yaml`. What could not be judged, or was no question for any detector, is never let through as if
 * nothing had been found: no policy can say so.
 */
import { z } from 'zod';
import { readYaml } from '../yaml.ts';
import type { Action, Verdict } from './types.ts';

/** Of files in which nothing was found alone. */
const clean = z.enum(['allow', 'tag', 'quarantine', 'reject']);
const notClean = z.enum(['tag', 'quarantine', 'reject'], {
  error: 'expected tag, quarantine or reject: only where nothing was found is a file let through unmarked',
});
/** Null: for ever. */
const days = z
  .number({ error: 'expected a number of days, or null to keep for ever' })
  .min(0)
  .max(36_500)
  .nullable();

const actionsOf = z.strictObject({
  NO_SIGNS_FOUND: clean.default('allow'),
  SUSPICIOUS: notClean.default('quarantine'),
  MANIPULATED: notClean.default('quarantine'),
  NOT_APPLICABLE: notClean.default('tag'),
});
const daysOf = z.strictObject({
  NO_SIGNS_FOUND: days.default(30),
  SUSPICIOUS: days.default(365),
  MANIPULATED: days.default(365),
  NOT_APPLICABLE: days.default(30),
  UNABLE_TO_EVALUATE: days.default(90),
});

const shape = z.strictObject({
  actions: actionsOf.prefault({}),
  /** What becomes of UNABLE_TO_EVALUATE: into quarantine, or on its way with a tag. */
  onFailure: z.enum(['fail-closed', 'fail-open']).default('fail-closed'),
  /** Reviewers, all different, who must release a file before it is let go. */
  releasesNeeded: z.union([z.literal(1), z.literal(2)], { error: 'expected 1 or 2' }).default(1),
  /** Days after the last receipt or decision until the bytes are deleted; the hash stays. What waits for a decision or is under legal hold stays too. */
  retentionDays: daysOf.prefault({}),
  /** Whether an administrator may delete bytes before their time. */
  deletion: z.enum(['on-request', 'by-retention-only']).default('on-request'),
});
export type Policy = z.infer<typeof shape>;

/** What holds where nobody wrote anything. */
export const defaultPolicy: Policy = shape.parse({});

/** @throws UserError (exit 2) with every mistake as `file:line:column key: reason`. */
export const readPolicy = (file: string): Policy => readYaml<Policy>(file, shape, 'a policy');

/** What the policy does about a verdict, where no reviewer has said anything. */
export function actionOf(status: Verdict, { actions, onFailure }: Policy): Action {
  if (status !== 'UNABLE_TO_EVALUATE') return actions[status];
  return onFailure === 'fail-closed' ? 'quarantine' : 'tag';
}
