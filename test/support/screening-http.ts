/** The HTTP door over a service in memory, with a key of each role, for tests. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addKey, openKeys } from '../../src/screening/http/keys.ts';
import { type HttpOptions, type HttpServer, startHttp } from '../../src/screening/http/server.ts';
import { type MemoryService, memoryService } from './memory-service.ts';

export type Door = HttpServer & {
  folder: string;
  keyFile: string;
  service: MemoryService;
  /** A key by who holds it: two submitters, two reviewers, an administrator, and one that was the environment's. */
  keys: Record<'ann' | 'ben' | 'rita' | 'rolf' | 'ada' | 'first', string>;
  ids: Record<string, string>;
  logged: string[];
  /** Asks with a key, or none. */
  ask(who: keyof Door['keys'] | null, path: string, init?: RequestInit): Promise<Response>;
  upload(who: keyof Door['keys'], content: string, name?: string): Promise<Response>;
  /** What lies in the folder of files being received. */
  incoming(): string[];
  end(): Promise<void>;
};

export async function openDoor(
  options: Partial<HttpOptions> & { memory?: Parameters<typeof memoryService>[1] } = {},
): Promise<Door> {
  const folder = mkdtempSync(join(tmpdir(), 'masque-http-'));
  const service = memoryService(folder, options.memory);
  const keyFile = join(folder, 'keys', 'keys.json');
  const [keys, ids]: Record<string, string>[] = [{ first: 'a first key of many characters, 7391' }, {}];
  const holders = {
    ann: 'submitter',
    ben: 'submitter',
    rita: 'reviewer',
    rolf: 'reviewer',
    ada: 'administrator',
  } as const;
  for (const [name, role] of Object.entries(holders)) {
    const { id, key } = await addKey(keyFile, { name, role });
    keys![name] = key;
    ids![name] = id;
  }
  const logged: string[] = [];
  const server = await startHttp({
    service,
    keys: openKeys(keyFile, keys!['first']),
    log: (line) => void logged.push(line),
    ...options,
    limits: { requestsPerMinute: 100_000, wrongKeysPerMinute: 100_000, ...options.limits },
  });
  const ask: Door['ask'] = (who, path, init = {}) => {
    const headers = new Headers(init.headers);
    if (who !== null) headers.set('X-API-KEY', keys![who]!);
    return fetch(`${server.address}${path}`, { ...init, headers });
  };
  return {
    ...server,
    folder,
    keyFile,
    service,
    keys: keys as Door['keys'],
    ids: ids!,
    logged,
    ask,
    upload(who, content, name = 'clip.mp4') {
      const body = new FormData();
      body.append('file', new Blob([content]), name);
      return ask(who, '/v1/media', { method: 'POST', body });
    },
    incoming: () => readdirSync(service.incoming),
    async end() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** JSON into a POST. */
export const posting = (body: unknown) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
