/** Previews are small pictures, made once, of clips and photos; a sound and a broken file have none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { createPool } from '../../src/queue/pool.ts';
import { previewsBy } from '../../src/screening/http/preview.ts';
import type { Answer } from '../../src/screening/http/schemas.ts';
import { openDoor } from '../support/screening-http.ts';

const pool = createPool(1);
const root = mkdtempSync(join(tmpdir(), 'masque-preview-'));
afterAll(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

test('of a film and a photo there is a small JPEG, of sound and damage none, and reviewers alone are given it', async () => {
  const broken = join(root, 'broken.mp4');
  writeFileSync(broken, 'F');
  const files = [
    resolve('test/golden/clip.mp4'),
    resolve('test/golden/photo.jpg'),
    resolve('test/golden/tone.wav'),
    broken,
  ];
  const asked: string[] = [];
  const preview = previewsBy(pool, root, (sha256) => {
    asked.push(sha256);
    return files[asked.length - 1]!;
  });
  const door = await openDoor({ beside: { preview } });
  const status: number[] = [];
  for (const content of ['F film', 'F photo', 'F sound', 'F broken']) {
    const { requestId } = (await (await door.upload('ann', content)).json()) as Answer<'Accepted'>;
    const { quarantineId } = (await (
      await door.ask('rita', `/v1/media/${requestId}`)
    ).json()) as Answer<'Media'>;
    const path = `/v1/quarantine/${quarantineId}/preview`;
    expect((await door.ask('ann', path)).status).toBe(403);
    const response = await door.ask('rita', path);
    status.push(response.status);
    if (response.status !== 200) continue;
    expect(response.headers.get('Content-Type')).toBe('image/jpeg');
    const { format, width, height } = await sharp(await response.arrayBuffer()).metadata();
    expect(format).toBe('jpeg');
    expect(Math.max(width, height)).toBeLessThanOrEqual(480);
    expect((await door.ask('rita', path)).status).toBe(200);
  }
  expect(status).toEqual([200, 200, 404, 404]);
  expect(asked).toHaveLength(4);
  await door.end();
});
