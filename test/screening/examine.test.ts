/** What is found out of a file before anything is concluded: of real small files, in a worker as the service has it. */
import { afterAll, expect, test } from 'vitest';
import { detectorCode } from '../../experiments/catalog.ts';
import { sha256OfFile } from '../../src/files.ts';
import { createPool } from '../../src/queue/pool.ts';
import { type Examined, examineFile, localise, type Member } from '../../src/screening/examine.job.ts';
import { goldenPath } from '../golden/make.ts';
import { ffmpeg, workFolder } from '../media/tools.ts';

const pool = createPool(1);
afterAll(() => pool.close());
const at = workFolder();

async function examine(path: string, members: Member[] = []): Promise<Examined> {
  const file = { path, sha256: await sha256OfFile(path) };
  return (await pool.run(examineFile, { file, members }, at('work'))).output;
}

test('a track beside the first is told of', async () => {
  expect((await examine(goldenPath('clip.mp4'))).hasMoreTracks).toBe(false);
  const film = ['-i', goldenPath('clip.mp4'), '-map', '0', '-map', '0:v', '-c', 'copy'];
  await ffmpeg(...film, at('two.mp4'));
  expect((await examine(at('two.mp4'))).hasMoreTracks).toBe(true);
});

test('a sound of less than a second is judged by nobody, and the picture beside it is', async () => {
  const random = { name: 'random', code: detectorCode('random'), options: {}, seed: 1 };
  const members: Member[] = [
    { ...random, label: 'hears', looksAt: 'sound' },
    { ...random, label: 'sees', looksAt: 'picture' },
  ];
  const saysOf = async (path: string) => {
    const { said, features } = await examine(path, members);
    const says = said.map((one) => ('score' in one ? 'score' : one.code));
    return [says, features.sound !== undefined];
  };
  const sound = ['-t', '0.8', '-i', goldenPath('tone.m4a')];
  const both = ['-i', goldenPath('silent.mp4'), ...sound, '-map', '0', '-map', '1', '-c', 'copy'];
  await ffmpeg(...both, at('short.mp4'));
  expect(await saysOf(at('short.mp4'))).toEqual([['E_NOT_APPLICABLE', 'score'], false]);
  await ffmpeg('-i', goldenPath('tone.wav'), '-t', '0.8', at('short.wav'));
  expect(await saysOf(at('short.wav'))).toEqual([['E_NOT_APPLICABLE', 'E_NOT_APPLICABLE'], false]);
  expect(await saysOf(goldenPath('clip.mp4'))).toEqual([['score', 'score'], true]);
  expect(await saysOf(goldenPath('tone.wav'))).toEqual([['score', 'E_NOT_APPLICABLE'], true]);
});

test('where a score comes from is looked for one patch after the other: little memory for a large film', async () => {
  const large = ['-i', goldenPath('silent.mp4'), '-frames:v', '12', '-vf', 'scale=1920:1080'];
  await ffmpeg(...large, at('large.mp4'));
  const code = { path: new URL('../support/corner-detector.ts', import.meta.url).href, sha256: '' };
  const member: Member = { name: 'corner', code, options: {}, seed: 1, label: 'sees', looksAt: 'picture' };
  const file = { path: at('large.mp4'), sha256: await sha256OfFile(at('large.mp4')) };
  const fresh = createPool(1);
  const { output } = await fresh.run(localise, { file, member }, at('work'));
  expect(output).toHaveLength(6);
  expect(fresh.peakMemoryBytes()).toBeLessThan(0.9e9);
  await fresh.close();
});
