/** Files that would have ffmpeg open another file or ask a server: a canary of each kind, and what the kernel sees. */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ItemError } from '../../src/errors.ts';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { probe } from '../../src/media/probe.ts';
import { reencodeClip } from '../../src/media/reencode.ts';
import { type Vector, writeVectors } from './hostile.ts';
import { all, ffmpeg, meanColour, programFor, withEachFfmpeg, withQuickFfmpeg, workFolder } from './tools.ts';

const at = workFolder();
let vectors: Vector[];
let server: Server;
let hits: number;
beforeEach(async () => {
  hits = 0;
  server = createServer((_, answer) => {
    hits++;
    answer.end('secret');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await mkdir(at('data'));
  const green = ['-f', 'lavfi', '-i', 'color=c=lime:s=96x64:r=25', '-f', 'lavfi', '-i', 'sine=f=880'];
  await ffmpeg(...green, '-frames:v', '33', '-t', '1.32', '-pix_fmt', 'yuv420p', at('canary.mp4'));
  const { port } = server.address() as { port: number };
  vectors = await writeVectors(at('data'), at('canary.mp4'), `http://127.0.0.1:${port}`);
});
afterEach(() => void server.close());

/** Everything that is done with a file; what comes of it is a code, or the pictures. */
async function outcomesOf(path: string): Promise<string[]> {
  const video = { fps: 25, width: 96, height: 64, frameCount: 25 };
  const uses = [
    () => probe(path),
    async () => {
      const frames = await all(decodeFrames(path));
      // The canary is green, and longer.
      for (const frame of frames)
        expect(meanColour(frame, 0, 0, frame.width, frame.height)[1]).toBeLessThan(200);
      expect(frames.length).toBeLessThanOrEqual(25);
    },
    () => decodeAudio(path, 16000),
    () => reencodeClip(at('again.mp4'), { path, sha256: '', video }),
  ];
  const outcomes: string[] = [];
  for (const use of uses)
    outcomes.push(
      await use().then(
        () => 'read',
        (error: ItemError) => {
          expect(error.name, error.stack).toBe('ItemError');
          expect(error.message).toContain(path);
          expect(error.message).not.toContain('secret');
          return error.code;
        },
      ),
    );
  return outcomes;
}

withEachFfmpeg('hostile files', () => {
  test('what points elsewhere is refused in every use, and nothing it points at is read or asked', async () => {
    for (const { name, codes } of vectors) {
      const outcomes = await outcomesOf(at(`data/${name}`));
      // A photo has no sound, whatever it is.
      const refused = outcomes.filter((outcome) => outcome !== 'E_STREAM_MISSING');
      if (codes.length > 0)
        expect(
          refused.filter((code) => !codes.includes(code)),
          name,
        ).toEqual([]);
      else expect(outcomes[0], name).toBe('read');
    }
    expect(hits).toBe(0);
  });
});

withQuickFfmpeg('hostile files, traced', () => {
  test('the kernel is not asked for the canary, for an address, or for a shell', async ({ skip }) => {
    const strace = programFor('strace', skip);
    const source = new URL('../../src/media/', import.meta.url).href;
    const script = `const { probe } = await import('${source}probe.ts');
      const { decodeFrames } = await import('${source}decode.ts');
      for (const path of ${JSON.stringify(vectors.map(({ name }) => at(`data/${name}`)))}) {
        await probe(path).catch(() => {});
        try { for await (const _ of decodeFrames(path)); } catch {}
      }
      process.exit(0);`;
    const traced = [
      '-f',
      '-qq',
      '--seccomp-bpf',
      '-s',
      '500',
      '-e',
      'trace=open,openat,connect,execve,execveat',
    ];
    const program = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    await promisify(execFile)(strace, [...traced, '-o', at('calls'), ...program], { maxBuffer: 1 << 26 });
    const calls = (await readFile(at('calls'), 'utf8')).split('\n');
    const opened = calls.filter((call) => /\bopen(at)?\(/.test(call));
    expect(
      opened.filter((call) => call.includes('silent.mp4') || call.includes('/data/')).length,
    ).toBeGreaterThan(20);
    expect(opened.filter((call) => call.includes(at('canary.mp4')))).toEqual([]);
    expect(calls.filter((call) => /\bconnect\(/.test(call) && !call.includes('AF_UNIX'))).toEqual([]);
    const run = calls.flatMap((call) => /\bexecve(?:at)?\("([^"]*)".* = 0$/.exec(call)?.[1] ?? []);
    const known = new Set(['node', 'esbuild', 'bwrap', 'prlimit', 'ffmpeg', 'ffprobe']);
    expect(run.map((binary) => basename(binary)).filter((name) => !known.has(name))).toEqual([]);
    expect(run.filter((binary) => basename(binary) === 'ffprobe').length).toBeGreaterThan(10);
    expect(hits).toBe(0);
  });
});
