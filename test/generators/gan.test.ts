import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { gan } from '../../generators/gan/index.ts';
import { trainGan } from '../../generators/gan/train.job.ts';
import { settingsOf } from '../../generators/gan/options.ts';
import { bestWalk } from '../../generators/gan/painter.ts';
import { circleWalk } from '../../generators/gan/walk.ts';
import { readImage } from '../../src/media/images.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { provenancePath } from '../../src/media/provenance.ts';
import { makeFakes } from '../../src/pipeline/make-fakes.ts';
import type { RunContext } from '../../src/pipeline/context.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, Frame, Model } from '../../src/types.ts';
import { paint } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { differencesFromPython } from '../support/python-onnx.ts';
import { findPython } from '../support/python.ts';
import { talker } from '../support/talkers.ts';

const python = findPython('onnx');
const splits = ['train', 'validation', 'test'] as const;

test('of twelve walks the one is shown whose worst portrait is found most real', async () => {
  let drawn = 0;
  const realism = async ([value]: Float32Array): Promise<number> => value!;
  const painter = { realism, paint: async () => paint(1, 1, () => [0, 0, 0]), close: () => {} };
  // The n-th walk is n but for one bad portrait in the highest.
  const walk = await bestWalk(painter, () => {
    drawn++;
    return [0, 1, 2, 3].map((i) => Float32Array.of(drawn === 12 && i === 2 ? -1 : drawn));
  });
  expect(drawn).toBe(12);
  expect(walk.map(([value]) => value)).toEqual([11, 11, 11, 11]);
});

test('a walk is closed, in equal steps, on the sphere where latents lie', () => {
  const [length, count] = [64, 25];
  const walk = circleWalk(length, count, createRng(1, 'walk'));
  const distance = (a: Float32Array, b: Float32Array): number =>
    Math.hypot(...a.map((value, i) => value - b[i]!));
  const steps = walk.map((latent, i) => distance(latent, walk[(i + 1) % count]!));
  for (const [i, latent] of walk.entries()) {
    expect(Math.hypot(...latent)).toBeCloseTo(8, 4);
    expect(steps[i]).toBeCloseTo(steps[0]!, 4);
  }
  // Across it is as wide as the angle whose tangent is the radius, twice.
  expect(distance(walk[0]!, circleWalk(length, 2, createRng(1, 'walk'))[1]!)).toBeCloseTo(
    16 * Math.sin(Math.atan(0.3)),
    4,
  );
  expect(circleWalk(length, 1, createRng(1, 'walk'))).toEqual([walk[0]]);
  expect(circleWalk(length, 1, createRng(1, 'other'))[0]).not.toEqual(walk[0]);
});

