/** A disk that is really full while ffmpeg writes: nothing is left of what it wrote, and the cause is named. By night at every size of the disk. */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import { requireSuccess } from '../../src/media/failure.ts';
import { addInput, command, runFfmpeg } from '../../src/media/ffmpeg.ts';
import { inputFile } from '../../src/media/formats.ts';
import { writeWhole } from '../../src/media/mp4.ts';
import { readBack } from '../../src/media/probe.ts';
import type { Media } from '../../src/types.ts';
import { noisy } from '../support/clips.ts';
import { withEachFfmpeg, workFolder } from './tools.ts';

const stepKib = process.env['MASQUE_TESTS'] === 'night' ? 4 : 40;
const frames = Array.from({ length: 40 }, (_, i) => noisy(`${i}`, 96, 64, 40));

withEachFfmpeg('full disk', () => {
  const at = workFolder();
  const encode = (path: string): Promise<Media> =>
    encodeClip(path, { frames, fps: 25, width: 96, height: 64 });
  const ways: Record<string, (path: string) => Promise<Media>> = {
    'clip.mp4': encode,
    // Of Matroska ffmpeg says that all went well.
    'clip.mkv': (path) =>
      writeWhole(path, async (temporary) => {
        const task = addInput(command(), await inputFile(at('whole.mp4'))).outputOptions('-c', 'copy');
        requireSuccess(path, await runFfmpeg(task.outputFormat('matroska').output(`file:${temporary}`)));
        return readBack(temporary);
      }),
  };

  test.for(Object.keys(ways))('%s', { timeout: 600_000 }, async (name, { skip }) => {
    await encode(at('whole.mp4'));
    const neededKib = Math.ceil((await stat(at('whole.mp4'))).size / 1024);
    expect(neededKib).toBeGreaterThan(100);
    await mkdir(at('disk'));
    const mount = (sizeKib: number, ...more: string[]): void =>
      void execFileSync(
        '/bin/mount',
        ['-t', 'tmpfs', '-o', [`size=${sizeKib}k`, ...more].join(), 'tmpfs', at('disk')],
        {
          stdio: 'pipe',
        },
      );
    try {
      mount(8);
    } catch {
      console.warn('SKIPPED: writing onto a really full disk, because nothing may be mounted here');
      skip();
    }
    try {
      for (let sizeKib = 8; sizeKib < neededKib - 8; sizeKib += stepKib) {
        mount(sizeKib, 'remount');
        await expect(ways[name]!(join(at('disk'), name)), `${sizeKib} KiB`).rejects.toMatchObject({
          name: 'UserError',
          exitCode: 4,
          message: expect.stringMatching(/^E_DISK_FULL .*\/disk\/clip\.m/),
        });
        expect(await readdir(at('disk'))).toEqual([]);
      }
      mount(4 * neededKib, 'remount');
      expect((await ways[name]!(join(at('disk'), name))).video?.frameCount).toBe(frames.length);
    } finally {
      execFileSync('/bin/umount', [at('disk')]);
    }
  });
});
