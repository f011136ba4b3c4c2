/** A training that was killed goes on from its checkpoint and ends with the same bytes. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createParameters } from '../../src/compute/parameters.ts';
import { loadTensorFlow } from '../../src/compute/backends.ts';
import { readCheckpoint, writeCheckpoint } from '../../src/compute/checkpoint.ts';
import { trainLoop } from '../../src/compute/train-loop.ts';
import { openCache } from '../../src/pipeline/cache.ts';
import { createContext, type RunContext } from '../../src/pipeline/context.ts';
import { createPool } from '../../src/queue/pool.ts';
import { createRng } from '../../src/random.ts';
import { networks } from './networks.ts';
import { toyTraining } from '../support/toy-training.job.ts';

const pool = createPool(1);
const root = mkdtempSync(join(tmpdir(), 'masque-loop-'));
afterAll(async () => {
  await pool.close();
  rmSync(root, { recursive: true });
});

let notes: string[];
beforeEach(() => {
  notes = [];
});
const contextIn = (name: string): RunContext =>
  createContext({
    seed: 1,
    cache: openCache(join(root, name), (message) => notes.push(message)),
    pool,
    tools: {},
    progress: {
      begin: () => ({ started: () => {}, progress: () => {}, end: () => {} }),
      note: (message) => notes.push(message),
      stop: () => {},
    },
  });

const cases = networks.flatMap(({ name, eager }, network) => [
  { name, network, backend: 'onnx' as const },
  ...(eager === 'cpu' ? [{ name, network, backend: 'cpu' as const }] : []),
]);

describe.each(cases)('$name on $backend', ({ network, backend }) => {
  test('killed at step 12, it goes on at step 10 and leaves the same weights and curves', async () => {
    const plain = await contextIn(`plain-${network}-${backend}`).run(toyTraining, { network, backend });
    const folder = `killed-${network}-${backend}`;
    const kill = { atStep: 12, onceMarkedBy: join(root, `${folder}-mark`) };
    const input = { network, backend, kill };
    await expect(contextIn(folder).run(toyTraining, input)).rejects.toMatchObject({ code: 'E_WORKER_CRASH' });
    expect(readdirSync(join(root, folder, 'checkpoints'))).toHaveLength(1);
    const resumed = await contextIn(folder).run(toyTraining, input);
    expect(notes).toEqual(['toy: goes on from its checkpoint at step 10 of 14']);
    expect([plain.stepsMade, resumed.stepsMade]).toEqual([14, 4]);
    expect(resumed.weights.sha256).toBe(plain.weights.sha256);
    expect(resumed.info).toEqual(plain.info);
    expect(resumed.info).toMatchObject({ chosenStep: 6, metrics: { doubled: expect.any(Array) } });
    expect(readdirSync(join(root, folder, 'checkpoints'))).toEqual([]);
  });
});

test('a damaged checkpoint is told of and not used; the result is that of a training from the start', async () => {
  const input = (folder: string) => ({
    network: 0,
    backend: 'onnx' as const,
    kill: { atStep: 6, onceMarkedBy: join(root, `${folder}-mark`) },
  });
  const killed = contextIn('damaged').run(toyTraining, input('damaged'));
  await expect(killed).rejects.toMatchObject({ code: 'E_WORKER_CRASH' });
  const [entry] = readdirSync(join(root, 'damaged', 'checkpoints'));
  const path = join(root, 'damaged', 'checkpoints', entry!, 'toy.checkpoint');
  const bytes = readFileSync(path);
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(path, bytes);
  const again = await contextIn('damaged').run(toyTraining, input('damaged'));
  expect(notes).toEqual(['toy: the checkpoint does not match its recorded hash; it is not used']);
  expect(again.stepsMade).toBe(14);
  const plain = await contextIn('plain-0-onnx').run(toyTraining, { network: 0, backend: 'onnx' });
  expect(again.weights.sha256).toBe(plain.weights.sha256);
});

describe('a checkpoint', () => {
  const path = join(root, 'some', 'folder', 'x.checkpoint');
  const checkpoint = {
    plain: { step: 3, text: 'two\nlines', numbers: [0.1, -0, 1e-300] },
    tensors: { a: { shape: [2], data: Float32Array.of(1, -2) }, b: { shape: [], data: Int32Array.of(7) } },
  };
  const warnings: string[] = [];
  const read = () => readCheckpoint(path, (message) => warnings.push(message));

  test('comes back as it was written; none is no error', async () => {
    expect(await read()).toBeUndefined();
    await writeCheckpoint(path, checkpoint);
    expect(await read()).toEqual({
      ...checkpoint,
      plain: { ...checkpoint.plain, numbers: [0.1, 0, 1e-300] },
    });
    expect(warnings).toEqual([]);
    expect(readdirSync(join(path, '..'))).toEqual(['x.checkpoint']);
  });

  test('is refused when cut short anywhere', async () => {
    await writeCheckpoint(path, checkpoint);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await read(), `${length} bytes`).toBeUndefined();
    }
    expect(warnings).toHaveLength(whole.length);
  });
});

test('what another job left is not seen', async () => {
  const folder = join(root, 'other', 'checkpoints', `toy-training-${'0'.repeat(64)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'toy.checkpoint'), 'of another key');
  const { stepsMade } = await contextIn('other').run(toyTraining, { network: 0, backend: 'onnx' });
  expect(stepsMade).toBe(14);
  expect(notes).toEqual([]);
  expect(existsSync(folder)).toBe(true);
});

/** A training in which nothing happens but that validation finds `errors`, one a step. */
async function judgedBy(errors: number[], patience?: number) {
  const folder = mkdtempSync(join(root, 'judged-'));
  let asked = 0;
  return trainLoop({
    name: 'toy',
    work: {
      folder,
      checkpoints: folder,
      keep: () => Promise.reject(new Error('nothing is kept')),
      progress: () => {},
      note: () => {},
    },
    trainer: {
      step: async () => ({ loss: 1, metrics: {} }),
      sync: async () => {},
      save: () => ({}),
      restore: () => {},
      dispose: () => {},
    },
    parameters: createParameters(await loadTensorFlow('cpu'), createRng(1)),
    steps: errors.length,
    rngs: [],
    batch: () => ({}),
    validation: {
      everySteps: 1,
      error: async () => errors[asked++]!,
      ...(patience === undefined ? {} : { patience }),
    },
  });
}

test('a validation error that is no number ends the training', async () => {
  await expect(judgedBy([Number.NaN, 1])).rejects.toThrow('toy: the validation error at step 1 is NaN');
});

test('without a gain of a hundredth for long enough training ends; the least error is chosen all the same', async () => {
  const errors = [1, 0.5, 0.497, 0.6, 0.498, 0.1];
  expect(await judgedBy(errors, 3)).toMatchObject({ steps: 5, chosenStep: 3 });
  expect(await judgedBy(errors, 4)).toMatchObject({ steps: 6, chosenStep: 6 });
  expect(await judgedBy(errors)).toMatchObject({ steps: 6, chosenStep: 6 });
});
