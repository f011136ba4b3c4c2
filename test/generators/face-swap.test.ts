import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { drawBatch, emptyBatch, meanLook, middleOf } from '../../generators/face-swap/footage.ts';
import { faceSwap } from '../../generators/face-swap/index.ts';
import { layIn } from '../../generators/face-swap/lay-in.ts';
import { settingsOf } from '../../generators/face-swap/options.ts';
import { pairsOf, planSwaps } from '../../generators/face-swap/plan.ts';
import { filesFor, joinFiles } from '../../generators/face-swap/swapper.ts';
import { trainSwap } from '../../generators/face-swap/train.job.ts';
import { readTrack, writeTrack } from '../../src/head/track.ts';
import { provenancePath } from '../../src/media/provenance.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, Frame, Model } from '../../src/types.ts';
import { describeClip, noisy, paint, stillTrack } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { encodeLossless } from '../support/lossless.ts';
import { talker } from '../support/talkers.ts';

const clipOf = (person: string, take: number, use: Clip['use'] = 'score'): Clip => ({
  ...describeClip(`${person}-${take}`, [paint(8, 8, () => [0, 0, 0])]),
  sources: [person],
  use,
});

const whole = { part: 'all' } as const;

describe('who swaps with whom', () => {
  it('two by two, an odd last one with the first, nobody alone', () => {
    expect(pairsOf(['a', 'b', 'c', 'd'])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(pairsOf(['a', 'b', 'c'])).toEqual([
      ['a', 'b'],
      ['c', 'a'],
    ]);
    expect(pairsOf(['a'])).toEqual([]);
  });

  it('every scored clip once, both faces of a pair, no fitted clip', () => {
    const clips = ['a', 'b', 'c'].flatMap((person) => [
      clipOf(person, 0, 'fit'),
      clipOf(person, 1),
      clipOf(person, 2),
    ]);
    const plans = planSwaps(clips, whole, directContext(''));
    expect(plans.map(({ id }) => id)).toEqual(['a-1~b', 'a-2~b', 'b-1~a', 'b-2~a', 'c-1~a', 'c-2~a']);
    for (const { labels, face, driver } of plans) {
      expect(labels).toEqual({ video: 'fake', audio: 'real', pairing: 'real' });
      expect([face!.use, driver]).toEqual(['score', undefined]);
    }
    expect(planSwaps([clipOf('a', 1)], whole, directContext(''))).toEqual([]);
  });
});

describe('lessons', () => {
  const settings = settingsOf({ preset: 'smoke' });
  const { sizePx } = settings.net;
  const sidePx = sizePx * 1.375;
  // Red grows to the right, green downwards, blue tells who; the mask is the left half.
  const example = (blue: number): Uint8Array =>
    Uint8Array.from({ length: sidePx * sidePx * 4 }, (_, i) => {
      const [x, y] = [(i >> 2) % sidePx, Math.floor((i >> 2) / sidePx)];
      return [2 * x, 2 * y, blue, x < sidePx / 2 ? 255 : 0][i % 4]!;
    });
  const footage = {
    people: ['a', 'b', 'c'],
    sidePx,
    examples: [[example(10)], [example(20)], [example(30)]],
  };

  it.each([0, 1])(
    'jitter %d: truth and what the encoder sees are one face, the latter warped; `who` says whose',
    (jitter) => {
      const inputs = emptyBatch(settings, 3);
      drawBatch(inputs, footage, { ...settings, jitter }, createRng(1, 'lessons'), true);
      const pixels = sizePx * sizePx;
      for (let i = 0; i < 8; i++) {
        const who = [...inputs.who.subarray(i * 3, i * 3 + 3)];
        const person = who.indexOf(1);
        expect(who.reduce((sum, value) => sum + value, 0)).toBe(1);
        let [apart, most, wrong] = [0, 0, 0];
        for (let pixel = 0; pixel < pixels; pixel++) {
          const at = (i * pixels + pixel) * 3;
          if (Math.abs(inputs.truth[at + 2]! * 255 - 10 * (person + 1)) > 1e-3) wrong++;
          const shift = (255 / 2) * (inputs.warped[at]! - inputs.truth[at]!);
          apart += shift / pixels;
          most = Math.max(most, Math.abs(shift));
          const red = inputs.truth[at]! * 255;
          const inside = red < sidePx ? 1 : 0;
          if (Math.abs(red - sidePx) > 3 && inputs.mask[i * pixels + pixel] !== inside) wrong++;
        }
        expect(wrong).toBe(0);
        expect(Math.abs(apart)).toBeLessThan(1.5);
        expect(most).toBeGreaterThan(0.5);
        expect(most).toBeLessThan(7);
      }
      const corner = inputs.truth[0]! * 255;
      if (jitter === 0) expect(corner).toBeCloseTo(2 * 12, 3);
      else expect(Math.abs(corner - 2 * 12)).toBeGreaterThan(0.5);
      // Two people a step, one after the other.
      const people = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => inputs.who.subarray(i * 3, i * 3 + 3).indexOf(1));
      expect(new Set(people.slice(0, 4)).size).toBe(1);
      expect(new Set(people).size).toBe(2);
    },
  );

  it('at the end of a training the encoder sees what it is to draw', () => {
    const inputs = emptyBatch(settings, 3);
    drawBatch(inputs, footage, { ...settings, jitter: 1 }, createRng(1, 'lessons'), false);
    expect(inputs.warped).toEqual(inputs.truth);
  });

  it('the middle is the face as it was cut out, and the mean look its mean', () => {
    const middle = middleOf(footage.examples[0]![0]!, sidePx, sizePx);
    expect([...middle.data.subarray(0, 3)]).toEqual([24, 24, 10]);
    const look = meanLook({ ...footage, examples: [[example(10), example(50)]] }, 0, sizePx);
    expect([...look.subarray(0, 4)].map((value) => Math.round(value * 255))).toEqual([24, 24, 30, 255]);
  });
});

