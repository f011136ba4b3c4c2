/** Worker processes: errors come back as what they are, a dead worker takes only its own job with it. */
import { afterAll, expect, test } from 'vitest';
import { ItemError, UserError } from '../../src/errors.ts';
import { createPool } from '../../src/queue/pool.ts';
import { misbehave, oneThread, twoThreads } from '../support/toy.job.ts';

const pool = createPool(2);
afterAll(() => pool.close());
const fails = (how: Parameters<typeof misbehave.run>[0]['how']) =>
  pool.run(misbehave, { how }, '.').then(
    () => undefined,
    (error: unknown) => error,
  );

test('errors keep their kind, code and message', async () => {
  const [item, user, bug] = await Promise.all([fails('item'), fails('user'), fails('bug')]);
  expect(item).toBeInstanceOf(ItemError);
  expect(item).toMatchObject({ code: 'E_MEDIA_UNREADABLE', message: 'a.mp4: damaged' });
  expect(user).toBeInstanceOf(UserError);
  expect(bug).not.toBeInstanceOf(ItemError);
  expect((bug as Error).stack).toContain('toy.job.ts');
});

test('a worker that dies is a counted failure, and the next job gets a fresh one', async () => {
  expect(await fails('die')).toMatchObject({
    code: 'E_WORKER_CRASH',
    message: expect.stringContaining('SIGKILL'),
  });
  const { output } = await pool.run(oneThread, { index: 0 }, '.');
  expect(output.end).toBeGreaterThan(output.start);
});

test('jobs share the slots by the threads they use', async () => {
  await Promise.all([0, 1].map((index) => pool.run(oneThread, { index }, '.'))); // both workers have started
  const jobs = [oneThread, oneThread, twoThreads, oneThread].map((job, index) =>
    pool.run(job, { index }, '.'),
  );
  const [a, b, wide, after] = (await Promise.all(jobs)).map(({ output }) => output);
  expect(Math.max(a!.start, b!.start)).toBeLessThan(Math.min(a!.end, b!.end)); // side by side
  expect(wide!.start).toBeGreaterThanOrEqual(Math.max(a!.end, b!.end) - 1); // alone
  expect(after!.start).toBeGreaterThanOrEqual(wide!.end - 1); // in the order asked for
});

test('an urgent job overtakes those that wait', async () => {
  const own = createPool(1);
  const jobs = [oneThread, oneThread, { ...oneThread, urgent: true as const }].map((job, index) =>
    own.run(job, { index }, '.'),
  );
  const [running, waiting, urgent] = (await Promise.all(jobs)).map(({ output }) => output);
  expect(urgent!.start).toBeGreaterThanOrEqual(running!.end - 1);
  expect(waiting!.start).toBeGreaterThanOrEqual(urgent!.end - 1);
  await own.close();
});

test('who waits no more for a job gives its place to others, whether it runs or waits', async () => {
  const single = createPool(1);
  try {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const given = [1, 2].map(() => single.run(misbehave, { how: 'hang' }, '.', { signal }));
    const after = single.run(oneThread, { index: 0 }, '.');
    // A job that hangs does so for a minute.
    const begun = performance.now();
    giveUp.abort(new Error('too late'));
    for (const job of given) await expect(job).rejects.toThrow('too late');
    expect((await after).output.end).toBeGreaterThan(0);
    expect(performance.now() - begun).toBeLessThan(30_000);
    await expect(single.run(oneThread, { index: 0 }, '.', { signal })).rejects.toThrow('too late');
  } finally {
    await single.close();
  }
});

test('closing ends running work at once', async () => {
  const own = createPool(1);
  const hanging = own.run(misbehave, { how: 'hang' }, '.').catch((error: unknown) => error);
  await own.close();
  await expect(
    Promise.race([hanging, new Promise((resolve) => setTimeout(() => resolve('still waiting'), 3000))]),
  ).resolves.toBeInstanceOf(Error);
  await expect(own.run(oneThread, { index: 0 }, '.')).rejects.toThrow('closed');
});
