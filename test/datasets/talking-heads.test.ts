import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actClip } from '../../datasets/talking-heads/clip.ts';
import { talkingHeads } from '../../datasets/talking-heads/index.ts';
import { headOf } from '../../datasets/talking-heads/person.ts';
import type { Options } from '../../datasets/talking-heads/options.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { readTrack } from '../../src/head/track.ts';
import { sha256OfFile } from '../../src/files.ts';
import { createRng } from '../../src/random.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { readImage } from '../../src/media/images.ts';
import type { Clip, Context, Frame } from '../../src/types.ts';

const frameCount = 38;
const small = { clipsPerIdentity: 2, fitClips: 1, framesPerClip: frameCount, voiceClips: 1 };
type Act = ReturnType<typeof actClip>;
let root: string;
let clips: Clip[];

/** Runs every job at once in this process. */
function directly(seed: number): Context {
  return {
    seed,
    rng: (...scope) => createRng(seed, ...scope),
    async run(job, input) {
      const folder = await mkdtemp(join(root, `${job.name}-`));
      const keep = async (name: string) => ({
        path: join(folder, name),
        sha256: await sha256OfFile(join(folder, name)),
      });
      return job.run(input, { folder, checkpoints: folder, keep, progress: () => {}, note: () => {} });
    },
  };
}

async function collect(value: unknown): Promise<Clip[]> {
  const found: Clip[] = [];
  for await (const clip of talkingHeads.clips(talkingHeads.options.parse(value) as never, directly(1)))
    found.push(clip);
  return found;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masque-talking-heads-'));
  clips = await collect({
    ...small,
    identities: { train: 1, validation: 0, test: 1 },
    extraVoices: 1,
  } satisfies Partial<Options>);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('clips come person by person with stable ids, labels and use', () => {
  expect(clips.map(({ id, split, use, sources }) => `${id} ${split} ${use} ${sources.join()}`)).toEqual([
    'train-00/00 train fit train-00',
    'train-00/01 train score train-00',
    'test-00/00 test fit test-00',
    'test-00/01 test score test-00',
    'voice-00/00 train fit voice-00',
  ]);
  for (const { licence, labels, media } of clips) {
    expect(licence).toBe('synthetic');
    expect(labels).toEqual(
      media.video ? { video: 'real', audio: 'real', pairing: 'real' } : { audio: 'real' },
    );
  }
});

test('every clip has exactly its frames, its samples, its track and its phones', async () => {
  for (const { id, media, track, phones } of clips) {
    if (!id.startsWith('voice'))
      expect(media.video).toEqual({ fps: 25, width: 256, height: 256, frameCount });
    expect(media.audio).toEqual({ sampleRate: 16000, sampleCount: (frameCount / 25) * 16000 });
    const { frames, fps, mesh } = await readTrack(track!.path);
    expect(frames).toHaveLength(frameCount);
    expect(fps).toBe(25);
    expect(frames[0]!.expression).toHaveLength(expressionCount);
    expect(mesh.vertexCount).toBeGreaterThan(1000);
    expect(phones!.at(-1)!.end).toBeCloseTo(frameCount / 25, 9);
    phones!.forEach(({ start, end }, i) =>
      expect(end > start && start === (phones![i - 1]?.end ?? 0)).toBe(true),
    );
  }
});

test('a clip is the same whoever else is in the data set', async () => {
  const alone = {
    ...small,
    clipsPerIdentity: 1,
    fitClips: 0,
    identities: { train: 0, validation: 0, test: 1 },
    extraVoices: 0,
  };
  const [again] = await collect(alone);
  const known = clips.find(({ id }) => id === 'test-00/00')!;
  expect(again!.media.sha256).toBe(known.media.sha256);
  expect(again!.track!.sha256).toBe(known.track!.sha256);
});

test('with photos, what is scored is the middle frame of each clip, without sound; what is fitted on stays', async () => {
  const [fit, photo] = await collect({
    ...small,
    identities: { train: 1, validation: 0, test: 0 },
    extraVoices: 0,
    photos: true,
  });
  const [filmed, clip] = clips.filter(({ sources, media }) => sources[0] === fit!.sources[0] && media.video);
  expect(fit!.media.sha256).toBe(filmed!.media.sha256);
  expect(photo).toMatchObject({ id: clip!.id, use: 'score', labels: { video: 'real' } });
  expect([photo!.media.video!.frameCount, photo!.media.audio, photo!.phones]).toEqual([
    1,
    undefined,
    undefined,
  ]);
  const { frames } = await readTrack(photo!.track!.path);
  const whole = await readTrack(clip!.track!.path);
  expect(frames).toEqual([whole.frames[frameCount / 2]]);
  const seen: Frame[] = [];
  for await (const frame of decodeFrames(clip!.media.path)) seen.push(frame);
  expect((await readImage(photo!.media.path)).data).toEqual(seen[frameCount / 2]!.data);
  expect(talkingHeads.options.safeParse({ photos: true, dubbed: true }).success).toBe(false);
});

test('another seed gives other people who move and sound otherwise', () => {
  const session = {
    personId: 'test-00',
    sentences: [['the', 'baker', 'bought', 'the', 'bread']],
    frameCount: 60,
    fps: 25,
  };
  const [one, other] = [1, 2].map((seed) => actClip({ ...session, seed }, 0)) as [Act, Act];
  expect(other.audio.samples).not.toEqual(one.audio.samples);
  expect(other.states[30]!.pose).not.toEqual(one.states[30]!.pose);
  expect(headOf(2, 'test-00').shape).not.toEqual(headOf(1, 'test-00').shape);
});

test('people of whom there are photos alone: single frames with their track, to be fitted on, without sound', async () => {
  const photos = (
    await collect({
      ...small,
      clipsPerIdentity: 1,
      fitClips: 0,
      identities: { train: 0, validation: 0, test: 1 },
      extraVoices: 0,
      extraPortraits: 2,
      portraitPhotos: 2,
    })
  ).filter(({ sources }) => sources[0]!.startsWith('photo'));
  expect(photos.map(({ id }) => id)).toEqual(['photo-00/00', 'photo-00/01', 'photo-01/00', 'photo-01/01']);
  for (const photo of photos) {
    expect(photo).toMatchObject({ split: 'train', use: 'fit', labels: { video: 'real' } });
    expect([photo.media.video!.frameCount, photo.media.audio, photo.phones]).toEqual([
      1,
      undefined,
      undefined,
    ]);
    expect((await readTrack(photo.track!.path)).frames).toHaveLength(1);
  }
  expect(new Set(photos.map(({ media }) => media.sha256)).size).toBe(4);
});
