import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { talkingHeads } from '../../datasets/talking-heads/index.ts';
import { selfBlend } from '../../generators/self-blend.ts';
import { landmarksOf, readTrack, writeTrack } from '../../src/head/track.ts';
import { readMask } from '../../src/media/mask.ts';
import type { Clip, Media } from '../../src/types.ts';
import { all } from '../media/tools.ts';
import { directContext } from '../support/context.ts';

let folder: string;
let targets: Clip[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-self-blend-'));
  const options = talkingHeads.options.parse({
    identities: { train: 0, validation: 0, test: 2 },
    clipsPerIdentity: 1,
    fitClips: 0,
    framesPerClip: 38,
    extraVoices: 0,
  });
  const clips = await all(talkingHeads.clips(options, directContext(folder)));
  targets = clips.filter(({ split, use, media }) => split === 'test' && use === 'score' && media.video);
});
afterAll(() => rm(folder, { recursive: true }));

function made(options: object, target: Clip): Promise<Media> {
  const chosen = selfBlend.options.parse(options);
  const context = directContext(folder);
  const [plan] = selfBlend.plan([target], chosen, context);
  return Promise.resolve(selfBlend.make(plan!, undefined, chosen, context));
}

/** Share of landmarks that lie on pixels that were repainted, over all frames; of those of the mouth and of the eyes (iBUG 48 to 67, 36 to 47). */
async function reached(region: 'face' | 'mouth', target: Clip): Promise<{ mouth: number; eyes: number }> {
  const video = target.media.video!;
  const track = await readTrack(target.track!.path);
  const changed = await readMask((await made({ region }, target)).path, video);
  const share = (first: number, last: number): number => {
    let hits = 0;
    for (let t = 0; t < video.frameCount; t++) {
      const points = landmarksOf(track, t);
      for (let landmark = first; landmark <= last; landmark++) {
        const [x, y] = [points[2 * (landmark - 17)]!, points[2 * (landmark - 17) + 1]!];
        hits += changed[(t * video.height + Math.floor(y)) * video.width + Math.floor(x)]!;
      }
    }
    return hits / ((last - first + 1) * video.frameCount);
  };
  return { mouth: share(48, 67), eyes: share(36, 47) };
}

test('the face is blended, or the mouth alone', async () => {
  for (const target of targets) {
    const [face, mouth] = [await reached('face', target), await reached('mouth', target)];
    expect(face.eyes).toBeGreaterThan(0.3);
    expect(mouth.eyes).toBe(0);
    expect(mouth.mouth).toBeGreaterThan(0.3);
  }
});

test('each choice has a name of its own', () => {
  const labels = [{}, { region: 'mouth' }, { part: 'half' }, { region: 'mouth', part: 'span' }].map(
    (options) => selfBlend.label(selfBlend.options.parse(options)),
  );
  expect(labels).toEqual(['self-blend', 'self-blend@mouth', 'self-blend@half', 'self-blend@mouth-span']);
});

test('fails by name where the track is shorter than the film', async () => {
  const [target] = targets as [Clip];
  const track = await readTrack(target.track!.path);
  await writeTrack(join(folder, 'cut.track'), { ...track, frames: track.frames.slice(0, 2) });
  const cut = { ...target, track: { path: join(folder, 'cut.track'), sha256: 'cut' } };
  await expect(made({}, cut)).rejects.toMatchObject({ code: 'E_TRACK' });
});
