/** Sessions of the page: a cookie that scripts cannot read, and a token that only the page's own scripts can send. In memory: who restarts the service signs in again. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { KeyHolder } from './keys.ts';

const hours = 8;
/** Of all, and of one key: who signs in again and again ends the own sessions, not those of others. */
const [most, mostOfKey] = [1000, 20];
const cookieName = 'masque-session';
const inCookies = new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{43})(?:;|$)`);

export type Session = { holder: KeyHolder; token: string };

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const random = (): string => randomBytes(32).toString('base64url');

export function openSessions() {
  const sessions = new Map<string, Session & { endMs: number }>();
  const idOf = (cookies: string | undefined): string | undefined => {
    const [, secret] = inCookies.exec(cookies ?? '') ?? [];
    return secret === undefined ? undefined : hashOf(secret);
  };
  return {
    /** `cookie`: the header that begins it. The oldest ends where there are too many. */
    begin(holder: KeyHolder): Session & { cookie: string } {
      const [secret, token] = [random(), random()];
      sessions.set(hashOf(secret), { holder, token, endMs: performance.now() + hours * 3_600_000 });
      const own = [...sessions].filter(([, session]) => session.holder.id === holder.id);
      if (own.length > mostOfKey) sessions.delete(own[0]![0]);
      if (sessions.size > most) sessions.delete(sessions.keys().next().value!);
      return { holder, token, cookie: setCookie(secret, hours * 3600) };
    },
    /** The session that a Cookie header names. */
    find(cookies: string | undefined): Session | undefined {
      const session = sessions.get(idOf(cookies) ?? '');
      return session && session.endMs > performance.now() ? session : undefined;
    },
    /** The header that forgets it. */
    end(cookies: string | undefined): string {
      sessions.delete(idOf(cookies) ?? '');
      return setCookie('', 0);
    },
  };
}

const setCookie = (value: string, seconds: number): string =>
  `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;

/** Whether the header of a request that changes something holds the session's token. */
export function hasToken({ token }: Session, sent: string | string[] | undefined): boolean {
  const [a, b] = [token, String(sent)].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
