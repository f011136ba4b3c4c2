/** What comes in over HTTP and is not what it says, or is two things at once: held with its reason and never analysed, markup refused, and bytes given out as attachments alone (C30). */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer } from '../../src/screening/http/schemas.ts';
import { defaultPolicy } from '../../src/screening/policy.ts';
import { posting } from '../support/screening-http.ts';
import { openRealDoor, type RealDoor } from '../support/screening-real.ts';
import { toyAnalyse } from '../support/toy-analyse.ts';
import { twoFaced } from '../support/two-faced.ts';

const golden = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, '../golden', name));
/** A photo in which the toy analysis finds what the letter says. */
const photo = (letter: string): Buffer => Buffer.concat([golden('photo.png'), Buffer.from(`${letter}.`)]);

let door: RealDoor;
let begun: string[];
beforeEach(async () => {
  begun = [];
  door = await openRealDoor({ analyse: toyAnalyse({ begun: (sha256) => void begun.push(sha256) }) });
});
afterEach(() => door.end());

const codesOf = ({ reasons }: Pick<Answer<'Media'>, 'reasons'>): string[] => reasons.map(({ code }) => code);
const receive = async (content: Uint8Array, name: string, type = '') =>
  door.judged('rita', await door.upload('ann', content, name, type));
/** What is refused leaves nothing behind. */
const nothingIsLeft = (): void => {
  expect(readdirSync(door.service.incoming)).toEqual([]);
  expect(door.service.list({ page: 0, size: 1 }).totalItems).toBe(0);
};

const held = twoFaced.filter(([, , , code]) => code !== '' && code !== 'E_EMPTY');
/** What says that it is markup, or says nothing. */
const isRefused = (name: string, code: string): boolean => code === 'E_MARKUP' && !/\.(jpg|png)$/.test(name);

test.each(held.filter(([, name, , code]) => !isRefused(name, code)))(
  'held: %s',
  async (_, name, content, code) => {
    const media = await receive(content, name);
    expect(media).toMatchObject({ status: 'UNABLE_TO_EVALUATE', action: 'quarantine', score: null });
    expect(codesOf(media)).toContain(code);
    expect(media.provenance).toEqual({ credentials: 'not-examined', claims: [] });
    expect(media.quarantineId).not.toBe(null);
    expect(begun).toEqual([]);
    const bytes = await door.ask('rita', `/v1/quarantine/${media.quarantineId}/content`);
    expect(bytes.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(bytes.headers.get('Content-Disposition')).toMatch(/^attachment; filename="[0-9a-f]{64}\.bin"$/);
    expect(bytes.headers.get('Content-Security-Policy')).toContain('sandbox');
    expect(bytes.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(Buffer.from(await bytes.arrayBuffer()).equals(content)).toBe(true);
  },
);

test.each(held.filter(([, name, , code]) => isRefused(name, code)))(
  'refused: %s',
  async (_, name, content) => {
    for (const called of [name, 'without-a-name']) {
      const response = await door.upload('ann', content, called);
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ code: 'invalid_file' });
    }
    nothingIsLeft();
    expect(begun).toEqual([]);
  },
);

test('all twelve and more were built', () => {
  expect(held.length).toBeGreaterThanOrEqual(12);
  expect(held.filter(([, name, , code]) => isRefused(name, code)).length).toBeGreaterThanOrEqual(3);
});

test.each([
  ['a photo that is sent as a film', 'a.png', photo('c'), 'video/mp4'],
  ['a photo without a name that is sent as a page', 'a', photo('c'), 'text/html; charset=utf-8'],
  ['a film that is sent as a photo', 'a.mp4', golden('clip.mp4'), 'image/jpeg'],
  ['sound that is sent as a document', 'a.wav', golden('tone.wav'), 'application/pdf'],
  ['a page that is sent as a photo', 'a', Buffer.from('<html></html>'), 'image/png'],
])('held: %s', async (_, name, content, type) => {
  const media = await receive(content, name, type);
  expect(media).toMatchObject({ status: 'UNABLE_TO_EVALUATE', action: 'quarantine' });
  expect(codesOf(media)).toContain('E_TYPE_DISAGREES');
  expect(begun).toEqual([]);
});

test.each([
  ['clip.mp4', 'video/mp4'],
  ['clip.mp4', 'application/octet-stream'],
  ['clip.mov', 'video/quicktime'],
  ['clip.mkv', 'video/x-matroska'],
  ['clip.webm', 'video/webm'],
  ['clip.avi', 'video/x-msvideo'],
  ['clip.mpg', 'video/mpeg'],
  ['tone.wav', 'audio/x-wav'],
  ['tone.flac', 'audio/flac'],
  ['tone.mp3', 'audio/mpeg'],
  ['tone.ogg', 'audio/ogg; codecs=vorbis'],
  ['tone.m4a', 'audio/x-m4a'],
  ['photo.jpg', 'IMAGE/JPEG'],
  ['photo.png', 'image/png'],
  ['photo.webp', 'image/webp'],
])('%s as %s is what it says, and is analysed', async (name, type) => {
  const media = await receive(golden(name), name, type);
  expect(codesOf(media)).not.toContain('E_TYPE_DISAGREES');
  expect(begun).toEqual([media.sha256]);
  // From here on its name says what it is.
  expect(door.service.fileOf(media.sha256)).toMatch(new RegExp(`\\.${name.split('.')[1]}$`));
});

