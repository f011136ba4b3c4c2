/** A small picture that shows whether it is blurred. */
import { rm, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeJpeg } from '../../src/media/images.ts';
import { paint } from './clips.ts';

/** A JPEG of 320 × 180: a bright disc on a ground that darkens. */
export async function encodeJpeg(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'masque-picture-'));
  const picture = paint(320, 180, (x, y) =>
    Math.hypot(x - 160, y - 80) < 50 ? [217, 169, 138] : [x / 3, 90, 180 - y],
  );
  const path = join(folder, 'picture.jpg');
  await writeJpeg(path, picture);
  const bytes = await readFile(path);
  await rm(folder, { recursive: true });
  return bytes;
}
