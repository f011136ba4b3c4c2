import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../store/store.ts';

const identity = z.strictObject({ id: z.uuid() });

/**
 * The queue of a store: workers of another store never see its jobs. A folder is mounted under different names, so the store itself
 * says who it is.
 */
export async function queueName(store: Store): Promise<string> {
  const name = 'store.json';
  await store.create(name, JSON.stringify({ id: randomUUID() } satisfies z.infer<typeof identity>));
  return `masque-${identity.parse(JSON.parse((await store.read(name))!)).id}`;
}
