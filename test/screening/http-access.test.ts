/** Who may ask what: every route with every key, guessing, revocation, other people's files, foreign pages and hosts (C35, C38). */
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSessions } from '../../src/screening/http/sessions.ts';
import { addKey, openKeys, readKeys, revokeKey } from '../../src/screening/http/keys.ts';
import type { Answer } from '../../src/screening/http/schemas.ts';
import { hostnameOf } from '../../src/screening/http/server.ts';
import { roles } from '../../src/screening/types.ts';
import { type Door, openDoor, posting } from '../support/screening-http.ts';

let door: Door;
beforeAll(async () => void (door = await openDoor()));
afterAll(() => door.end());

const roleOf = {
  ann: 'submitter',
  rita: 'reviewer',
  ada: 'administrator',
  first: 'administrator',
} as const;

describe('each route × each key', () => {
  const bad = { none: undefined, wrong: 'mk_wrong', empty: '', long: 'x'.repeat(5000) };

  test('answers those whose role it declares and nobody else', async () => {
    const { requestId } = (await (await door.upload('ann', 'F mine')).json()) as Answer<'Accepted'>;
    const { quarantineId } = (await (
      await door.ask('ann', `/v1/media/${requestId}`)
    ).json()) as Answer<'Media'>;
    const cells: string[] = [];
    for (const { method, path, role } of door.routes) {
      const url = path.replace('{requestId}', requestId).replace('{quarantineId}', quarantineId!);
      // What is asked for is not right, so that nothing is changed: only who is let through is looked at.
      const send = async (headers: Record<string, string>): Promise<number> => {
        const { body, headers: more } = posting({ nothing: true });
        const response = await fetch(`${door.address}${url}?x=%00`, {
          method,
          ...(method === 'GET' ? {} : { body }),
          headers: { ...headers, ...more },
        });
        await response.arrayBuffer();
        return response.status;
      };
      for (const [who, held] of Object.entries(roleOf)) {
        if (method === 'DELETE') continue;
        const may = role === 'anyone' || roles.indexOf(held) >= roles.indexOf(role);
        const status = await send({ 'X-API-KEY': door.keys[who as keyof typeof roleOf] });
        cells.push(`${method} ${path} ${who}`);
        if (may) expect([401, 403], `${method} ${path} ${who}`).not.toContain(status);
        else expect(status, `${method} ${path} ${who}`).toBe(403);
      }
      for (const [what, key] of Object.entries(bad)) {
        const status = await send(key === undefined ? {} : { 'X-API-KEY': key });
        cells.push(`${method} ${path} ${what}`);
        if (role === 'anyone') expect(status, `${method} ${path} ${what}`).not.toBe(401);
        else expect(status, `${method} ${path} ${what}`).toBe(401);
      }
    }
    expect(new Set(door.routes.map(({ role }) => role))).toEqual(new Set(['anyone', ...roles]));
    expect(cells.length).toBeGreaterThan(7 * 15);
    expect(door.logged.join('\n')).not.toContain('mk_wrong');
  });

  test('what deletes is for administrators, or ends the own session', async () => {
    const deleting = door.routes
      .filter(({ method }) => method === 'DELETE')
      .map(({ path, role }) => [path, role]);
    expect(deleting).toEqual([
      ['/v1/quarantine/{quarantineId}/content', 'administrator'],
      ['/v1/session', 'submitter'],
    ]);
    const erase = async (who: 'ann' | 'rita' | 'ada' | null): Promise<number> => {
      const init = { ...posting({ reason: 'asked to' }), method: 'DELETE' };
      return (await door.ask(who, '/v1/quarantine/any/content', init)).status;
    };
    expect([await erase('ann'), await erase('rita'), await erase('ada'), await erase(null)]).toEqual([
      403, 403, 404, 401,
    ]);
  });
});

test("another submitter's file is not there", async () => {
  const { requestId } = (await (await door.upload('ann', 'mine')).json()) as Answer<'Accepted'>;
  const others = await door.ask('ben', `/v1/media/${requestId}`);
  const none = await door.ask('ben', '/v1/media/11111111-1111-1111-1111-111111111111');
  expect([others.status, none.status]).toEqual([404, 404]);
  const told = async (response: Response) => ({ ...((await response.json()) as object), requestId: '' });
  expect(await told(others)).toEqual(await told(none));
});

