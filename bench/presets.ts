/**
 * Seconds per training step of the presets that have a published size, on the GPU that `MASQUE_DEVICE` names: the losses of their trainings, on random numbers
 * and without what a processor does before each step (reading and changing pictures). `gan@gpu` is left out: its step fits no card (experiments/LOG.md).
 */
import type * as Tf from '@tensorflow/tfjs';
import { presets as cnnAug } from '../detectors/cnn-aug/presets.ts';
import { f3Net, featureCount as f3Features } from '../detectors/f3net/network.ts';
import { presets as f3net } from '../detectors/f3net/presets.ts';
import { featureShape, lcnn, mapShape } from '../detectors/lfcc-lcnn/network.ts';
import { presets as lfccLcnn } from '../detectors/lfcc-lcnn/presets.ts';
import * as lips from '../detectors/lip-motion/network.ts';
import { presets as lipMotion } from '../detectors/lip-motion/presets.ts';
import { type Dropout, featureCount, hiddenCount, mesoNet } from '../detectors/meso-inception/network.ts';
import { presets as mesoInception } from '../detectors/meso-inception/presets.ts';
import { featureCount as srmFeatures, srmNet } from '../detectors/srm/network.ts';
import { presets as srm } from '../detectors/srm/presets.ts';
import { swapLoss } from '../generators/face-swap/loss.ts';
import { settingsOf } from '../generators/face-swap/options.ts';
import { decodePair, encodePair, type PairNet, type Person } from '../generators/face-swap/pair-nets.ts';
import { sessionDevice } from '../src/compute/device.ts';
import { logitLoss } from '../src/compute/logit-loss.ts';
import type { Parameters as Weights } from '../src/compute/parameters.ts';
import { lfccWidth } from '../src/dsp/lfcc.ts';
import { resNetLogit } from '../src/frame-net/resnet.ts';
import { visemeCount } from '../src/speech/visemes.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';
import { type Network, ours } from './steps.ts';

type Step = Pick<Network, 'inputs' | 'loss'>;
const stepsPerRound = 5;

/** What one cannot compute, for lack of memory mostly, costs the others nothing, and each is said as it comes. */
export const presets: Part = async ({ rounds }) => {
  if (sessionDevice() === 'cpu')
    return { ratios: {}, notes: ['skipped: presets: MASQUE_DEVICE names no GPU'] };
  const secondsPerStep: Record<string, { median: number; range: [number, number]; first: number }> = {};
  const notes: string[] = [];
  for (const [name, step] of Object.entries(steps)) {
    try {
      const peer = await ours(step, { backend: 'onnx', steps: stepsPerRound });
      const first = (await peer.time(1)).clock;
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) times.push((await peer.time(stepsPerRound)).clock);
      peer.close();
      secondsPerStep[name] = {
        median: median(times),
        range: [Math.min(...times), Math.max(...times)],
        first,
      };
      process.stderr.write(`${name}: ${JSON.stringify(secondsPerStep[name])}\n`);
    } catch (error) {
      notes.push(`failed: ${name}: ${(error as Error).message.split('\n')[0]}`);
      process.stderr.write(`${notes.at(-1)}\n`);
    }
  }
  return { ratios: {}, device: sessionDevice(), secondsPerStep, notes };
};

/** A network that judges single frames; `hide`: how many values of an example are hidden at random, by name. */
function frameStep(
  { batch, sizePx }: { batch: number; sizePx: number },
  hide: Record<string, number>,
  logit: (p: Weights, frames: Tf.Tensor4D, hide: Record<string, Tf.Tensor2D>) => Tf.Tensor2D,
): Step {
  const masks = Object.entries(hide).map(([name, count]) => [name, { shape: [batch, count] }]);
  return {
    inputs: {
      x: { shape: [batch, sizePx, sizePx, 3] },
      y: { shape: [batch, 1] },
      ...Object.fromEntries(masks),
    },
    loss: (tf, p, { x, y, ...given }) =>
      logitLoss(tf, logit(p, x as Tf.Tensor4D, given as Record<string, Tf.Tensor2D>), y as Tf.Tensor),
  };
}

