/** An ffmpeg that does what no ffmpeg should: scripts under its name, first on PATH. */
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { ffmpegVersion } from '../../src/media/tools.ts';
import { probe } from '../../src/media/probe.ts';
import { goldenPath } from '../golden/make.ts';
import { all, childrenNamed, movingFrames, workFolder } from './tools.ts';

const at = workFolder();
const path = process.env['PATH'];
beforeEach(() => copyFile(goldenPath('clip.mp4'), at('clip.mp4')));
afterEach(() => {
  vi.useRealTimers();
  process.env['PATH'] = path;
});

/** Puts an ffmpeg and an ffprobe that run `script` first on PATH; asked for its version it answers. */
async function install(script: string): Promise<void> {
  for (const name of ['ffmpeg', 'ffprobe']) {
    await writeFile(
      at(name),
      `#!/bin/sh\nif [ "$1" = -version ]; then echo "ffmpeg version fake"; exit 0; fi\n${script}\n`,
    );
    await chmod(at(name), 0o755);
  }
  process.env['PATH'] = at('.');
  expect(await ffmpegVersion()).toBe('ffmpeg version fake');
}

const everyUse: [string, () => Promise<unknown>][] = [
  ['probe', () => probe(at('clip.mp4'))],
  ['frames', () => all(decodeFrames(at('clip.mp4')))],
  ['sound', () => decodeAudio(at('clip.mp4'), 16000)],
  ['encode', () => encodeClip(at('new.mp4'), { frames: movingFrames(40), fps: 25, width: 96, height: 64 })],
];

test.each([
  { what: 'crashes', script: 'kill -SEGV $$' },
  { what: 'says nothing and succeeds', script: 'exit 0' },
  { what: 'fails without a word', script: 'exit 7' },
  { what: 'succeeds but complains', script: 'echo "something is wrong" >&2; exit 0' },
  { what: 'talks without end', script: '/usr/bin/head -c 30000000 /dev/zero >&2; exit 1' },
  { what: 'writes rubbish', script: 'printf rubbish; exit 0' },
])('an ffmpeg that $what is an error in every use', async ({ script }) => {
  await install(script);
  for (const [use, run] of everyUse) {
    const outcome = await run().then(
      () => 'success',
      (error: Error) => error.message,
    );
    expect(outcome, use).toContain(use === 'encode' ? at('') : at('clip.mp4'));
  }
});

test.each([
  ['hangs', 'exec /bin/sleep 1000'],
  ['hangs and minds no signal that can be minded', 'trap "" TERM INT HUP; while :; do /bin/sleep 1000; done'],
  ['leaves a child that holds its pipes', '/bin/sleep 1000 & exit 0'],
])('an ffmpeg that %s is killed, with all its children', async (_, script) => {
  await install(script);
  for (const [use, run] of everyUse.slice(1, 3)) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const outcome = run().then(
      () => 'success',
      (error: Error) => error.message,
    );
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { interval: 5 });
    await vi.advanceTimersByTimeAsync(61_000);
    vi.useRealTimers();
    expect(await outcome, use).toContain('longer than 60 s');
    await expect.poll(() => childrenNamed('sleep')).toBe(0);
  }
});

test('an ffmpeg that cannot start is a matter of the machine', async () => {
  for (const name of ['ffmpeg', 'ffprobe']) {
    await writeFile(at(name), '#!/no/such/interpreter\n');
    await chmod(at(name), 0o755);
  }
  process.env['PATH'] = at('.');
  await expect(ffmpegVersion()).rejects.toMatchObject({ name: 'UserError', exitCode: 4 });
  await expect(probe(at('clip.mp4'))).rejects.toMatchObject({ name: 'UserError', exitCode: 4 });
});
