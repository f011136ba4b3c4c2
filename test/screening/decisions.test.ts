/** Who decides about what: all that was said of a content is shown and must be seen, however often and under whatever name it comes again; opinions and releases stay whose they are. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Answer } from '../../src/screening/http/schemas.ts';
import { defaultPolicy, type Policy } from '../../src/screening/policy.ts';
import { workFolder } from '../media/tools.ts';
import { hand, judged, openToy, review } from '../support/screening.ts';
import { posting } from '../support/screening-http.ts';
import { openRealDoor, type RealDoor } from '../support/screening-real.ts';
import { toyAnalyse } from '../support/toy-analyse.ts';

const at = workFolder();
const png = readFileSync(resolve(import.meta.dirname, '../golden/photo.png'));
/** A photo in which the toy analysis finds what the letter says. */
const photo = (letter: string): Buffer => Buffer.concat([png, Buffer.from(`${letter}.`)]);

let door: RealDoor | undefined;
afterEach(() => door?.end());
const open = async (policy: Partial<Policy['actions']> = {}, releasesNeeded: 1 | 2 = 1) =>
  void (door = await openRealDoor({
    policy: { ...defaultPolicy, releasesNeeded, actions: { ...defaultPolicy.actions, ...policy } },
  }));
const receive = async (content: Uint8Array, name: string) =>
  door!.judged('rita', await door!.upload('ann', content, name));
const look = async (id: string | null, who: 'rita' | 'rolf' = 'rita') =>
  (await (await door!.ask(who, `/v1/quarantine/${id}`)).json()) as Answer<'Quarantined'>;
const say = (verb: string, id: string | null, body: object, who: 'rita' | 'rolf' = 'rita') =>
  door!.ask(who, `/v1/quarantine/${id}/${verb}`, posting(body));
const seen = (verdicts: number) => ({
  basis: 'opinion',
  reason: 'a slip',
  opinionBefore: 'real',
  seen: verdicts,
});
const saidOf = ({ findings }: Answer<'Quarantined'>) =>
  findings.map(({ status, reasons }) => [status, ...reasons.map(({ code }) => code)].join(' '));

test('no receipt hides what was said of the content, and none what was said at the door', async () => {
  await open();
  const { quarantineId } = await receive(photo('m'), 'a.png');
  for (let i = 0; i < 3; i++) await receive(photo('m'), 'x.mp4');
  expect(saidOf(await look(quarantineId))).toEqual([
    'MANIPULATED TOY',
    'UNABLE_TO_EVALUATE E_NAME_DISAGREES',
  ]);
  expect((await look(quarantineId)).findings[0]).toMatchObject({ score: 0.9, kind: 'clip', bundle: 'toy-1' });

  const wrong = await receive(photo('c'), 'x.mp4');
  await receive(photo('c'), 'a.png');
  expect(saidOf(await look(wrong.quarantineId))).toEqual([
    'NO_SIGNS_FOUND TOY',
    'UNABLE_TO_EVALUATE E_NAME_DISAGREES',
  ]);
});

test('whoever sends a file again and again delays no decision', async () => {
  await open();
  const { quarantineId } = await receive(photo('c'), 'x.mp4');
  const { verdicts } = await look(quarantineId);
  for (const name of ['x.mp4', 'y.webm']) await receive(photo('c'), name);
  expect((await say('release', quarantineId, seen(verdicts))).status).toBe(200);

  // Of what cannot be analysed there is a new verdict each time it comes.
  const failed = await receive(photo('t'), 'a.png');
  await receive(photo('t'), 'b.png');
  expect(await look(failed.quarantineId)).toMatchObject({ verdicts: 1, media: { length: 2 } });
  // What is confirmed stays where it is, whatever else is said.
  await receive(photo('t'), 'x.mp4');
  expect(await look(failed.quarantineId)).toMatchObject({ verdicts: 2 });
  expect((await say('release', failed.quarantineId, seen(1))).status).toBe(409);
  expect((await say('confirm', failed.quarantineId, seen(1))).status).toBe(200);
});

test('a release of a wrong name lets nothing through that the content is refused for', async () => {
  await open({ MANIPULATED: 'reject' });
  const { quarantineId } = await receive(photo('m'), 'a.mp4');
  await say('release', quarantineId, seen(1));
  expect(await receive(photo('m'), 'b.mp4')).toMatchObject({ action: 'allow' });
  expect(await receive(photo('m'), 'a.png')).toMatchObject({ action: 'reject', quarantineId: null });
  expect(await receive(photo('m'), 'b.mp4')).toMatchObject({ action: 'reject', quarantineId: null });
});

test('a wrong name makes of a refusal no review', async () => {
  await open({ MANIPULATED: 'reject' });
  expect(await receive(photo('m'), 'a.png')).toMatchObject({ action: 'reject', quarantineId: null });
  expect(await receive(photo('m'), 'a.mp4')).toMatchObject({ action: 'reject', quarantineId: null });
});

