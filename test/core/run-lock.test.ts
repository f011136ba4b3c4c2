/** Of all that start at once one process gets the run folder, whoever held it before. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLeftBehind, ownTag } from '../../src/process-tag.ts';
import { lockOwner, takeLock } from '../../src/records/run-lock.ts';
import { workFolder } from '../media/tools.ts';
import { compiledPath, useCompiled } from '../support/compiled.ts';

const at = workFolder();
const holder = 'test/support/hold-lock.ts';
useCompiled(holder);
const night = process.env['MASQUE_TESTS'] === 'night';

type Starter = { child: ChildProcess; said: string };
async function start(folder: string): Promise<Starter> {
  const child = spawn(process.execPath, [compiledPath(holder), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}
async function gone({ child }: Starter): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

const rounds = night ? 50 : 8;
test(`two at once, ${rounds} times: one winner, also where a dead one held it`, async () => {
  for (let round = 0; round < rounds; round++) {
    const starters = await Promise.all([start(at('.')), start(at('.'))]);
    const [winner, loser] = starters.toSorted((a) => (a.said === 'taken' ? -1 : 1));
    expect([winner!.said, loser!.said]).toEqual([
      'taken',
      expect.stringContaining(`locked by pid ${winner!.child.pid} since 2`),
    ]);
    expect(await gone(loser!)).toBe(2);
    // Every other one dies with the lock in its hands.
    if (round % 2 === 0) winner!.child.kill('SIGKILL');
    else winner!.child.stdin!.end();
    await gone(winner!);
    expect(await lockOwner(at('.'))).toBeUndefined();
    expect(readdirSync(at('.'))).toEqual(round % 2 === 0 ? ['lock'] : []);
  }
});

test('a lock is let go of without a trace, and its owner is known meanwhile', async () => {
  const lock = await takeLock(at('.'));
  expect(await lockOwner(at('.'))).toMatchObject({ pid: process.pid });
  await expect(takeLock(at('.'))).rejects.toMatchObject({
    name: 'UserError',
    exitCode: 2,
    message: expect.stringContaining('is at work in this folder') as string,
  });
  await lock.release();
  expect(readdirSync(at('.'))).toEqual([]);
  expect(await lockOwner(at('.'))).toBeUndefined();
});

test('of another machine nothing is known, so its lock is left alone and named', async () => {
  const tag = '123-0123abcd-0123abcd';
  mkdirSync(join(at('.'), 'lock'));
  writeFileSync(
    join(at('.'), 'lock', tag),
    JSON.stringify({ pid: 123, host: 'elsewhere', since: '2026-01-01' }),
  );
  await expect(takeLock(at('.'))).rejects.toThrow(/locked by pid 123 on "elsewhere".*delete that folder/);
  expect(readdirSync(at('lock'))).toEqual([tag]);
});

test.each(['{bad', '\0'.repeat(60), '', '{"pid":"x"}', 'null'])(
  'a lock whose owner cannot be read (%j) is left alone, with what to do, while its owner may be alive',
  async (text) => {
    const path = join(at('.'), 'lock');
    mkdirSync(path);
    for (const tag of ['123-0123abcd-0123abcd', ownTag()]) {
      writeFileSync(join(path, tag), text);
      const expected = {
        name: 'UserError',
        exitCode: 2,
        message: expect.stringMatching(`"${tag}" in it is damaged.*delete that folder`),
      };
      await expect(takeLock(at('.'))).rejects.toMatchObject(expected);
      await expect(lockOwner(at('.'))).rejects.toMatchObject(expected);
      expect(readdirSync(at('.'))).toEqual(['lock']);
      expect(readdirSync(path)).toEqual([tag]);
      rmSync(join(path, tag));
    }
    writeFileSync(join(path, ownTag().replace(/-[0-9a-f]{8}-/, '-00000000-')), text);
    expect(await lockOwner(at('.'))).toBeUndefined();
    await (await takeLock(at('.'))).release();
    expect(readdirSync(at('.'))).toEqual([]);
  },
);

test('a tag is that of one process: a later one of the same number, or a dead one, leaves its files behind', async () => {
  const [pid, began, host] = ownTag().split('-');
  expect(isLeftBehind(`.a.json.${ownTag()}-7.tmp`)).toBe(false);
  expect(isLeftBehind(`.a.json.${pid}-00000000-${host}-7.tmp`)).toBe(true);
  expect(isLeftBehind(`score-12ab-${pid}-${began}-00000000`)).toBe(false);
  expect(isLeftBehind('a.json')).toBe(false);
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  expect(isLeftBehind(`${child.pid}-${began}-${host}`)).toBe(true);
});