test('a drawn face is laid in inside the outline only, and takes the frame’s colours', () => {
  const frame = paint(64, 64, (x, y) => [140 + x, 110 + y / 2, 90]);
  const face = paint(64, 64, (x, y) => [60 + y, 60 + x / 2, 90 + (x % 8)]);
  const exchanged = Float32Array.of(16, 16, 48, 16, 48, 50, 16, 50);
  const place = { toCrop: [1, 0, 0, 0, 1, 0] as const, face: exchanged, exchanged };
  const mask = new Float32Array(64 * 64).fill(1);
  for (const blend of ['feather', 'poisson'] as const) {
    const made = layIn(frame, frame, { face, mask }, place, blend);
    let [changed, sum, wanted] = [0, 0, 0];
    for (let y = 0; y < 64; y++)
      for (let x = 0; x < 64; x++) {
        const at = (y * 64 + x) * 3;
        const inside = x >= 15 && x < 49 && y >= 15 && y < 51;
        if (!inside) expect(made.data[at]).toBe(frame.data[at]);
        else if (made.data[at] !== frame.data[at]) changed++;
        if (x < 22 || x > 42 || y < 22 || y > 44) continue;
        sum += made.data[at]!;
        wanted += frame.data[at]!;
      }
    expect(changed).toBeGreaterThan(400);
    expect(Math.abs(sum / wanted - 1)).toBeLessThan(0.08);
    // Where the network says that there is no face, nothing is exchanged.
    expect(layIn(frame, frame, { face, mask: new Float32Array(64 * 64) }, place, blend).data).toEqual(
      frame.data,
    );
  }
});

test('the files of several networks: the one that knows both people is found', () => {
  const file = (sha256: string) => ({ path: sha256, sha256 });
  const one = { encoder: file('e0'), decoders: { a: file('a'), b: file('b') } };
  const two = { encoder: file('e1'), codes: file('k1'), decoders: { c: file('c'), a: file('a2') } };
  const files = joinFiles([one, two]);
  expect(filesFor(files, 'b', 'a')).toEqual(one);
  expect(filesFor(files, 'c', 'a')).toEqual(two);
  expect(() => filesFor(files, 'b', 'c')).toThrow('no face swap was trained on both "b" and "c"');
});

