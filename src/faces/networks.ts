/**
 * The two networks that find faces, as `@vladmandic/human` brings them (TensorFlow.js graph models), turned into ONNX: BlazeFace's
 * detector (Bazarevsky et al. 2019, https://arxiv.org/abs/1907.05047) and the face mesh (Kartynnik et al. 2019, https://arxiv.org/abs/1907.06724).
 */
import { readFile } from 'node:fs/promises';
import type * as Tf from '@tensorflow/tfjs';
import { openEngine } from '../compute/engine.ts';
import type { TfNamespace } from '../compute/record.ts';
import { humanFile } from './human-package.ts';

export type FaceNetName = 'detector' | 'mesh';
/** Input: one square RGB picture, NHWC. */
export const faceNets = {
  detector: { file: 'blazeface', sidePx: 256 },
  mesh: { file: 'facemesh', sidePx: 192 },
} as const;

/** A graph model of the package, loaded by TensorFlow.js, which computes its output as the package's makers meant it. */
export async function loadGraphModel(tf: TfNamespace, name: FaceNetName): Promise<Tf.GraphModel> {
  const { file } = faceNets[name];
  const topology = JSON.parse(await readFile(humanFile('models', `${file}.json`), 'utf8')) as Tf.io.ModelJSON;
  const weights = await readFile(humanFile('models', `${file}.bin`));
  const artifacts: Tf.io.ModelArtifacts = {
    ...topology,
    weightSpecs: topology.weightsManifest.flatMap(({ weights: specs }) => specs),
    weightData: new Uint8Array(weights).buffer,
  };
  return tf.loadGraphModel(tf.io.fromMemory(artifacts));
}

/** Bytes of both networks as ONNX: input `picture` [1, side, side, 3]; outputs by the shape of what the graph model gives. */
export async function convertFaceNets(): Promise<Record<FaceNetName, Uint8Array>> {
  const engine = await openEngine({ threads: 1, backend: 'cpu' });
  const convert = async (name: FaceNetName): Promise<Uint8Array> => {
    const model = await loadGraphModel(engine.tf, name);
    const side = faceNets[name].sidePx;
    return engine.export({
      inputs: { picture: { shape: [1, side, side, 3] } },
      outputs: ({ picture }) => {
        const outputs = [model.execute(picture as Tf.Tensor)].flat();
        return Object.fromEntries(outputs.map((tensor, i) => [model.outputNodes[i]!, tensor]));
      },
    });
  };
  return { detector: await convert('detector'), mesh: await convert('mesh') };
}
