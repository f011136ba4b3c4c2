import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vocoder } from '../../generators/vocoder/index.ts';
import { hearSound, heardWidth, openNeural } from '../../generators/vocoder/neural.ts';
import { trainNeural } from '../../generators/vocoder/neural.job.ts';
import { spliced } from '../../src/dsp/splice.ts';
import { untrained, vocode, type Way } from '../../generators/vocoder/vocode.ts';
import { meydaWindows } from '../../src/dsp/meyda.ts';
import { speechDistance } from '../../src/dsp/speech-distance.ts';
import { decodeAudio } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { readProvenance } from '../../src/media/provenance.ts';
import { probe } from '../../src/media/probe.ts';
import { writeWav } from '../../src/media/wav.ts';
import { createRng } from '../../src/random.ts';
import { speak } from '../../src/speech/speak.ts';
import { createVoice } from '../../src/speech/voice.ts';
import type { Audio, Clip, FakePlan, Model } from '../../src/types.ts';
import { describeClip, noisy } from '../support/clips.ts';
import { directContext } from '../support/context.ts';

const words = ['my', 'mother', 'bought', 'a', 'blue', 'map', 'yesterday'];
const spoken = (name: string): Audio =>
  speak({
    words,
    voice: createVoice(createRng(1, name), 0.5),
    rng: createRng(1, name, 'speech'),
    durationSeconds: 2.4,
  }).audio;
const audio = spoken('vocoder-test');
const [fps, frameCount] = [25, 60];

let folder: string;
let target: Clip;
let lessons: Clip[];
let neural: Model;
let way: Way;
let close: () => void;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-vocoder-'));
  const frames = Array.from({ length: frameCount }, (_, i) => noisy(`v ${i}`, 32, 32, 4));
  const media = await encodeClip(join(folder, 'target.mp4'), { frames, fps, width: 32, height: 32, audio });
  target = { ...describeClip('target', []), media };
  lessons = [];
  for (const name of ['a', 'b', 'c']) {
    await writeWav(join(folder, `${name}.wav`), spoken(name));
    const heard = await probe(join(folder, `${name}.wav`));
    lessons.push({ ...describeClip(name, []), split: 'train', use: 'fit', media: heard });
  }
  neural = await trained();
  ({ way, close } = await openNeural(neural.files['vocoder']!.path));
});
afterAll(async () => {
  close();
  await rm(folder, { recursive: true });
});

const trained = (): Promise<Model> =>
  directContext(folder).run(trainNeural, { clips: lessons, sampleRate: 16000, steps: 40, seed: 1 });

const wayOf = (method: keyof typeof untrained | 'neural'): Way =>
  method === 'neural' ? way : untrained[method];

it.each(['griffin-lim', 'lpc', 'neural'] as const)(
  '%s keeps loudness over time and timbre, changes the samples',
  async (method) => {
    const said = await vocode(audio, wayOf(method), createRng(1, 'v'));
    expect(said.samples).toHaveLength(audio.samples.length);
    expect((await vocode(audio, wayOf(method), createRng(1, 'v'))).samples).toEqual(said.samples);
    const [before, after] = [audio, said].map(({ samples, sampleRate }) => meydaWindows(samples, sampleRate));
    const correlation = (pick: (window: (typeof before & object)[number]) => number): number => {
      const [a, b] = [before!.map(pick), after!.map(pick)];
      const mean = (values: number[]): number =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      const [ma, mb] = [mean(a), mean(b)];
      let [ab, aa, bb] = [0, 0, 0];
      a.forEach((value, i) => {
        ab += (value - ma) * (b[i]! - mb);
        aa += (value - ma) ** 2;
        bb += (b[i]! - mb) ** 2;
      });
      return ab / Math.sqrt(aa * bb);
    };
    expect(correlation(({ rms }) => rms)).toBeGreaterThan(0.9);
    expect(correlation(({ centroidHz }) => centroidHz)).toBeGreaterThan(0.6);
    let difference = 0;
    said.samples.forEach((value, n) => {
      difference += (value - audio.samples[n]!) ** 2;
    });
    expect(difference).toBeGreaterThan(0.1 * audio.samples.reduce((sum, value) => sum + value * value, 0));
  },
);