test('what was found only after a release of the name is looked at before the name is let through again', async () => {
  await open({ SUSPICIOUS: 'tag' });
  const { quarantineId } = await receive(photo('s'), 'a.mp4');
  await say('release', quarantineId, seen(1));
  expect(await receive(photo('s'), 'a.png')).toMatchObject({ action: 'tag' });
  const again = await receive(photo('s'), 'a.mp4');
  expect(again.action).toBe('quarantine');
  expect(again.quarantineId).not.toBe(quarantineId);
  await say('release', again.quarantineId, seen(2));
  expect(await receive(photo('s'), 'a.mp4')).toMatchObject({ action: 'allow' });
});

test('two releases are of the same: who released before more was said looks again', async () => {
  const policy = { ...defaultPolicy, releasesNeeded: 2 as const };
  const old = await openToy(at('service'), { policy });
  const { quarantineId, sha256 } = await judged(old, await hand(old, 'manipulated'));
  // Nobody sees what is not said yet.
  const first = await old.review(quarantineId!, { ...review(), seen: 99 });
  expect(first.reviews).toMatchObject([{ reviewer: 'rita', seen: 1 }]);
  await old.close();

  const newer = await openToy(at('service'), {
    policy,
    bundle: 'toy-2',
    analyse: toyAnalyse({ bundle: 'toy-2' }),
  });
  try {
    await judged(newer, await newer.reanalyse(sha256, 'adam'));
    const released = (reviewer: string, seen: number) =>
      newer.review(quarantineId!, { ...review({ reviewer }), seen });
    expect(await released('otto', 2)).toMatchObject({ state: 'held' });
    await expect(released('otto', 2)).rejects.toMatchObject({ why: 'conflict' });
    await expect(released('rita', 1)).rejects.toMatchObject({ why: 'conflict' });
    expect(await released('rita', 2)).toMatchObject({ state: 'released', reviews: { length: 3 } });
  } finally {
    await newer.close();
  }
});

test('a decision over HTTP says what was seen', async () => {
  await open();
  const { quarantineId } = await receive(photo('m'), 'a.png');
  const { seen: _, ...unseen } = seen(1);
  expect((await say('release', quarantineId, unseen)).status).toBe(400);
  expect(await look(quarantineId)).toMatchObject({ state: 'held', reviews: [] });
});

test('the opinion before the score is kept under its name, once, and the decision goes with it', async () => {
  await open({}, 2);
  const { quarantineId } = await receive(photo('m'), 'a.png');
  expect(await look(quarantineId)).toMatchObject({ opinion: null });
  expect(await (await say('opinion', quarantineId, { opinion: 'fake' })).json()).toMatchObject({
    opinion: 'fake',
    state: 'held',
  });
  expect((await say('opinion', quarantineId, { opinion: 'fake' })).status).toBe(200);
  expect((await say('opinion', quarantineId, { opinion: 'real' })).status).toBe(409);
  const other = await look(quarantineId, 'rolf');
  expect(other.opinion).toBe(null);
  expect(JSON.stringify(other)).not.toContain('rita');
  expect((await say('release', quarantineId, seen(1))).status).toBe(409);
  expect((await say('release', quarantineId, { ...seen(1), opinionBefore: 'fake' })).status).toBe(200);
  // Stated with the decision, it is kept as well.
  expect((await say('confirm', quarantineId, seen(1), 'rolf')).status).toBe(200);
  expect(await look(quarantineId, 'rolf')).toMatchObject({
    opinion: 'real',
    reviews: [{ opinionBefore: 'fake' }, { opinionBefore: 'real' }],
  });
  expect((await say('opinion', quarantineId, { opinion: 'fake' })).status).toBe(409);
  const history = await door!.ask('rita', `/v1/quarantine/${quarantineId}/history`);
  expect(((await history.json()) as Answer<'HistoryPage'>).items).toContainEqual(
    expect.objectContaining({ what: 'opinion', reviewer: 'rita', opinion: 'fake' }),
  );
});

test('a receipt from before its content was held tells a reviewer, and no submitter, that it is held now', async () => {
  await open();
  const { requestId } = await receive(photo('c'), 'a.png');
  const { quarantineId } = await receive(photo('c'), 'a.mp4');
  const told = async (who: 'ann' | 'rita') =>
    (await (await door!.ask(who, `/v1/media/${requestId}`)).json()) as Answer<'Media'>;
  expect(await told('rita')).toMatchObject({ quarantineId: null, openQuarantineId: quarantineId });
  expect(await told('ann')).not.toHaveProperty('openQuarantineId');
  await say('release', quarantineId, seen(2));
  expect(await told('rita')).toMatchObject({ openQuarantineId: null });
});
