/** A screening service over the toy analysis, and what is done with it in tests. */
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { defaultPolicy } from '../../src/screening/policy.ts';
import { openService, type OpenedService, type ServiceOptions } from '../../src/screening/service.ts';
import type { Media, Review } from '../../src/screening/types.ts';
import { toyAnalyse } from './toy-analyse.ts';

export function openToy(folder: string, options: Partial<ServiceOptions> = {}): Promise<OpenedService> {
  return openService({
    folder,
    analyse: toyAnalyse(),
    policy: defaultPolicy,
    bundle: 'toy-1',
    parallel: 2,
    mostWaiting: 1000,
    warn: () => {},
    ...options,
  });
}

/** Hands a file with this text in, under a name that does not say what it is. */
export async function hand(
  service: OpenedService,
  text: string | Buffer,
  {
    extension = '.mp4',
    ...more
  }: { extension?: string; name?: string; source?: string; submitter?: string } = {},
): Promise<Media> {
  const path = join(service.incoming, `${randomUUID()}${extension}`);
  try {
    writeFileSync(path, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  return service.submit({ name: 'holiday.toy', source: 'upload', submitter: 'ann', ...more, path });
}

const isWaiting = ({ status }: Media): boolean => status === 'QUEUED' || status === 'ANALYZING';

/** The receipt once it has its verdict. */
export async function judged(service: OpenedService, { requestId }: Media): Promise<Media> {
  await expect.poll(() => isWaiting(service.media(requestId)!), { timeout: 20_000, interval: 5 }).toBe(false);
  return service.media(requestId)!;
}

export const review = (more: Partial<Review> = {}): Review => ({
  reviewer: 'rita',
  decision: 'released',
  basis: 'original-found',
  reason: 'The broadcaster sent the original.',
  opinionBefore: 'real',
  ...more,
});