describe('the neural vocoder', () => {
  it('hears bands of a known level: noise of standard deviation σ has the power σ² in all of them', () => {
    const rng = createRng(1, 'noise');
    const { rows, count } = hearSound(
      Float32Array.from({ length: 16000 }, () => rng.normal(0, 0.1)),
      16000,
    );
    for (const band of [20, 50, 79]) {
      let sum = 0;
      for (let t = 2; t < count - 2; t++) sum += Math.exp(rows[t * heardWidth + band]!) / (count - 4);
      expect(sum / 0.01).toBeGreaterThan(0.8);
      expect(sum / 0.01).toBeLessThan(1.2);
    }
  });

  it('comes nearer to a voice it never heard than linear prediction does', async () => {
    const [own, predicted] = [
      await vocode(audio, way, createRng(1, 'v')),
      await vocode(audio, untrained.lpc, createRng(1, 'v')),
    ];
    const distance = (said: Audio): number => speechDistance(audio, said.samples)!.melCepstralDb;
    expect(distance(own)).toBeLessThan(distance(predicted));
  });

  it('learns, and the same when it learns again', async () => {
    const losses = neural.info['losses'] as [number, number][];
    expect(losses.at(-1)![1]).toBeLessThan(0.9 * losses[0]![1]);
    const again = await trained();
    expect(again.info).toEqual(neural.info);
    expect(
      (await readFile(again.files['vocoder']!.path)).equals(await readFile(neural.files['vocoder']!.path)),
    ).toBe(true);
  });

  it('refuses what it cannot say', async () => {
    const context = directContext(folder);
    const options = vocoder.options.parse({ method: 'neural' });
    const [plan] = vocoder.plan([target], options, context);
    const untaught = await vocoder.train!([target], options, context);
    await expect(vocoder.make(plan!, untaught, options, context)).rejects.toThrow(/there are none/);
    const faster = {
      ...target,
      media: { ...target.media, audio: { sampleRate: 48000, sampleCount: 115200 } },
    };
    const other: FakePlan = { ...plan!, target: faster };
    await expect(vocoder.make(other, neural, options, context)).rejects.toThrow(/48000 Hz.*16000 Hz/);
  });
});

it('joins fade within the span: outside it every sample is the real one, in its middle the forged one', () => {
  const [real, said] = [new Float32Array(1600).fill(1), new Float32Array(1600).fill(-1)];
  const out = spliced(real, said, [{ start: 0.025, end: 0.075 }], 16000);
  expect([...out.subarray(0, 401)].every((value) => value === 1)).toBe(true);
  expect([...out.subarray(1200)].every((value) => value === 1)).toBe(true);
  expect([...out.subarray(720, 881)].every((value) => value === -1)).toBe(true);
  for (let n = 1; n < 1600; n++) expect(Math.abs(out[n]! - out[n - 1]!)).toBeLessThan(0.011);
  const first = spliced(real, said, [{ start: 0, end: 0.05 }], 16000);
  expect([first[0], first[900]]).toEqual([-1, 1]);
});

it('a part is planned, recorded as truth, and alone forged', async () => {
  const context = directContext(folder);
  const options = vocoder.options.parse({ method: 'lpc', part: 'half' });
  const [plan] = vocoder.plan([target], options, context);
  const [span] = plan!.labels.spans!;
  expect(vocoder.plan([target], { ...options, method: 'griffin-lim' }, context)[0]!.labels).toEqual(
    plan!.labels,
  );
  expect([
    { start: 0, end: 1.2 },
    { start: 1.2, end: 2.4 },
  ]).toContainEqual(span);
  const media = await vocoder.make(plan!, undefined, options, context);
  expect((await readProvenance(media.path))!.options).toEqual({ method: 'lpc', spans: [span] });
  const before = await decodeAudio(target.media.path, 16000);
  const after = await decodeAudio(media.path, 16000);
  const other = { start: 1.2 - span!.start + 0.05, end: 2.4 - span!.start - 0.05 };
  expect(speechDistance(before, after.samples, [other])!.melCepstralDb).toBeLessThan(1);
  expect(speechDistance(before, after.samples, [span!])!.melCepstralDb).toBeGreaterThan(2);
  const [third] = vocoder.plan([target], { ...options, part: 'span' }, context)[0]!.labels.spans!;
  expect(third!.end - third!.start).toBeCloseTo(0.8, 9);
  expect(third!.start >= 0 && third!.end <= 2.4).toBe(true);
});

it('its quality lies between that of a copy and that of another sentence', async () => {
  const context = directContext(folder);
  const options = vocoder.options.parse({ method: 'lpc' });
  const frames = Array.from({ length: frameCount }, (_, i) => noisy(`w ${i}`, 32, 32, 4));
  const media = await encodeClip(join(folder, 'second.mp4'), {
    frames,
    fps,
    width: 32,
    height: 32,
    audio: spoken('another'),
  });
  const second = { ...target, id: 'second', media };
  const { figures, sheets } = await vocoder.evaluate!([target, second], undefined, options, context);
  for (const figure of ['melCepstralDb', 'logSpectralDb']) {
    const [copy, fake, other] = ['copy-target', 'fake', 'other-words'].map(
      (name) => figures[`${figure}/${name}`]!.value!,
    );
    expect(copy).toBeLessThan(0.5 * fake!);
    expect(fake).toBeLessThan(other!);
  }
  expect(sheets).toHaveLength(1);
  expect((await readFile(sheets[0]!.picture.path)).length).toBeGreaterThan(1000);
});
