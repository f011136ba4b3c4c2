/** Files that cannot be hashed: what is about the file alone leaves it without a hash, what is about the machine is thrown; no job is ever given a hash that is none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deepfakebench } from '../../datasets/deepfakebench.ts';
import { machineTrouble } from '../../src/errors.ts';
import { probed } from '../../src/listed/probed.ts';
import { reasonOf } from '../../src/listed/reason.ts';
import { findOnPath } from '../../src/media/sandbox.ts';
import type { Context, FileRef } from '../../src/types.ts';
import { all, workFolder } from '../media/tools.ts';
import { directContext } from '../support/context.ts';
import { writeTree } from '../support/listed.ts';

const at = workFolder();
const limited = test.skipIf(!findOnPath(process.env['PATH'] ?? '', 'prlimit'));

/** Does `work` while this process may have no file open of a number from `most` on. */
async function withFiles<Value>(most: number, work: () => Promise<Value>): Promise<Value> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const [, before] = /Max open files +(\d+)/.exec(limits)!;
  const set = (soft: string): string => `prlimit --pid ${process.pid} --nofile=${soft}:`;
  // It is started before, because it takes files itself.
  const shell = spawn('sh', ['-c', `${set(String(most))} && echo set && read _; ${set(before!)}`]);
  await once(shell.stdout, 'data');
  try {
    return await work();
  } finally {
    shell.stdin.end('\n');
    await once(shell, 'exit');
  }
}

/** Gives back what every job is asked. */
function asking(): { context: Context; asked: unknown[] } {
  const asked: unknown[] = [];
  const context = directContext(at('.'));
  return {
    asked,
    context: { ...context, run: (_, input) => (asked.push(input), Promise.resolve({} as never)) },
  };
}

limited('where no more files can be opened the error is thrown, with the file', async () => {
  await writeFile(at('a.mp4'), 'a');
  const { context, asked } = asking();
  const error = await withFiles(3, () => probed(at('a.mp4'), context).catch((thrown: unknown) => thrown));
  expect(machineTrouble(error)?.message).toMatch(new RegExp(`^E_TOO_MANY_FILES ${at('a.mp4')}: `));
  expect(asked).toEqual([]);
});

limited('of six hundred pictures a few are open at once, and each has its hash', async () => {
  const frames = Array.from({ length: 600 }, (_, i) => `frames/000/${i}.png`);
  const label = 'FF-real';
  await writeTree(at('set'), {
    'FaceForensics++.json': JSON.stringify({
      X: { [label]: { test: { c23: { '000': { label, frames } } } } },
    }),
    ...Object.fromEntries(frames.map((frame) => [frame, frame])),
  });
  const { context, asked } = asking();
  const chosen = deepfakebench.options.parse({ path: at('set'), splits: ['test'] });
  const open = (await readdir('/proc/self/fd')).map(Number);
  await withFiles(Math.max(...open) + 60, () => all(deepfakebench.clips(chosen, context)));
  const [{ pictures }] = asked as [{ pictures: FileRef[] }];
  expect(pictures.map(({ path }) => path)).toEqual(frames.map((frame) => join(at('set'), frame)));
  expect(new Set(pictures.map(({ sha256 }) => sha256)).size).toBe(600);
  for (const { sha256 } of pictures) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});

test('a file that is not there, or is none, or that its disk cannot read, goes into no job, and the reason is kept', async () => {
  await mkdir(at('folder.mp4'));
  // Reading it fails as on a broken disk: nothing lies at address 0.
  await symlink('/proc/self/mem', at('broken.mp4'));
  const { context, asked } = asking();
  for (const [name, code, cause] of [
    ['none.mp4', 'E_MEDIA_MISSING', 'ENOENT'],
    ['folder.mp4', 'E_MEDIA_UNREADABLE', 'EISDIR'],
    ...(process.platform === 'linux' ? [['broken.mp4', 'E_MEDIA_UNREADABLE', 'EIO']] : []),
  ] as const) {
    const media = await probed(at(name!), context);
    expect(media).toEqual({ path: at(name!), sha256: '' });
    const message = expect.stringMatching(`^${at(name!)}: it cannot be read \\(${cause}: `);
    expect(reasonOf(media)).toMatchObject({ code, message });
  }
  expect(asked).toEqual([]);
});