describe('from clips to fakes', () => {
  const seed = 3;
  let folder: string;
  let clips: Clip[];
  let model: Model;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'masque-face-swap-'));
    clips = [];
    for (const person of ['ann', 'bob'])
      for (const [take, use] of [
        [0, 'fit'],
        [1, 'score'],
      ] as const)
        clips.push({ ...(await talker(folder, `${person}-${take}`, 12, 'test')), use });
    model = await faceSwap.train!(
      clips,
      faceSwap.options.parse({ preset: 'smoke' }),
      directContext(folder, seed),
    );
  });

  it('trains on fitted clips alone, to the same bytes', async () => {
    const again = await faceSwap.train!(
      clips.filter(({ use }) => use === 'fit'),
      faceSwap.options.parse({ preset: 'smoke' }),
      directContext(folder, seed),
    );
    const hashes = (files: Model['files']) =>
      Object.entries(files).map(([name, { sha256 }]) => [name, sha256]);
    expect(hashes(again.files)).toEqual(hashes(model.files));
  });

  it('learns faces that are moved about, which their mean cannot be', async () => {
    const { info } = await directContext(folder, seed).run(trainSwap, {
      people: ['ann', 'bob'],
      clips: clips.filter(({ use }) => use === 'fit'),
      settings: { ...settingsOf({ preset: 'smoke' }), jitter: 1 },
      seed,
    });
    const losses = (info['losses'] as [number, number][]).map(([, loss]) => loss);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.9 * mean(losses.slice(0, 10)));
  });

  it('makes a clip with the other’s face, the target’s sound and both as sources', async () => {
    const context = directContext(folder, seed);
    const options = faceSwap.options.parse({ preset: 'smoke' });
    const plan = faceSwap.plan(clips, options, context)[0]!;
    const media = await faceSwap.make(plan, model, options, context);
    expect(media.video).toEqual(plan.target.media.video);
    expect(media.audio).toEqual(plan.target.media.audio);
    const provenance = JSON.parse(await readFile(provenancePath(media.path), 'utf8'));
    expect(provenance).toMatchObject({ generator: 'face-swap@smoke-64', sources: ['ann', 'bob'] });
    const { decodeFrames } = await import('../../src/media/decode.ts');
    const difference = async (): Promise<number> => {
      const [before, after]: Frame[][] = [[], []];
      for await (const frame of decodeFrames(plan.target.media.path)) before!.push(frame);
      for await (const frame of decodeFrames(media.path)) after!.push(frame);
      return before![5]!.data.reduce((sum, value, i) => sum + Math.abs(value - after![5]!.data[i]!), 0);
    };
    expect(await difference()).toBeGreaterThan(0);
  });

  /** The scored films in place of those of `clips`, each with as many frames of the track as it has itself. */
  async function shown(name: string, frames: readonly Frame[]): Promise<Clip[]> {
    const { width, height } = frames[0]!;
    const still = stillTrack(width, height, { x: 8, y: 4, width: 48, height: 56 }, frames.length);
    await writeTrack(join(folder, name), still);
    const media = await encodeLossless(join(folder, `${name}.mp4`), { frames, fps: 25, width, height });
    return clips.map((clip) =>
      clip.use === 'fit'
        ? clip
        : { ...clip, media, track: { path: join(folder, name), sha256: `${name} track` } },
    );
  }
  const judgedFigures = (chosen: object, seen: readonly Clip[]) =>
    faceSwap.evaluate!(
      [...seen],
      model,
      faceSwap.options.parse({ preset: 'smoke', ...chosen }),
      directContext(folder, seed),
    );

  it('judges what is repainted: figures of the mouth are not those of the face', async () => {
    const [face, mouth] = [await judgedFigures({}, clips), await judgedFigures({ region: 'mouth' }, clips)];
    expect(face.sheets).toHaveLength(2);
    for (const name of ['psnrDb/face-swap', 'identityShare/face-swap', 'flickerRatio/face-swap'])
      expect(mouth.figures[name]!.value, name).not.toBe(face.figures[name]!.value);
    for (const { value } of Object.values(face.figures)) expect(Number.isFinite(value)).toBe(true);
    // These mouths are too small for the window of SSIM.
    expect(mouth.figures['ssim/face-swap']).toEqual({ value: null, reason: expect.any(String) });
  });

  it.each([1, 11])(
    'of films of %d frames says that there is nothing to judge, and shows no sheet',
    async (count) => {
      const frames = Array.from({ length: count }, (_, i) => noisy(`short ${i}`, 64, 64, 9));
      const { figures, sheets } = await judgedFigures({}, await shown(`short-${count}`, frames));
      expect(sheets).toEqual([]);
      for (const name of ['psnrDb/face-swap', 'psnrGainDb/mean-face', 'flickerRatio/face-swap'])
        expect(figures[name]).toEqual({ value: null, reason: expect.stringContaining('long enough') });
      expect(figures['identityShare/filmed-source']!.value).toEqual(expect.any(Number));
    },
  );

  it('of still films everything but how much they flicker', async () => {
    const frame = noisy('still', 64, 64, 9);
    const still = await shown(
      'still',
      Array.from({ length: 14 }, () => frame),
    );
    const { figures, sheets } = await judgedFigures({}, still);
    expect(sheets).toHaveLength(2);
    expect(figures['flickerRatio/face-swap']!.value).toBe(null);
    expect(Number.isFinite(figures['psnrDb/face-swap']!.value)).toBe(true);
  });

  it('fails by name where the track is shorter than the film', async () => {
    const context = directContext(folder, seed);
    const options = faceSwap.options.parse({ preset: 'smoke' });
    const plan = faceSwap.plan(clips, options, context)[0]!;
    const path = join(folder, 'cut.track');
    const track = await readTrack(plan.target.track!.path);
    await writeTrack(path, { ...track, frames: track.frames.slice(0, 7) });
    const target = { ...plan.target, track: { path, sha256: 'cut' } };
    await expect(faceSwap.make({ ...plan, target }, model, options, context)).rejects.toMatchObject({
      code: 'E_TRACK',
      message: expect.stringContaining('ends after 7 frames'),
    });
  });

  it('refuses a clip without a track, and a person that it has not seen', async () => {
    const context = directContext(folder, seed);
    const options = faceSwap.options.parse({ preset: 'smoke' });
    const plan = faceSwap.plan(clips, options, context)[0]!;
    const { track: _, ...bare } = plan.target;
    await expect(faceSwap.make({ ...plan, target: bare }, model, options, context)).rejects.toThrow(
      'no face track',
    );
    const stranger = { ...plan.face!, sources: ['eve'] };
    await expect(faceSwap.make({ ...plan, face: stranger }, model, options, context)).rejects.toThrow(
      '"eve"',
    );
  });
});