describe('from clips to fakes', () => {
  const seed = 3;
  const options = gan.options.parse({ preset: 'smoke' });
  let folder: string;
  let clips: Clip[];
  let model: Model;
  const context = () => directContext(folder, seed);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-gan-'));
    clips = [];
    for (const [person, split] of [
      ['ann', 'train'],
      ['bob', 'train'],
      ['cat', 'test'],
    ] as const)
      for (const [take, use] of [
        [0, 'fit'],
        [1, 'score'],
      ] as const)
        clips.push({
          ...(await talker(folder, `${person}-${take}`, 12, split)),
          use,
          likenessConsent: { basis: 'painted', scope: 'any' },
        });
    model = await gan.train!(clips, options, context());
  });

  it('learns from the training people’s footage alone, to the same bytes', async () => {
    const again = await gan.train!(
      clips.slice(0, 3).filter(({ use }) => use === 'fit'),
      options,
      context(),
    );
    expect(again.files['generator']!.sha256).toBe(model.files['generator']!.sha256);
    expect(again.info['material']).toMatchObject({ sources: ['ann', 'bob'], files: ['ann-0', 'bob-0'] });
    const other = await gan.train!(clips, options, directContext(folder, seed + 1));
    expect(other.files['generator']!.sha256).not.toBe(model.files['generator']!.sha256);
  });

  it('makes pictures nearer to those it learned from than it began with', async () => {
    const footage = clips.filter(({ use, split }) => use === 'fit' && split === 'train');
    const meanOf = async (steps: number): Promise<number[]> => {
      const { files } = await context().run(trainGan, {
        clips: footage,
        settings: { ...settingsOf(options), steps },
        seed,
      });
      const media = await gan.make(
        { id: 'x', target: clips.at(-1)!, labels: {} },
        { files, info: model.info },
        options,
        context(),
      );
      return meanColour(await frames(media.path));
    };
    const real = meanColour((await Promise.all(footage.map(({ media }) => frames(media.path)))).flat());
    const distance = (a: number[]): number => Math.hypot(...a.map((value, c) => value - real[c]!));
    expect(distance(await meanOf(120))).toBeLessThan(distance(await meanOf(1)));
  });

  it('makes clips as long and large as the target, under its sound, of which no track is known', async () => {
    const run = { ...context(), runTimed: timedBy(context()) } as RunContext;
    const made = await makeFakes(gan, options, clips, splits, run, run);
    expect(made.items.map(({ item }) => item.id)).toEqual([
      'gan@smoke-32/ann-1',
      'gan@smoke-32/bob-1',
      'gan@smoke-32/cat-1',
    ]);
    const entry = made.items[2]!;
    if (!('clip' in entry)) throw new Error('no clip was made');
    const { clip } = entry;
    expect(clip.media.video).toEqual(clips.at(-1)!.media.video);
    expect(clip.media.audio).toEqual(clips.at(-1)!.media.audio);
    expect(clip).toMatchObject({
      sources: ['cat'],
      split: 'test',
      labels: { video: 'fake', audio: 'real', pairing: 'fake' },
    });
    expect(clip.track).toBeUndefined();
    const provenance = JSON.parse(await readFile(provenancePath(clip.media.path), 'utf8'));
    expect(provenance).toMatchObject({
      generator: 'gan@smoke-32',
      model: { generator: model.files['generator']!.sha256 },
      sources: ['cat', 'ann', 'bob'],
      sourceFiles: ['cat-1', 'ann-0', 'bob-0'],
    });
    const shown = await frames(clip.media.path);
    expect(shown).toHaveLength(12);
    const step = (a: Frame, b: Frame): number =>
      a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0);
    const steps = shown.map((frame, i) => step(frame, shown[(i + 1) % shown.length]!));
    expect(Math.min(...steps)).toBeGreaterThan(0);
    // The last frame leads on to the first as any other does to the next.
    expect(steps.at(-1)).toBeLessThan(3 * (steps.reduce((a, b) => a + b, 0) / steps.length));
  });

  it('without the consent of those it learned from, its fakes have none', async () => {
    const { likenessConsent: _, ...silent } = clips[0]!;
    const run = { ...context(), runTimed: timedBy(context()) } as RunContext;
    const others = [{ ...silent, licence: 'CC-BY-4.0' }, ...clips.slice(1)];
    const made = await makeFakes(gan, options, others, splits, run, run);
    for (const { item } of made.items) {
      expect(item.likenessConsent).toBeUndefined();
      expect(item.licence.split('; ').toSorted()).toEqual(['CC-BY-4.0', 'synthetic']);
    }
  });

  it('of a photo it makes a photo, of which no sound is claimed', async () => {
    const media = await encodeClip(join(folder, 'photo.mp4'), {
      frames: [paint(48, 32, () => [90, 90, 90])],
      fps: 25,
      width: 48,
      height: 32,
    });
    const [plan] = gan.plan([{ ...clips.at(-1)!, media }], options, context());
    expect(plan!.labels).toEqual({ video: 'fake' });
    const made = await gan.make(plan!, model, options, context());
    expect(made.video).toMatchObject({ width: 48, height: 32, frameCount: 1 });
    expect(made.audio).toBeUndefined();
  });

  it('says how restless its walks are, and nothing of how close they are to the targets', async () => {
    const { figures } = await gan.evaluate!(clips, model, options, context());
    expect(Object.keys(figures)).toEqual(['flickerRatio/gan', 'flickerRatio/copy-target']);
    for (const { value } of Object.values(figures)) expect(value).toBeGreaterThan(0);
  });

  it('refuses to draw what it has not learned', async () => {
    const nothing = await gan.train!(
      clips.filter(({ split }) => split === 'test'),
      options,
      context(),
    );
    expect(nothing.info['untrained']).toContain('split train');
    const [plan] = gan.plan(clips, options, context());
    await expect(gan.make(plan!, nothing, options, context())).rejects.toThrow(
      'there are none. Add such clips',
    );
    expect(await gan.evaluate!(clips, nothing, options, context())).toEqual({ figures: {}, sheets: [] });
  });

  it.skipIf(python === undefined)(
    'its exported generator gives the same numbers in Python’s ONNX Runtime',
    async () => {
      const [found] = await differencesFromPython(python!, [model.files['generator']!.path]);
      // A portrait, and what the discriminator says of it.
      expect(found!.values).toBe(32 * 32 * 3 + 1);
      expect(found!.difference).toBeLessThan(1e-4);
    },
  );

  it('leaves a sheet of portraits and one of walks', async () => {
    const { sheets } = await gan.evaluate!(clips, model, options, context());
    const [portraits, walks] = await Promise.all(sheets.map(({ picture }) => readImage(picture.path)));
    expect([portraits!.width, portraits!.height]).toEqual([12 * 64, 6 * 64]);
    expect([walks!.width, walks!.height]).toEqual([12 * 64, 64]);
  });
});

async function frames(path: string): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of decodeFrames(path)) all.push(frame);
  return all;
}

function meanColour(all: readonly Frame[]): number[] {
  const sum = [0, 0, 0];
  let count = 0;
  for (const { data } of all) {
    data.forEach((value, i) => (sum[i % 3]! += value));
    count += data.length / 3;
  }
  return sum.map((value) => value / count);
}

const timedBy =
  (context: ReturnType<typeof directContext>): RunContext['runTimed'] =>
  async (job, input) => ({ output: await context.run(job, input), seconds: 0 });
