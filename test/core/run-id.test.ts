import { expect, test } from 'vitest';
import { runId } from '../../experiments/run-id.ts';
import type { Experiment } from '../../src/config.ts';

test('what another backend computes is a run of its own; the processor’s own id is that of the experiment alone', () => {
  const experiment = { name: 'toy', seed: 1 } as Experiment;
  const ids = [
    runId(experiment, { name: 'onnx', device: 'cpu' }),
    runId(experiment, { name: 'onnx', device: 'cuda' }),
    runId(experiment, { name: 'onnx', device: 'webgpu' }),
    runId(experiment, { name: 'tfjs-node-gpu', device: 'unknown' }),
    runId(experiment, { name: 'wasm', device: 'cpu' }),
  ];
  expect(new Set(ids).size).toBe(5);
  // sha256 of {"name":"toy","seed":1}
  expect(ids[0]).toBe('toy-f7b9cbe5');
});