test('a wrong name is held although the same content was found clean, and condemns it under no other name', async () => {
  const content = photo('c');
  expect(await receive(content, 'a.png')).toMatchObject({ status: 'NO_SIGNS_FOUND', action: 'allow' });
  const wrong = await receive(content, 'a.mp4');
  expect(wrong).toMatchObject({ status: 'UNABLE_TO_EVALUATE', action: 'quarantine' });
  expect(codesOf(wrong)).toEqual(['E_NAME_DISAGREES']);
  // While it is held, it is held under every name; the verdict is that of the content.
  const again = await receive(content, 'b.png');
  expect(again).toMatchObject({ status: 'NO_SIGNS_FOUND', action: 'quarantine' });
  const review = { basis: 'opinion', reason: 'a slip', opinionBefore: 'real', seen: 2 };
  const released = await door.ask('rita', `/v1/quarantine/${wrong.quarantineId}/release`, posting(review));
  expect(released.status).toBe(200);
  expect(await receive(content, 'c.png')).toMatchObject({ status: 'NO_SIGNS_FOUND', action: 'allow' });
  expect(begun).toHaveLength(1);
  const asked = await door.ask('rita', `/v1/quarantine/${wrong.quarantineId}/history`);
  expect(((await asked.json()) as Answer<'HistoryPage'>).items).toContainEqual(
    expect.objectContaining({ what: 'verdict', requestId: wrong.requestId, reasons: ['E_NAME_DISAGREES'] }),
  );
});

test('a wrong name speaks for no receipt that waits for the analysis of the same content', async () => {
  await door.end();
  door = await openRealDoor({ analyse: toyAnalyse({ delayMs: 1500 }) });
  const content = photo('m');
  const first = await door.upload('ann', content, 'a.png');
  const wrong = await receive(content, 'a.mp4');
  expect(codesOf(wrong)).toEqual(['E_NAME_DISAGREES']);
  expect(await door.judged('rita', first)).toMatchObject({ status: 'MANIPULATED', action: 'quarantine' });
  expect(door.service.media(wrong.requestId)).toMatchObject({ status: 'UNABLE_TO_EVALUATE' });
});

test('a release after a failed analysis lifts nothing for a wrong name, and what people confirmed is held at once', async () => {
  const content = photo('t');
  const failed = await receive(content, 'a.png');
  const say = (verb: string, quarantineId: string | null, seen: number) =>
    door.ask(
      'rita',
      `/v1/quarantine/${quarantineId}/${verb}`,
      posting({ basis: 'opinion', reason: 'seen', opinionBefore: 'unsure', seen }),
    );
  await say('release', failed.quarantineId, 1);
  expect(await receive(content, 'b.png')).toMatchObject({ status: 'UNABLE_TO_EVALUATE', action: 'allow' });
  const wrong = await receive(content, 'a.mp4');
  expect(wrong).toMatchObject({ action: 'quarantine' });
  await say('confirm', wrong.quarantineId, 2);
  expect(begun).toHaveLength(2);
  expect(await receive(content, 'c.png')).toMatchObject({ action: 'quarantine' });
  expect(await receive(photo('c'), 'd.mp4')).toMatchObject({ action: 'quarantine' });
  expect(begun).toHaveLength(2);
});

test('who has not seen the newest verdict decides nothing', async () => {
  const { quarantineId } = await receive(photo('c'), 'a.mp4');
  const look = async () =>
    (await (await door.ask('rita', `/v1/quarantine/${quarantineId}`)).json()) as Answer<'Quarantined'>;
  const release = (seen: number) => {
    const said = { basis: 'opinion', reason: 'a slip', opinionBefore: 'real', seen };
    return door.ask('rita', `/v1/quarantine/${quarantineId}/release`, posting(said));
  };
  const { verdicts: seen } = await look();
  await receive(photo('c'), 'a.png', 'video/mp4');
  expect((await release(seen)).status).toBe(409);
  expect(await look()).toMatchObject({ state: 'held', reviews: [], verdicts: seen + 1 });
  expect((await release(seen + 1)).status).toBe(200);
});

test('a release for one reason lifts no other', async () => {
  const { quarantineId } = await receive(photo('c'), 'a.mp4');
  const review = { basis: 'opinion', reason: 'a slip', opinionBefore: 'real', seen: 1 };
  await door.ask('rita', `/v1/quarantine/${quarantineId}/release`, posting(review));
  expect(await receive(photo('c'), 'b.mp4')).toMatchObject({ action: 'allow', quarantineId });
  const other = await receive(photo('c'), 'a.png', 'video/mp4');
  expect(codesOf(other)).toEqual(['E_TYPE_DISAGREES']);
  expect(other.action).toBe('quarantine');
});

test('what was confirmed under a wrong name alone is held under a right one, and nobody is asked', async () => {
  const wrong = await receive(photo('c'), 'a.mp4');
  const review = { basis: 'admission', reason: 'they said so', opinionBefore: 'fake', seen: 1 };
  await door.ask('rita', `/v1/quarantine/${wrong.quarantineId}/confirm`, posting(review));
  expect(await receive(photo('c'), 'a.png')).toMatchObject({
    action: 'quarantine',
    quarantineId: wrong.quarantineId,
  });
  expect(begun).toEqual([]);
});

test('by the policy’s word what could not be judged is tagged, and still not let through as clean', async () => {
  await door.end();
  door = await openRealDoor({ policy: { ...defaultPolicy, onFailure: 'fail-open' } });
  const media = await receive(photo('c'), join('..', 'a.mp4'));
  expect(media).toMatchObject({ status: 'UNABLE_TO_EVALUATE', action: 'tag', quarantineId: null });
});
