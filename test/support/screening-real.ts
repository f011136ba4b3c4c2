/** The service as it is served, over the toy analysis: its database, its vault and its door, with a key of each role. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addKey, openKeys } from '../../src/screening/http/keys.ts';
import type { Answer } from '../../src/screening/http/schemas.ts';
import { type HttpOptions, startHttp } from '../../src/screening/http/server.ts';
import type { OpenedService, ServiceOptions } from '../../src/screening/service.ts';
import { openToy } from './screening.ts';

const holders = {
  ann: 'submitter',
  rita: 'reviewer',
  rolf: 'reviewer',
  ada: 'administrator',
} as const;
type Who = keyof typeof holders;

export type RealDoor = {
  address: string;
  service: OpenedService;
  keys: Record<Who, string>;
  ask(who: Who, path: string, init?: RequestInit): Promise<Response>;
  /** `type`: as a browser declares it. */
  upload(who: Who, content: Uint8Array, name: string, type?: string): Promise<Response>;
  /** What is known of what was taken, once there is a verdict. */
  judged(who: Who, accepted: Response): Promise<Answer<'Media'>>;
  end(): Promise<void>;
};

export async function openRealDoor(
  options: Partial<ServiceOptions> = {},
  http: (service: OpenedService) => Partial<HttpOptions> = () => ({}),
): Promise<RealDoor> {
  const folder = mkdtempSync(join(tmpdir(), 'masque-door-'));
  const service = await openToy(join(folder, 'service'), options);
  const keyFile = join(folder, 'access', 'keys.json');
  const keys = {} as Record<Who, string>;
  for (const [name, role] of Object.entries(holders))
    keys[name as Who] = (await addKey(keyFile, { name, role })).key;
  const limits = { requestsPerMinute: 100_000 };
  const server = await startHttp({ service, keys: openKeys(keyFile, undefined), limits, ...http(service) });
  const ask: RealDoor['ask'] = (who, path, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('X-API-KEY', keys[who]);
    return fetch(`${server.address}${path}`, { ...init, headers });
  };
  return {
    address: server.address,
    service,
    keys,
    ask,
    upload(who, content, name, type = '') {
      const body = new FormData();
      body.append('file', new Blob([Uint8Array.from(content)], { type }), name);
      return ask(who, '/v1/media', { method: 'POST', body });
    },
    async judged(who, accepted) {
      expect(accepted.status).toBe(202);
      const { requestId } = (await accepted.json()) as Answer<'Accepted'>;
      const look = async () => (await (await ask(who, `/v1/media/${requestId}`)).json()) as Answer<'Media'>;
      await expect.poll(async () => (await look()).action).not.toBe(null);
      return look();
    },
    async end() {
      await server.close();
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
