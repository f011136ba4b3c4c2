/** A process that is killed with its whole group takes the ffmpeg along that it started, and leaves no socket, and no file that is not swept. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sweep } from '../../src/files.ts';
import { mediaTools } from '../../src/media/tools.ts';
import { signalGroup } from '../support/toy.ts';
import { workFolder } from './tools.ts';

const at = workFolder();
const root = resolve(import.meta.dirname, '../..');
const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('skipped: who is left of a killed group; /proc says so on Linux alone\n');

/** Processes among whose arguments is the text. */
function argumentsWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false; // gone meanwhile
      }
    });
}

test.runIf(isLinux)('killed in the middle of an encoding', async () => {
  const { ffmpeg } = await mediaTools();
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=60', '-preset', 'ultrafast'];
  execFileSync(ffmpeg, ['-v', 'error', ...source, '-pix_fmt', 'yuv420p', at('long.mp4')]);
  mkdirSync(at('tmp'));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/support/reencode.ts', at('long.mp4'), at('out.mp4')],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      env: { ...process.env, TMPDIR: at('tmp') },
    },
  );
  await once(child.stdout, 'data');
  // It and its ffmpeg.
  await expect.poll(() => argumentsWith(at('.')).length, { timeout: 60_000 }).toBeGreaterThan(1);
  const begun = (): string[] => readdirSync(at('.')).filter((name) => name.endsWith('-out.mp4'));
  await expect.poll(begun).toHaveLength(1);
  const sockets = (): string[] => readdirSync(at('tmp')).filter((name) => name.startsWith('masque-launch-'));
  expect(sockets()).toHaveLength(1);
  signalGroup(child.pid!, 'SIGKILL');
  await once(child, 'exit');
  await expect.poll(() => argumentsWith(at('.'))).toEqual([]);
  await expect.poll(sockets).toEqual([]);
  // What it was writing is known for its own.
  expect(await sweep(at('.'))).toHaveLength(1);
  expect(begun()).toEqual([]);
});
