/** An ffmpeg that does what no ffmpeg should: scripts under its name, first on PATH; in a sandbox and without. */
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { ffmpegVersion, mediaTools } from '../../src/media/tools.ts';
import { probe } from '../../src/media/probe.ts';
import { reencodeClip } from '../../src/media/reencode.ts';
import { goldenPath } from '../golden/make.ts';
import {
  all,
  childrenNamed,
  linkSandbox,
  movingFrames,
  processesRunning,
  programFor,
  useSystemFfmpeg,
  workFolder,
} from './tools.ts';

const at = workFolder();
useSystemFfmpeg();
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

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'success',
    (error: Error) => error.message,
  );

describe.each(['a sandbox', 'none'])('in %s', (where) => {
  const ready = async (script: string, skip: () => void): Promise<void> => {
    if (where !== 'none') {
      programFor('bwrap', skip);
      await linkSandbox(at('.'));
    }
    await install(script);
    expect('bwrap' in (await mediaTools()).sandbox).toBe(where !== 'none');
  };

  test.for([
    { what: 'crashes', script: 'kill -SEGV $$', cause: /killed by SIGSEGV/ },
    { what: 'says nothing and succeeds', script: 'exit 0', cause: /./ },
    { what: 'fails without a word', script: 'exit 7', cause: /exit code 7/ },
    {
      what: 'succeeds but complains',
      script: 'echo "something is wrong" >&2; exit 0',
      cause: /something is wrong/,
    },
    {
      what: 'complains without end',
      script: '/usr/bin/head -c 100000000 /dev/zero | /usr/bin/tr "\\0" x >&2; exit 1',
      cause: /xxxx/,
    },
    { what: 'writes rubbish', script: 'printf rubbish; exit 0', cause: /./ },
    { what: 'leaves a child', script: '/bin/sleep 7414 >/dev/null 2>&1 & exit 7', cause: /exit code 7/ },
  ])('an ffmpeg that $what is an error in every use', async ({ script, cause }, { skip }) => {
    await ready(script, skip);
    const before = process.memoryUsage.rss();
    for (const [use, run] of everyUse) {
      const outcome = await messageOf(run());
      expect(outcome, use).toContain(use === 'encode' ? at('') : at('clip.mp4'));
      expect(outcome, use).toMatch(cause);
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
    await expect.poll(() => processesRunning('/bin/sleep', '7414')).toBe(0);
  });

  test('an ffmpeg that writes without end is ended, whatever it writes', async ({ skip }) => {
    await ready('exec /usr/bin/yes', skip);
    const before = process.memoryUsage.rss();
    expect(await messageOf(all(decodeFrames(at('clip.mp4'))))).toContain('what ffmpeg writes is no picture');
    const media = {
      path: at('clip.mp4'),
      sha256: '',
      video: { fps: 25, width: 96, height: 64, frameCount: 9 },
    };
    expect(await messageOf(reencodeClip(at('again.mp4'), media))).toContain('says more than');
    expect(await messageOf(decodeAudio(at('clip.mp4'), 8000, { seconds: 1 }))).toContain(
      'longer than 1800 s',
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
    await expect.poll(() => childrenNamed('yes')).toBe(0);
  });

  test.for([
    ['hangs', 'exec /bin/sleep 1000'],
    [
      'hangs and minds no signal that can be minded',
      'trap "" TERM INT HUP; while :; do /bin/sleep 1000; done',
    ],
    ['leaves a child that holds its pipes', '/bin/sleep 1000 & exit 0'],
  ] as const)('an ffmpeg that %s is ended, with all its children', async ([what, script], { skip }) => {
    await ready(script, skip);
    for (const [use, run] of everyUse.slice(1, 3)) {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const outcome = messageOf(run());
      await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { interval: 5, timeout: 20_000 });
      await vi.advanceTimersByTimeAsync(61_000);
      vi.useRealTimers();
      // In bubblewrap children go with whoever started them, and nothing is to be waited for.
      const waits = where === 'none' || !what.startsWith('leaves');
      expect(await outcome, use).toContain(waits ? 'longer than 60 s' : at('clip.mp4'));
      await expect.poll(() => childrenNamed('sleep')).toBe(0);
    }
  });
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
