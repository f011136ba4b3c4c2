/** fluent-ffmpeg builds arguments and starts nothing: it would ask ffmpeg for its formats and encoders before every clip. */
import type * as childProcess from 'node:child_process';
import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import type * as Launch from '../../src/media/launch.ts';
import { launch } from '../../src/media/launch.ts';
import { probe } from '../../src/media/probe.ts';
import { reencodeClip } from '../../src/media/reencode.ts';
import { mediaTools } from '../../src/media/tools.ts';
import { goldenPath } from '../golden/make.ts';
import { all, movingFrames, workFolder } from './tools.ts';

vi.mock('../../src/media/launch.ts', async (original) => {
  const real = await original<typeof Launch>();
  return { ...real, launch: vi.fn(real.launch) };
});
const at = workFolder();
const require = createRequire(import.meta.url);

test('a clip costs as many starts as there are steps, and none that asks what ffmpeg can do', async () => {
  const { ffmpeg, ffprobe } = await mediaTools();
  const ways = ['spawn', 'exec', 'execFile'] as const;
  const others = ways.map((name) => vi.spyOn(require('node:child_process') as typeof childProcess, name));
  vi.mocked(launch).mockClear();
  const startsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    await work();
    const calls = vi
      .mocked(launch)
      .mock.calls.splice(0)
      .map(([binary, args]) => [binary, ...args]);
    for (const words of calls)
      for (const asked of ['-formats', '-encoders', '-codecs', '-filters', '-version'])
        expect(words).not.toContain(asked);
    return calls.map((words) =>
      words.includes(ffprobe) ? 'ffprobe' : words.includes(ffmpeg) ? 'ffmpeg' : 'other',
    );
  };
  const clip = goldenPath('clip.mp4');
  const media = await probe(clip);
  vi.mocked(launch).mockClear();
  for (let clips = 0; clips < 2; clips++) {
    expect(await startsOf(() => probe(clip))).toEqual(['ffprobe', 'ffprobe']);
    expect(await startsOf(() => all(decodeFrames(clip)))).toEqual(['ffmpeg']);
    expect(await startsOf(() => decodeAudio(clip, 16000))).toEqual(['ffmpeg']);
    expect(await startsOf(() => reencodeClip(at(`${clips}.mp4`), media))).toEqual(['ffmpeg', 'ffprobe']);
    const content = { frames: movingFrames(3), fps: 25, width: 96, height: 64 };
    expect(await startsOf(() => encodeClip(at(`new-${clips}.mp4`), content))).toEqual(['ffmpeg', 'ffprobe']);
  }
  for (const other of others) expect(other).not.toHaveBeenCalled();
});
