/** The audio net on a corpus of coefficients: what it must learn, and what it must not seem to learn. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nvpCorpus } from '../../datasets/nvp-corpus/index.ts';
import { errorsOf } from '../../generators/puppetry/coefficient-quality.job.ts';
import { trainCoefficientNet } from '../../generators/puppetry/coefficient-net.job.ts';
import { puppetry } from '../../generators/puppetry/index.ts';
import { createRng } from '../../src/random.ts';
import type { Clip, Measured, Model } from '../../src/types.ts';
import { directContext } from '../support/context.ts';
import { writeCorpus } from '../support/nvp-corpus.ts';

let root: string;
const options = puppetry.options.parse({ preset: 'smoke' });
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masque-coefficients-'));
  await writeCorpus(join(root, 'related'), { targets: 8, frames: 700, seed: 1 });
});
afterAll(() => rm(root, { recursive: true }));

async function clipsOf(path: string): Promise<Clip[]> {
  const clips: Clip[] = [];
  const chosen = nvpCorpus.options.parse({ path, licence: 'CC0' });
  for await (const clip of nvpCorpus.clips(chosen, directContext(root))) clips.push(clip);
  return clips;
}

async function judged(clips: Clip[], model: Model): Promise<Record<string, Measured>> {
  const { figures } = await puppetry.evaluate!(clips, model, options, directContext(root));
  return figures;
}

test('errors are those of the definition', () => {
  const [truth, guess] = [Float32Array.of(1, 2, 3, 4, 8, 0), Float32Array.of(1, 3, 3, 2, 8, 0)];
  // Columns 1, 3, 8 (mean 4) and 2, 4, 0 (mean 2).
  expect(errorsOf(guess, truth, 2)).toEqual({ mse: 5 / 6, mae: 3 / 6, r2: expect.closeTo(1 - 5 / 34, 12) });
  expect(errorsOf(guess, Float32Array.of(5, 6, 5, 6, 5, 6), 2)).toBeUndefined();
});

test('a rule that no linear map can follow is learned from the first 80 % and holds on the last 20 %', async () => {
  const clips = await clipsOf(join(root, 'related'));
  const model = await puppetry.train!(clips, options, directContext(root));
  expect(Object.keys(model.files).toSorted()).toEqual(['filter', 'windowNet']);
  expect(puppetry.plan(clips, options, directContext(root))).toEqual([]);
  const figures = await judged(clips, model);
  expect(figures['r2/net']!.value).toBeGreaterThan(0.5);
  // Ridge sees the same windows and is fitted on the same frames; it must not be beaten by being broken.
  expect(figures['r2/ridge']!.value).toBeGreaterThan(0.3);
  expect(figures['r2Gain/ridge']).toMatchObject({ low: expect.toSatisfy((low: number) => low > 0) });
  expect(figures['r2/mean']!.value).toBeLessThan(0);
  expect(figures['mse/net']!.value).toBeLessThan(figures['mse/ridge']!.value!);
  expect(figures['mae/net']!.value).toBeLessThan(figures['mae/ridge']!.value!);
});

test('coefficients that have nothing to do with the sound are not told', async () => {
  const path = join(root, 'unrelated');
  await writeCorpus(path, { targets: 3, frames: 300, seed: 2 });
  const rng = createRng(5, 'unrelated');
  for (const target of [0, 1, 2]) {
    const table = join(path, `TARGETS/Sequence_${target}/expression.txt`);
    const lines = (await readFile(table, 'utf8')).trimEnd().split('\n');
    await writeFile(table, lines.map(() => rng.pick(lines)).join('\n'));
  }
  const clips = await clipsOf(path);
  const settings = { steps: 40, batch: 4, checks: 1, rate: { highest: 1.5e-3 } };
  const { windowNet, filter } = await directContext(root).run(trainCoefficientNet, {
    clips,
    settings,
    seed: 1,
  });
  const figures = await judged(clips, { files: { windowNet, filter }, info: {} });
  expect(figures['r2/net']!.value).toBeLessThan(0.02);
  expect(figures['r2/ridge']!.value).toBeLessThan(0.02);
});

test('what is learned does not depend on the last fifth', async () => {
  const path = join(root, 'changed');
  await writeCorpus(path, { targets: 2, frames: 100, seed: 3 });
  const settings = { steps: 3, batch: 2, checks: 1, rate: { highest: 1.5e-3 } };
  const train = async () => {
    const clips = await clipsOf(path);
    return directContext(root).run(trainCoefficientNet, { clips, settings, seed: 1 });
  };
  const before = await train();
  const table = join(path, 'TARGETS/Sequence_0/expression.txt');
  const lines = (await readFile(table, 'utf8')).trimEnd().split('\n');
  const last = lines.map((line, t) => (t < 80 ? line : lines[0]!));
  await writeFile(table, last.join('\n'));
  expect((await train()).windowNet.sha256).toBe(before.windowNet.sha256);
  await writeFile(table, lines.map((line, t) => (t < 60 ? line : lines[0]!)).join('\n'));
  expect((await train()).windowNet.sha256).not.toBe(before.windowNet.sha256);
});

test('a sequence of a few frames is refused', async () => {
  const path = join(root, 'short');
  await writeCorpus(path, { targets: 1, frames: 19, seed: 3 });
  await expect(puppetry.train!(await clipsOf(path), options, directContext(root))).rejects.toThrow(
    /Sequence_0: 19 frames; at least 20/,
  );
});