test('without a key nothing of the body is read', async () => {
  const sent = await new Promise<{ status: number; bytes: number }>((resolve, reject) => {
    const { hostname, port } = new URL(door.address);
    let bytes = 0;
    const asking = request({
      hostname,
      port,
      path: '/v1/media',
      method: 'POST',
      headers: { 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': 1e9 },
    });
    asking.on('response', (response) => {
      response.resume();
      response.on('end', () => {
        resolve({ status: response.statusCode!, bytes });
        asking.destroy();
      });
    });
    asking.on('error', reject);
    // Headers alone: whoever waits for the body would wait for ever.
    asking.flushHeaders();
  });
  expect(sent).toEqual({ status: 401, bytes: 0 });
  expect(door.incoming()).toEqual([]);
});

test('only hashes are kept, a revoked key is refused at once, and so is its session', async () => {
  const { id, key } = await addKey(door.keyFile, { name: 'vera', role: 'reviewer' });
  expect(key).toMatch(/^mk_[\w-]{43}$/);
  expect(readFileSync(door.keyFile, 'utf8')).not.toContain(key.slice(3));
  const signed = await fetch(`${door.address}/v1/session`, posting({ key }));
  const cookie = signed.headers.get('Set-Cookie')!.split(';')[0]!;
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${door.address}/v1/quarantine`, { headers })).status;
  expect(await status({ 'X-API-KEY': key })).toBe(200);
  expect(await status({ cookie })).toBe(200);
  await revokeKey(door.keyFile, id);
  expect(await status({ 'X-API-KEY': key })).toBe(401);
  expect(await status({ cookie })).toBe(401);
  expect(readKeys(door.keyFile).find((entry) => entry.id === id)!.revokedAt).toMatch(/^\d{4}-/);
});

test('keys that could be guessed, names that are none and files that are no keys are refused', async () => {
  expect(() => openKeys(door.keyFile, 'sesame')).toThrow('32 characters');
  await expect(addKey(door.keyFile, { name: '<img>', role: 'reviewer' })).rejects.toThrow('a name has');
  for (const name of ['vera ', 've\u0301ra'])
    await expect(addKey(door.keyFile, { name, role: 'reviewer' })).rejects.toThrow('a name has');
  await expect(addKey(door.keyFile, { name: 'Vera', role: 'reviewer' })).rejects.toThrow('there is "vera"');
  await expect(addKey(door.keyFile, { name: 'Administrator', role: 'submitter' })).rejects.toThrow(
    'MASQUE_API_KEY',
  );
  await expect(revokeKey(door.keyFile, 'nobody')).rejects.toThrow('there is no key');
  expect(() => openKeys(import.meta.filename, undefined)).toThrow('not a file of keys');
  expect(openKeys('/nonexistent/keys.json', undefined).holder('')).toBeUndefined();
});

test('wrong keys are counted by address, and after too many the right one waits too', async () => {
  const strict = await openDoor({ limits: { wrongKeysPerMinute: 3 } });
  const guess = (key: string) => fetch(`${strict.address}/v1/media`, { headers: { 'X-API-KEY': key } });
  const found = [];
  for (const key of ['a', 'b', 'c', 'd', strict.keys.ann]) found.push((await guess(key)).status);
  expect(found).toEqual([401, 401, 401, 429, 429]);
  const last = await guess('e');
  expect(Number(last.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect((await fetch(`${strict.address}/v1/session`, posting({ key: 'f' }))).status).toBe(429);
  expect((await fetch(`${strict.address}/health`)).status).toBe(200);
  await strict.end();
});

test('a key may ask so often a minute, and another key does not pay for it', async () => {
  const strict = await openDoor({ limits: { requestsPerMinute: 2 } });
  const found = [];
  for (let i = 0; i < 3; i++) found.push((await strict.ask('ann', '/v1/media')).status);
  expect(found).toEqual([200, 200, 429]);
  const refused = await strict.ask('ann', '/v1/media');
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: 'too_many_requests' });
  expect((await strict.ask('ben', '/v1/media')).status).toBe(200);
  await strict.end();
});

describe('in a browser', () => {
  const signIn = async (who: 'rita' | 'ann'): Promise<{ cookie: string; header: string; token: string }> => {
    const response = await fetch(`${door.address}/v1/session`, posting({ key: door.keys[who] }));
    const header = response.headers.get('Set-Cookie')!;
    const { token } = (await response.json()) as Answer<'Session'>;
    return { cookie: header.split(';')[0]!, header, token };
  };

  test('a session is a cookie that scripts cannot read and other sites cannot send; changes need its token too', async () => {
    const { cookie, header, token } = await signIn('rita');
    expect(header).toMatch(/^masque-session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    const { requestId } = (await (await door.upload('ann', 'F for review')).json()) as Answer<'Accepted'>;
    const { quarantineId } = (await (
      await door.ask('rita', `/v1/media/${requestId}`)
    ).json()) as Answer<'Media'>;
    const review = { basis: 'opinion', reason: 'the mouth', opinionBefore: 'fake', seen: 1 };
    const confirm = async (headers: Record<string, string>): Promise<number> => {
      const init = posting(review);
      const url = `${door.address}/v1/quarantine/${quarantineId}/confirm`;
      return (await fetch(url, { ...init, headers: { ...headers, ...init.headers } })).status;
    };
    expect((await fetch(`${door.address}/v1/media`, { headers: { cookie } })).status).toBe(200);
    expect(await confirm({ cookie })).toBe(403);
    expect(await confirm({ cookie, 'X-CSRF-TOKEN': 'x'.repeat(43) })).toBe(403);
    const other = await signIn('rita');
    expect(await confirm({ cookie, 'X-CSRF-TOKEN': other.token })).toBe(403);
    expect(await confirm({ cookie, 'X-CSRF-TOKEN': token, origin: 'http://evil.example' })).toBe(403);
    expect(await confirm({ cookie, 'X-CSRF-TOKEN': token, origin: 'null' })).toBe(403);
    expect(await confirm({ cookie, 'X-CSRF-TOKEN': token, origin: door.address })).toBe(200);
    const whose = async (headers: Record<string, string>): Promise<unknown> => {
      const response = await fetch(`${door.address}/v1/session`, { headers });
      return response.ok ? response.json() : response.status;
    };
    // Another tab learns the token of the cookie, another site nothing, and a key has no session.
    expect(await whose({ cookie })).toEqual({ name: 'rita', role: 'reviewer', token });
    expect(await whose({ cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await whose({})).toBe(401);
    expect(await whose({ cookie, 'X-API-KEY': door.keys.ann })).toBe(404);
    const away = await fetch(`${door.address}/v1/session`, {
      method: 'DELETE',
      headers: { cookie, 'X-CSRF-TOKEN': token },
    });
    expect(away.status).toBe(204);
    expect((await fetch(`${door.address}/v1/media`, { headers: { cookie } })).status).toBe(401);
  });

  test('a wrong key begins no session, and an invented cookie is none', async () => {
    expect((await fetch(`${door.address}/v1/session`, posting({ key: 'mk_no' }))).status).toBe(401);
    for (const cookie of [
      'masque-session=',
      `masque-session=${'a'.repeat(43)}`,
      'masque-session=__proto__',
      '=;;=',
    ]) {
      expect((await fetch(`${door.address}/v1/media`, { headers: { cookie } })).status).toBe(401);
    }
  });

  test('every answer tells browsers to run, show and pass on nothing', async () => {
    const some = ['/health', '/v1/media', '/nowhere', '/openapi.json', '/../../etc/passwd', '/%00'];
    for (const path of some) {
      const { headers } = await door.ask('rita', path);
      const policy = headers.get('Content-Security-Policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
      expect(headers.get('X-Request-ID')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  const asking = (headers: Record<string, string>, method = 'GET', { address } = door) =>
    new Promise<{ status: number; allow: unknown }>((resolve, reject) => {
      const { hostname, port } = new URL(address);
      request({ hostname, port, path: '/health', method, headers }, (response) => {
        response.resume();
        resolve({
          status: response.statusCode!,
          allow: response.headers['access-control-allow-origin'],
        });
      })
        .on('error', reject)
        .end();
    });

  test('under a foreign name nothing is answered, and strangers are not told that they may ask', async () => {
    const { port } = new URL(door.address);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      'localhost@evil.example',
      '[::2]',
      ' ',
    ])
      expect((await asking({ host })).status, host).toBeGreaterThanOrEqual(400);
    for (const host of ['localhost', `LOCALHOST:${port}`, '127.0.0.1', '[::1]:80'])
      expect((await asking({ host })).status, host).toBe(200);
    const preflight = await asking(
      { host: 'localhost', origin: 'http://evil.example', 'access-control-request-method': 'POST' },
      'OPTIONS',
    );
    expect(preflight.status).toBeGreaterThanOrEqual(400);
    expect(preflight.allow).toBeUndefined();
  });

  test('the own names are those that browsers send, however they were written', async () => {
    const named = await openDoor({ hosts: ['127.0.0.1', 'News.Example.org', 'FD00:0::1', 'bücher.example'] });
    for (const host of [
      'news.example.org',
      'NEWS.example.org:443',
      '[fd00::1]:8090',
      'xn--bcher-kva.example',
    ])
      expect((await asking({ host }, 'GET', named)).status, host).toBe(200);
    expect((await asking({ host: '[fd00::2]' }, 'GET', named)).status).toBe(421);
    await named.end();
    for (const host of ['example.org:8090', 'http://example.org', 'example.org/x', 'a b', ''])
      expect(() => hostnameOf(host), host).toThrow(/without a port/);
  });

  test('the page is given as it lies there, to anyone, and nothing beside it', async () => {
    const withPage = await openDoor({ page: resolve('test/golden/models') });
    expect((await fetch(`${withPage.address}/manifest.yaml`)).status).toBe(200);
    expect((await fetch(`${withPage.address}/`)).status).toBe(404);
    for (const path of ['/../photo.jpg', '/..%2fphoto.jpg', '/%2e%2e/photo.jpg', '/.', '//etc/passwd'])
      expect((await fetch(`${withPage.address}${path}`)).status, path).toBe(404);
    await withPage.end();
    expect(existsSync('test/golden/photo.jpg')).toBe(true);
  });
});

test('who signs in again and again ends the own sessions alone', () => {
  const sessions = openSessions();
  const of = (id: string) => sessions.begin({ id, name: id, role: 'reviewer' }).cookie.split(';')[0];
  const other = of('rita');
  const own = Array.from({ length: 1100 }, () => of('ann'));
  expect(sessions.find(other)).toBeDefined();
  expect(own.filter((cookie) => sessions.find(cookie)).length).toBe(20);
});
