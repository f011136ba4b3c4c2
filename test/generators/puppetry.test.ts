import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { puppetry } from '../../generators/puppetry/index.ts';
import { recomposite } from '../../generators/recomposite.ts';
import { talkingHeads } from '../../datasets/talking-heads/index.ts';
import { sha256OfFile } from '../../src/files.ts';
import { mouthRegion, mouthMask, mouthWindow } from '../../src/faces/mouth-region.ts';
import { readTrack, writeTrack } from '../../src/head/track.ts';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { readProvenance } from '../../src/media/provenance.ts';
import { speechFor } from '../../generators/puppetry/text-driver.ts';
import { createRng } from '../../src/random.ts';
import { speak } from '../../src/speech/speak.ts';
import type { Clip, Context, FakePlan, Frame, Model } from '../../src/types.ts';

let root: string;
let clips: Clip[];
let model: Model;
const options = puppetry.options.parse({ preset: 'smoke' });

/** Runs every job here and now, each in a folder of its own. */
function contextIn(folder: string): Context {
  return {
    seed: 3,
    rng: (...scope) => createRng(3, ...scope),
    async run(job, input) {
      const own = await mkdtemp(join(folder, `${job.name}-`));
      const keep = async (name: string) => ({
        path: join(own, name),
        sha256: await sha256OfFile(join(own, name)),
      });
      return job.run(JSON.parse(JSON.stringify(input)) as typeof input, {
        folder: own,
        checkpoints: own,
        keep,
        progress() {},
        note() {},
      });
    },
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masque-puppetry-'));
  const people = { train: 1, validation: 1, test: 1 };
  const dataset = talkingHeads.options.parse({
    identities: people,
    clipsPerIdentity: 3,
    fitClips: 1,
    framesPerClip: 38,
    extraVoices: 2,
    voiceClips: 2,
  });
  clips = [];
  for await (const clip of talkingHeads.clips(dataset as never, contextIn(root))) clips.push(clip);
  model = await puppetry.train!(clips, options as never, contextIn(root));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function framesOf(path: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(path)) frames.push(frame);
  return frames;
}

test('training leaves every file, and says what it learned from', () => {
  expect(Object.keys(model.files).toSorted()).toEqual([
    'filter',
    'maps',
    'phoneNet',
    'renderer',
    'textures',
    'windowNet',
  ]);
  const { renderer, audioNet, losses, validation } = model.info as {
    renderer: { people: number; frames: number };
    audioNet: { people: number };
    losses: Record<'phoneNet' | 'audioNet' | 'renderer', [number, number][]>;
    validation: Record<string, [number, number][]>;
  };
  expect(renderer.people).toBe(3);
  expect(renderer.frames).toBe(3 * 38);
  expect(losses.renderer.at(-1)![1]).toBeLessThan(losses.renderer[0]![1] / 2);
  expect(Object.values(losses).map((curve) => curve.at(-1)![0])).toEqual([150, 150, 60]);
  expect(validation).toEqual({
    audioNet: [
      [75, expect.any(Number)],
      [150, expect.any(Number)],
    ],
  });
  expect(audioNet.people).toBe(3);
});

test('fails by name where the track is shorter than the film', async () => {
  const context = contextIn(root);
  const [plan] = puppetry.plan(
    clips.filter(({ split }) => split === 'test'),
    options as never,
    context,
  ) as [FakePlan];
  const path = join(root, 'cut.track');
  const track = await readTrack(plan.target.track!.path);
  await writeTrack(path, { ...track, frames: track.frames.slice(0, 7) });
  const target = { ...plan.target, track: { path, sha256: 'cut' } };
  const made = puppetry.make({ ...plan, target }, model, options as never, context);
  await expect(made).rejects.toMatchObject({ code: 'E_TRACK' });
});

test('a puppet keeps the target’s picture outside the mask, repaints inside, and speaks with the driver’s sound', async () => {
  const [plan] = puppetry.plan(
    clips.filter(({ split }) => split === 'test'),
    options as never,
    contextIn(root),
  ) as [FakePlan];
  const fake = await puppetry.make(plan, model, options as never, contextIn(root));
  expect(fake.video).toEqual(plan.target.media.video);
  expect(fake.audio).toEqual(plan.driver!.media.audio);
  const provenance = await readProvenance(fake.path);
  expect(provenance!.generator).toBe('puppetry@smoke-96');
  expect(provenance!.sourceFiles).toEqual([plan.target.media.sha256, plan.driver!.media.sha256]);
  const [made, filmed] = [await framesOf(fake.path), await framesOf(plan.target.media.path)];
  const { mesh, camera, frames } = await readTrack(plan.target.track!.path);
  const region = mouthRegion(mesh);
  const { pose } = frames[10]!;
  const window = mouthWindow(region, pose, camera, 96);
  const mask = mouthMask(region, pose, camera, window);
  const change = { inside: [0, 0], outside: [0, 0] };
  for (let y = 0; y < 256; y++) {
    for (let x = 0; x < 256; x++) {
      const [column, row] = [x - window.x, y - window.y];
      const shows = column >= 0 && row >= 0 && column < 96 && row < 96 ? mask[row * 96 + column]! : 0;
      const at = (y * 256 + x) * 3;
      const difference = Math.abs(made[10]!.data[at]! - filmed[10]!.data[at]!);
      const sum = shows === 1 ? change.inside : shows === 0 ? change.outside : undefined;
      if (sum) [sum[0], sum[1]] = [sum[0]! + difference, sum[1]! + 1];
    }
  }
  expect(change.outside[0]! / change.outside[1]!).toBeLessThan(1.5);
  expect(change.inside[0]! / change.inside[1]!).toBeGreaterThan(
    2 * (change.outside[0]! / change.outside[1]!),
  );
  const [heard, spoken] = [
    await decodeAudio(fake.path, 16000),
    await decodeAudio(plan.driver!.media.path, 16000),
  ];
  const product = heard.samples.reduce((sum, value, i) => sum + value * (spoken.samples[i] ?? 0), 0);
  const energy = spoken.samples.reduce((sum, value) => sum + value * value, 0);
  expect(product / energy).toBeGreaterThan(0.95);
});

test('a text is spoken by a voice of the synthesizer: sound and picture are fake, and its phones are known', async () => {
  const spoken = puppetry.options.parse({ preset: 'smoke', driver: { text: 'Maybe, a boat.' } });
  expect(puppetry.label(spoken)).toBe('puppetry@smoke-96-text');
  const plans = puppetry.plan(clips, spoken, contextIn(root));
  expect(plans.map(({ target, driver }) => [target.split, target.use, driver])).toEqual([
    ['test', 'score', undefined],
    ['test', 'score', undefined],
  ]);
  const [plan] = plans as [FakePlan];
  expect(plan.labels).toEqual({ video: 'fake', audio: 'fake', pairing: 'fake' });
  const fake = await puppetry.make(plan, model, spoken, contextIn(root));
  expect(fake.video).toEqual(plan.target.media.video);
  expect((await readProvenance(fake.path))!.sources).toEqual(plan.target.sources);
  const { samples, sampleRate } = await decodeAudio(fake.path, 16000);
  const said = speak(speechFor(plan.target, 'Maybe, a boat.', 3));
  expect(plan.phones).toEqual(said.phones);
  expect(plan.phones!.map(({ phone }) => phone).join(' ')).toBe('sil m ey1 b iy0 sil ax0 b ow1 t sil');
  const energy = said.audio.samples.reduce((sum, value) => sum + value * value, 0);
  const product = samples.reduce((sum, value, i) => sum + value * (said.audio.samples[i] ?? 0), 0);
  expect(product / energy).toBeGreaterThan(0.95);
  const first = plan.phones![0]!.end;
  const before = samples.subarray(0, Math.round((first - 0.02) * sampleRate));
  expect(Math.sqrt(before.reduce((sum, value) => sum + value * value, 0) / before.length)).toBeLessThan(0.01);
  expect(() =>
    puppetry.plan(clips, { ...spoken, driver: { text: 'the fisherman '.repeat(9) } }, contextIn(root)),
  ).toThrow(/the text takes at least \d\.\d s to say, and test-00\/01 lasts 1\.5 s\. Shorten driver\.text/);
});

test('a text that cannot be read is a mistake of the configuration', () => {
  const issue = puppetry.options.safeParse({ driver: { text: 'room 12' } }).error!.issues[0]!;
  expect([issue.path, issue.message]).toEqual([['driver', 'text'], expect.stringContaining('holds "1"')]);
});

test('a person without footage, or a clip without a track, is no target', async () => {
  const plan = puppetry.plan(
    clips.filter(({ split }) => split === 'test'),
    options as never,
    contextIn(root),
  )[0]!;
  const stranger = { ...plan, target: { ...plan.target, sources: ['stranger'] } };
  await expect(puppetry.make(stranger, model, options as never, contextIn(root))).rejects.toMatchObject({
    code: 'E_NOT_APPLICABLE',
  });
  const { track: _, ...untracked } = plan.target;
  await expect(
    puppetry.make({ ...plan, target: untracked }, model, options as never, contextIn(root)),
  ).rejects.toThrow(/no face track/);
});

test.runIf(process.env['MASQUE_TESTS'] === 'night')(
  'the same training gives the same bytes, and the same puppet',
  async () => {
    const again = await puppetry.train!(clips, options as never, contextIn(root));
    for (const [name, { sha256 }] of Object.entries(model.files))
      expect([name, again.files[name]!.sha256]).toEqual([name, sha256]);
  },
  90_000,
);

test('the puppets are judged on test people, beside what doing little gives', async () => {
  const { figures, sheets } = await puppetry.evaluate!(clips, model, options as never, contextIn(root));
  expect(sheets).toHaveLength(1);
  for (const name of [
    'mouthRmsMm/puppetry',
    'mouthRmsRatio/mean',
    'psnrDb/puppetry',
    'ssimGain/shuffled',
    'apertureReaderErrorMm/filmed',
  ]) {
    expect([name, Number.isFinite(figures[name]?.value)]).toEqual([name, true]);
  }
  expect(figures['psnrDb/puppetry']).toHaveProperty('reason');
  // Outside the window nothing is repainted, so that all of the frame's difference lies in it.
  for (const way of ['puppetry', 'mean']) {
    const [frame, window] = ['frameDifference', 'windowDifference'].map(
      (name) => figures[`${name}/${way}`]!.value!,
    );
    expect((frame! * 256 ** 2) / (window! * 96 ** 2)).toBeCloseTo(1, 6);
  }
});

test('recomposite gives the published real clip, pixel for pixel', async () => {
  const target = clips.find(({ split, use }) => split === 'test' && use === 'score')!;
  const { publishClip } = await import('../../src/pipeline/publish.job.ts');
  const published = await contextIn(root).run(publishClip, { clip: target });
  for (const region of ['mouth', 'frame']) {
    const chosen = recomposite.options.parse({ region });
    const plan = recomposite.plan([target], chosen, contextIn(root))[0]!;
    const made = await recomposite.make(plan, undefined, chosen, contextIn(root));
    const [a, b] = [await framesOf(made.path), await framesOf(published.path)];
    expect(a.every((frame, i) => Buffer.compare(frame.data, b[i]!.data) === 0)).toBe(true);
  }
});
