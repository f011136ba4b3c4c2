import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scoreClip } from '../../src/pipeline/score.job.ts';
import type { Clip, Work } from '../../src/types.ts';
import { describeClip } from '../support/clips.ts';

/** Writes down what it is shown. */
const nosy = `import { writeFileSync } from 'node:fs';
export const nosy = {
  name: 'nosy',
  load: async (_model, file) => ({ score: async ({ clip }) => { writeFileSync(file, JSON.stringify(clip)); return 1; } }),
};`;

test('a detector is told nothing of where a clip comes from, but its id', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-score-'));
  const [path, shown] = [join(folder, 'nosy.mjs'), join(folder, 'shown.json')];
  await writeFile(path, nosy);
  const clip: Clip = {
    ...describeClip('puppetry@cpu-96/a', []),
    labels: { video: 'fake', audio: 'real', pairing: 'fake', spans: [{ start: 0, end: 1 }] },
    sources: ['a', 'b'],
    origin: 'puppetry@cpu-96',
    driving: 'other-person',
    licence: 'synthetic',
    likenessConsent: { basis: 'signed', scope: 'all' },
    track: { path: 'track', sha256: 'track' },
  };
  const code = { path, sha256: 'nosy' };
  const asked = { code, name: 'nosy', options: shown, seed: 1, clip };
  expect(await scoreClip.run(asked, {} as Work)).toEqual({ score: 1 });
  const { id, media, split, use, track } = clip;
  const rest = { sources: [], labels: {}, origin: 'unknown', licence: 'unknown' };
  expect(JSON.parse(await readFile(shown, 'utf8'))).toEqual({ id, media, split, use, track, ...rest });
  await rm(folder, { recursive: true });
});
