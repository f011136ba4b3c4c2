/** A disk that is full: told with its place and exit 4, nothing cut short is taken for whole, and once there is room the run goes on to the same result. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import { noisy } from '../support/clips.ts';
import { useCompiled } from '../support/compiled.ts';
import { mountDisk } from '../support/full-disk.ts';
import { digestOf, runToy, strays, toyRun } from '../support/toy.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
useCompiled(toyRun);
const folder = mkdtempSync(join(tmpdir(), 'masque-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const trial = mountDisk(folder, 64);
trial?.unmount();
if (!trial) process.stderr.write('skipped: really full disks, because nothing may be mounted here\n');

/** Sizes from the least until one is enough. */
function* sizes(first: number, step: number): Generator<number> {
  for (let kib = first; kib < 4096; kib += step) yield kib;
  throw new Error('no size was enough');
}

test.skipIf(!trial)('a run on disks from too small to large enough', { timeout: 900_000 }, async () => {
  const shape = { items: 20, bytes: 9000 };
  const reference = join(folder, 'reference');
  expect(await runToy(reference, shape)).toMatchObject({ code: 0 });
  let full = 0;
  for (const kib of sizes(night ? 64 : 128, night ? 16 : 128)) {
    const disk = mountDisk(folder, kib)!;
    try {
      const results = join(disk.path, 'results');
      const { code, told } = await runToy(results, shape);
      if (code === 0) break;
      full++;
      expect(code, told).toBe(4);
      expect(told).toContain(`E_DISK_FULL ${results}`);
      expect(told).not.toMatch(/^ +at /m);
      disk.enlarge();
      expect(await runToy(results, shape)).toMatchObject({ code: 0 });
      expect(digestOf(results), `${kib} KiB`).toBe(digestOf(reference));
      expect(strays(results)).toEqual([]);
    } finally {
      disk.unmount();
    }
  }
  expect(full).toBeGreaterThan(1);
  console.log(`${full} sizes were too small`);
});

test.skipIf(!trial)(
  'a clip encoded onto disks from too small to large enough is whole or not there',
  { timeout: 600_000 },
  async () => {
    const frames = Array.from({ length: 25 }, (_, i) => noisy(`${i}`, 96, 64, 40));
    const size = { width: 96, height: 64, fps: 25 };
    let full = 0;
    for (const kib of sizes(8, night ? 4 : 32)) {
      const disk = mountDisk(folder, kib)!;
      try {
        const path = join(disk.path, 'clip.mp4');
        const media = await encodeClip(path, { frames, ...size }).catch((error: unknown) => {
          expect(error).toMatchObject({ name: 'UserError', exitCode: 4 });
        });
        expect(readdirSync(disk.path)).toEqual(media ? ['clip.mp4'] : []);
        if (media) {
          expect(media.video?.frameCount).toBe(25);
          break;
        }
        full++;
      } finally {
        disk.unmount();
      }
    }
    expect(full).toBeGreaterThan(0);
  },
);
