/** What ffmpeg is shut into: what a program inside cannot do, that it could outside, and what happens where there is no sandbox. */
import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { limits } from '../../src/media/formats.ts';
import { probe } from '../../src/media/probe.ts';
import { startProgram, textOf } from '../../src/media/program.ts';
import { confine, findOnPath, type Sandbox } from '../../src/media/sandbox.ts';
import { mediaTools } from '../../src/media/tools.ts';
import { goldenPath } from '../golden/make.ts';
import { linkSandbox, programFor, withEachFfmpeg, workFolder } from './tools.ts';

const at = workFolder();
const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

/** What `script` says when it is run by bash (`--norc`: a socket as input has it read a profile), given a file to read and one to write. @throws where it fails. */
async function run(sandbox: Sandbox, script: string, wrapper: string[] = []): Promise<string> {
  const files = ['-i', `file:${at('data/input')}`, `file:${at('out/output')}`];
  const [binary, args] = confine(sandbox, '/bin/bash', ['--norc', '-c', script, 'bash', ...files]);
  const [first, ...rest] = [...wrapper, binary, ...args];
  const running = await startProgram(first!, rest);
  running.stdin.end();
  const said = await textOf(running.stdout, 1 << 16);
  expect(await running.ended).toEqual({ code: 0, stderr: '' });
  return said;
}

describe.each([
  ['as it is', []],
  ['by nobody in particular', ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']],
] as const)('bubblewrap, started %s', (who, wrapper) => {
  test('a program in it is denied what it can do outside', async ({ skip }) => {
    const bwrap = programFor('bwrap', skip);
    if (wrapper.length > 0 && process.getuid?.() !== 0) {
      console.warn(`SKIPPED: bubblewrap ${who}, because only root becomes somebody else`);
      skip();
    }
    for (const folder of ['data', 'out']) await mkdir(at(folder));
    for (const name of ['data/input', 'data/secret']) await writeFile(at(name), 'content');
    for (const folder of ['.', 'data']) await chmod(at(folder), 0o755);
    await chmod(at('out'), 0o777);
    const server = createServer((connection) => connection.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const deeds: Record<string, string> = {
      'reaches a server': `exec 3<>/dev/tcp/127.0.0.1/${port}`,
      'reads /etc': 'read -r line < /etc/passwd',
      'finds homes': `ls -d ${homedir()}`,
      'reads beside its input': `cat '${at('data/secret')}'`,
      'finds this process': `kill -0 ${process.pid} || [ -d /proc/${process.pid} ]`,
      'writes elsewhere': `: > /tmp/masque-canary-${process.pid}`,
      'reads its input': `cat '${at('data/input')}'`,
      'writes its output': `: > '${at('out/output')}'`,
    };
    const script = Object.entries(deeds)
      .map(([deed, how]) => `(${how}) >/dev/null 2>&1 && echo "${deed}"`)
      .join('\n');
    process.env['MASQUE_CANARY'] = 'secret';
    try {
      const outside = await run({}, `${script}\nexit 0`, [...wrapper]);
      expect(outside.trim().split('\n')).toEqual(Object.keys(deeds));
      const inside = await run({ bwrap }, `${script}\nexit 0`, [...wrapper]);
      expect(inside.trim().split('\n')).toEqual(['reads its input', 'writes its output']);
      expect(await run({ bwrap }, 'env', [...wrapper])).not.toContain('secret');
    } finally {
      delete process.env['MASQUE_CANARY'];
      await rm(`/tmp/masque-canary-${process.pid}`, { force: true });
      server.close();
    }
  });
});

test('limits that the kernel keeps: each as stated, and a file of one byte more cannot be made', async ({
  skip,
}) => {
  const prlimit = programFor('prlimit', skip);
  for (const folder of ['data', 'out']) await mkdir(at(folder));
  await writeFile(at('data/input'), '');
  const told = await run({ prlimit }, `${prlimit} --noheadings --raw --output=RESOURCE,SOFT,HARD`);
  const kept = Object.fromEntries(
    told
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name, ...both]) => [name, both.map(Number)]),
  );
  const twice = (most: number): number[] => [most, most];
  expect(kept).toMatchObject({
    AS: twice(limits.memoryBytes),
    CPU: twice(limits.cpuSeconds),
    FSIZE: twice(limits.bytes),
    NOFILE: twice(64),
    CORE: twice(0),
  });
  const grow = `exec 2>/dev/null; cd '${at('out')}'; truncate -s ${limits.bytes} whole; truncate -s ${limits.bytes + 1} more; exit 0`;
  await run({ prlimit }, grow);
  expect((await stat(at('out/whole'))).size).toBe(limits.bytes);
  expect((await stat(at('out/more'))).size).toBe(0);
});

withEachFfmpeg('sandbox', () => {
  test('both parts are used where both are there', async ({ skip }) => {
    const parts = { bwrap: programFor('bwrap', skip), prlimit: programFor('prlimit', skip) };
    const { sandbox, missing } = await mediaTools();
    expect(missing).toEqual([]);
    expect(Object.keys(sandbox)).toEqual(Object.keys(parts));
    expect((await probe(goldenPath('clip.mp4'))).video?.frameCount).toBe(25);
  });
});

test.each(['nothing', 'bwrap', 'prlimit'])(
  'where %s is there, nothing else is used, and it is said',
  async (only) => {
    for (const name of ['ffmpeg', 'ffprobe', only]) {
      const program = findOnPath(path ?? '', name);
      if (program) await symlink(program, at(name));
    }
    process.env['PATH'] = at('.');
    const { sandbox, missing } = await mediaTools();
    expect(Object.keys(sandbox)).toEqual((await readdir(at('.'))).filter((name) => !name.startsWith('ff')));
    expect(missing).toEqual(
      ['bwrap', 'prlimit'].filter((name) => !(name in sandbox)).map((name) => `${name} is not on PATH`),
    );
    expect((await probe(goldenPath('clip.mp4'))).video?.frameCount).toBe(25);
  },
);

test('a bubblewrap that may do nothing is passed over, with its own words', async () => {
  await linkSandbox(at('.'));
  await rm(at('bwrap'), { force: true });
  await writeFile(
    at('bwrap'),
    '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
  );
  await chmod(at('bwrap'), 0o755);
  process.env['PATH'] = at('.');
  const { sandbox, missing } = await mediaTools();
  expect(sandbox.bwrap).toBeUndefined();
  expect(missing).toContainEqual(
    expect.stringMatching(/^bwrap does not work here \(.*No permissions to create new namespace\)$/),
  );
  expect((await probe(goldenPath('clip.mp4'))).video?.frameCount).toBe(25);
});
