/** Programs started by the launcher: their pipes, their ends, and that they end with whoever asked for them. Linux. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launch } from '../../src/media/launch.ts';
import { ownTag } from '../../src/process-tag.ts';

const run = (script: string) => launch('/bin/sh', ['-c', script], { GREETING: 'hello' });
const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test('reads two pipes, writes two, has the environment given and no other', async () => {
  const { stdio, exited, forget } = await run(
    'read a; read b <&3; echo "$GREETING $a $b $HOME"; echo oh >&2; exit 3',
  );
  const [stdin, stdout, stderr, extra] = stdio;
  stdin.end('one\n');
  extra.end('two\n');
  expect(await Promise.all([textOf(stdout), textOf(stderr), exited])).toEqual([
    'hello one two \n',
    'oh\n',
    { code: 3, signal: null },
  ]);
  forget();
});

test('the fourth pipe waits for what comes late, as the first does', async () => {
  const { stdio, exited, forget } = await run('read b <&3; read a; echo "$a $b"');
  const [stdin, stdout, , extra] = stdio;
  setTimeout(() => extra.end('two\n'), 300);
  setTimeout(() => stdin.end('one\n'), 600);
  expect(await Promise.all([textOf(stdout), exited])).toEqual(['one two\n', { code: 0, signal: null }]);
  forget();
});

test('many at once keep their pipes apart, and carry more than a pipe holds', async () => {
  const texts = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const { stdio, exited } = await run('cat');
      const text = String(i).repeat(300_000);
      stdio[0].end(text);
      const back = await textOf(stdio[1]);
      expect((await exited).code).toBe(0);
      return back === text;
    }),
  );
  expect(texts.every(Boolean)).toBe(true);
});

test('what is not there, or cannot be asked for, is an error of that start alone', async () => {
  const missing = await launch('/no/such/program', [], {});
  expect(await missing.exited).toMatchObject({ error: expect.stringContaining('ENOENT') });
  const impossible = await launch('/bin/echo', ['a\0b'], {});
  expect(await impossible.exited).toMatchObject({ error: expect.stringContaining('null bytes') });
  expect(await textOf((await run('echo well')).stdio[1])).toBe('well\n');
});

test('a kill takes the program and its children, also before it has begun', async () => {
  const { exited, kill } = await run('/bin/sleep 7311 & /bin/sleep 7311');
  kill();
  expect(await exited).toMatchObject({ signal: 'SIGKILL' });
  await expect.poll(() => sleepers('7311')).toBe(0);
  const orphaned = await run('/bin/sleep 7312 & exit 0');
  expect((await orphaned.exited).code).toBe(0);
  orphaned.kill();
  await expect.poll(() => sleepers('7312')).toBe(0);
});

test('signals to the whole group do not end the launcher', async () => {
  const { stdio, exited } = await run('read word; echo "$word"');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(launchers()[0]!, signal);
  stdio[0].end('still here\n');
  expect(await textOf(stdio[1])).toBe('still here\n');
  expect((await exited).code).toBe(0);
});

test('a kill after the end is none', async () => {
  const { exited, kill, forget } = await run('exit 0');
  expect((await exited).code).toBe(0);
  forget();
  kill();
  expect(await textOf((await run('echo next')).stdio[1])).toBe('next\n');
});

test('when no connection can be made, the start fails and the next one succeeds', async () => {
  await (await run('exit 0')).exited;
  for (const { words } of commandLines().filter(({ pid }) => launchers().includes(pid)))
    rmSync(words.find((word) => word.endsWith('/socket'))!);
  expect(await (await run('echo lost')).exited).toMatchObject({
    error: expect.stringContaining('has ended'),
  });
  expect(await textOf((await run('echo found')).stdio[1])).toBe('found\n');
});

test('its folder says whose it is, and folders of processes that are gone are removed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'masque-tmp-'));
  const [, began, host] = ownTag().split('-');
  const gone = `masque-launch-4194305-${began}-${host}-abcdef`;
  const others = [`masque-launch-${ownTag()}-abcdef`, `other-4194305-${began}-${host}`];
  for (const name of [gone, ...others]) mkdirSync(join(folder, name));
  const code = `const { launch } = await import('${new URL('../../src/media/launch.ts', import.meta.url).href}');
    const { ownTag } = await import('${new URL('../../src/process-tag.ts', import.meta.url).href}');
    const { exited } = await launch('/bin/true', [], {}); await exited;
    const names = (await import('node:fs')).readdirSync(process.env.TMPDIR);
    process.exitCode = names.some((name) => name.startsWith('masque-launch-' + ownTag() + '-')) ? 5 : 6;`;
  const ended = await new Promise<number>((resolve) => {
    const args = ['--import', 'tsx', '--input-type=module', '-e', code];
    execFile(process.execPath, args, { env: { ...process.env, TMPDIR: folder } }, (error) =>
      resolve(Number(error?.code ?? 0)),
    );
  });
  const left = [gone, ...others].filter((name) => existsSync(join(folder, name)));
  rmSync(folder, { recursive: true });
  expect([ended, left]).toEqual([5, others]);
});

test('where the path of temporary files is too long for a socket, another place is found', async () => {
  const long = mkdtempSync(join(tmpdir(), 'x'.repeat(90)));
  const code = `const { launch } = await import('${new URL('../../src/media/launch.ts', import.meta.url).href}');
    const { exited } = await launch('/bin/sh', ['-c', 'exit 5'], {}); process.exitCode = (await exited).code;`;
  const ended = await new Promise<number>((resolve) => {
    const args = ['--import', 'tsx', '--input-type=module', '-e', code];
    execFile(process.execPath, args, { env: { ...process.env, TMPDIR: long } }, (error) =>
      resolve(Number(error?.code ?? 0)),
    );
  });
  rmSync(long, { recursive: true });
  expect(ended).toBe(5);
});

test('when the launcher is killed, what it ran is said to be lost, and the next start finds a new one', async () => {
  const { exited } = await run('read forever');
  process.kill(launchers()[0]!, 'SIGKILL');
  expect(await exited).toMatchObject({ error: expect.stringContaining('has ended') });
  expect(await textOf((await run('echo again')).stdio[1])).toBe('again\n');
});

test('when the process that asked is killed, so is what it ran, and nothing keeps one that is done alive', async () => {
  const ask = (then: string) =>
    new Promise<string>((resolve) => {
      const code = `const { launch } = await import('${new URL('../../src/media/launch.ts', import.meta.url).href}');
        const { exited } = await launch('/bin/sleep', ['4321'], {}); ${then}`;
      execFile(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], (error) =>
        resolve(String(error?.signal ?? error?.code ?? 'done')),
      );
    });
  expect(await ask("setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300);")).toBe('SIGKILL');
  await expect.poll(() => sleepers('4321')).toBe(0);
  expect(await ask('void exited; process.exit(0);')).toBe('done');
  await expect.poll(() => sleepers('4321')).toBe(0);
});

function commandLines(): { pid: number; words: string[]; parent: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
        return [{ pid: Number(pid), words, parent }];
      } catch {
        return [];
      }
    });
}
const sleepers = (seconds: string): number =>
  commandLines().filter(({ words }) => words[0] === '/bin/sleep' && words[1] === seconds).length;
const launchers = (): number[] =>
  commandLines().flatMap(({ pid, words, parent }) =>
    parent === process.pid && words.some((word) => word.endsWith('launcher-entry.mjs')) ? [pid] : [],
  );
