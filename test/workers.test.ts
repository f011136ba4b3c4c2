/** What comes out of a run does not depend on how many workers did it, perturbed clips and drawn noise included. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'masque-workers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = join(folder, 'workers.yaml');
writeFileSync(
  config,
  `name: workers
dataset:
  name: talking-heads
  identities: { train: 2, validation: 1, test: 2 }
  clipsPerIdentity: 3
  fitClips: 1
  framesPerClip: 38
  extraVoices: 0
generators:
  - name: recomposite
  - name: self-blend
detectors:
  - name: random
  - name: spectrum
  - name: background-only
perturbations:
  - { name: deeperforensics-fixed, distortions: [BW, GNC], mixes: [2] }
  - { name: sound-noise }
`,
);

async function run(workers: number): Promise<{ dir: string; computed: number; failed: number }> {
  const results = join(folder, String(workers));
  const command = ['experiments/masque.mjs', 'experiment', config, '--json', '--results', results];
  const { stdout } = await promisify(execFile)(process.execPath, [...command, '--workers', String(workers)], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as { dir: string; computed: number; failed: number };
}

/** Two whole runs take minutes. By day, contracts hold that what is made does not depend on the order of work. */
const night = process.env['MASQUE_TESTS'] === 'night';
if (!night) process.stderr.write('skipped until npm run test:night: one worker against four\n');

test.runIf(night)(
  'with one worker and with four, the same scores to the last byte',
  async () => {
    const [one, four] = [await run(1), await run(4)];
    expect(one.failed).toBe(0);
    expect(four.computed).toBe(one.computed);
    for (const file of ['outcomes.csv', 'items.csv', 'failures.csv'])
      expect(readFileSync(resolve(root, one.dir, file))).toEqual(readFileSync(resolve(root, four.dir, file)));
    expect(readFileSync(resolve(root, one.dir, 'outcomes.csv'), 'utf8')).toContain(
      'deeperforensics-fixed/GNC,5',
    );
  },
  600_000,
);