/** The networks of a pair of people. */
function swapStep(preset: 'original' | 'df' | 'liae'): Step {
  const { net, batch } = settingsOf({ preset });
  const picture = [batch.people * batch.facesEach, net.sizePx, net.sizePx] as const;
  return {
    inputs: {
      warped: { shape: [...picture, 3] },
      truth: { shape: [...picture, 3] },
      mask: { shape: [...picture, 1] },
    },
    loss(tf, p, { warped, truth, mask }) {
      const found = encodePair(p, net as PairNet, warped as Tf.Tensor4D);
      const halves = tf.split(found, 2, 0) as (typeof found)[];
      const each = halves.map((half, person) => decodePair(p, net as PairNet, half, person as Person));
      const wanted = { truth: truth as Tf.Tensor4D, mask: mask as Tf.Tensor4D };
      return swapLoss(tf, tf.concat(each, 0), wanted).loss;
    },
  };
}

const sound = lfccLcnn.paper;
const standard = { mean: new Float32Array(lfccWidth), spread: new Float32Array(lfccWidth).fill(1) };
const mouths = lipMotion.paper;
const mouthCount = mouths.read.windows * mouths.frames;

const steps: Record<string, Step> = {
  'lfcc-lcnn@paper-400': {
    inputs: {
      x: { shape: mapShape(sound, sound.batch) },
      y: { shape: [sound.batch, 1] },
      drops: { shape: [sound.batch, ...featureShape(sound)] },
    },
    loss: (tf, p, { x, y, drops }) =>
      logitLoss(tf, lcnn(p, x as never, standard, sound, drops as never), y as Tf.Tensor),
  },
  'meso-inception@paper-256': frameStep(
    mesoInception.paper,
    { features: featureCount(mesoInception.paper.sizePx), hidden: hiddenCount },
    (p, frames, hide) => mesoNet(p, 'meso-inception4', frames, hide as Dropout),
  ),
  'cnn-aug@paper-224': frameStep(cnnAug.paper, {}, (p, frames) =>
    resNetLogit(p, frames, cnnAug.paper.net, true),
  ),
  'f3net@paper-299': frameStep(
    f3net.paper,
    { features: f3Features({ trunk: f3net.paper.trunk, phase: false }) },
    (p, frames, { features }) => f3Net(p, frames, { trunk: f3net.paper.trunk, phase: false }, features),
  ),
  'srm@paper-256': frameStep(
    srm.paper,
    { features: srmFeatures(srm.paper.trunk) },
    (p, frames, { features }) => srmNet(p, frames, srm.paper.trunk, features),
  ),
  'lip-motion@paper, reading': {
    inputs: {
      x: { shape: [mouthCount, ...lips.pictureShape(mouths.net)] },
      y: { shape: [mouthCount, visemeCount] },
    },
    loss(tf, p, { x, y }) {
      const looked = lips.lookAt(p, x as Tf.Tensor4D, mouths.net, true);
      const seen: Tf.Tensor3D = tf.reshape(looked, [-1, mouths.frames, lips.seenCount(mouths.net)]);
      const logits = lips.readVisemes(p, lips.follow(p, seen, mouths.net, true));
      return tf.losses.softmaxCrossEntropy(y as Tf.Tensor2D, logits);
    },
  },
  'lip-motion@paper, judging': {
    inputs: {
      seen: { shape: [mouths.judge.windows, mouths.frames, lips.seenCount(mouths.net)] },
      y: { shape: [mouths.judge.windows, 1] },
      hide: { shape: [mouths.judge.windows, lips.followedCount(mouths.net)] },
    },
    loss(tf, p, { seen, y, hide }) {
      const followed = lips.follow(p, seen as Tf.Tensor3D, mouths.net, true);
      return logitLoss(tf, lips.judge(p, followed, hide as Tf.Tensor2D), y as Tf.Tensor);
    },
  },
  'face-swap@original-64': swapStep('original'),
  'face-swap@df-128': swapStep('df'),
  'face-swap@liae-128': swapStep('liae'),
};
