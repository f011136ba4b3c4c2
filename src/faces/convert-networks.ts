/**
 * The two networks that find faces, as `@vladmandic/human` brings them (TensorFlow.js graph models), turned into ONNX: the detector
 * BlazeFace (Bazarevsky et al. 2019, https://arxiv.org/abs/1907.05047), with the range of the back camera, and the face mesh (Kartynnik et
 * al. 2019, https://arxiv.org/abs/1907.06724).
 */
import { readFile } from 'node:fs/promises';
import type * as Tf from '@tensorflow/tfjs';
import { openEngine } from '../compute/engine.ts';
import type { TfNamespace } from '../compute/record.ts';
import { UserError } from '../errors.ts';
import { humanFile } from './human-package.ts';
import { meshSidePx } from './dense-landmarks.ts';
import { detectorSidePx } from './detect.ts';
import type { FaceNetName } from './networks.ts';

const fileNames: Record<FaceNetName, string> = { detector: 'blazeface', mesh: 'facemesh' };

/**
 * What each network's outputs are called from here on, by their shapes. The detector looks for faces on two grids, of 16×16 cells with
 * two anchors each and of 8×8 with six.
 */
const outputShapes: Record<FaceNetName, Record<string, string>> = {
  detector: {
    '1,512,1': 'fineScores',
    '1,512,16': 'fineBoxes',
    '1,384,1': 'coarseScores',
    '1,384,16': 'coarseBoxes',
  },
  mesh: { '1,1404': 'points', '1,1': 'presence' },
};

/** A network as TensorFlow.js runs it. Throws UserError where the package is not there. */
export async function loadGraphModel(tf: TfNamespace, name: FaceNetName): Promise<Tf.GraphModel> {
  const read = (ending: string): Promise<Buffer> =>
    readFile(humanFile('models', `${fileNames[name]}.${ending}`));
  const model = JSON.parse((await read('json')).toString()) as Tf.io.ModelJSON;
  const artifacts: Tf.io.ModelArtifacts = {
    ...model,
    weightSpecs: model.weightsManifest.flatMap(({ weights }) => weights),
    weightData: new Uint8Array(await read('bin')).buffer,
  };
  return tf.loadGraphModel(tf.io.fromMemory(artifacts));
}

/** Its outputs for a picture [1, side, side, 3] by our names for them. Throws UserError where one is missing. */
export function executeByName(
  model: Tf.GraphModel,
  name: FaceNetName,
  picture: Tf.Tensor,
): Record<string, Tf.Tensor> {
  const outputs = [model.execute(picture)].flat();
  return Object.fromEntries(
    Object.entries(outputShapes[name]).map(([shape, output]) => {
      const found = outputs.find((tensor) => tensor.shape.join() === shape);
      if (!found)
        throw new UserError(
          `@vladmandic/human: ${fileNames[name]} has no output of shape [${shape}]. Run \`npm ci\``,
        );
      return [output, found];
    }),
  );
}

/** Bytes of both networks as ONNX, with the input `picture` [1, side, side, 3]. Takes some seconds; blocks. */
export async function convertFaceNetworks(): Promise<Record<FaceNetName, Uint8Array>> {
  const { tf, export: exportModel } = await openEngine({ threads: 1, backend: 'cpu' });
  const convert = async (name: FaceNetName, side: number): Promise<Uint8Array> => {
    const model = await loadGraphModel(tf, name);
    return exportModel({
      inputs: { picture: { shape: [1, side, side, 3] } },
      outputs: ({ picture }) => executeByName(model, name, picture),
    });
  };
  return { detector: await convert('detector', detectorSidePx), mesh: await convert('mesh', meshSidePx) };
}
