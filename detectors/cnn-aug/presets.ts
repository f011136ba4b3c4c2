import { type ResNet, resNet50, smallResNet } from '../../src/frame-net/resnet.ts';
import type { FrameSettings } from '../../src/frame-net/settings.ts';

const part = { shown: 0.5, batch: 16, rate: 1e-3 };

/**
 * `cpu`: a residual network of eight layers on the middle half of the frame. `smoke`: seconds, to see that everything runs. `paper`: ResNet-50
 * on 224 px, batches of 64 at 1e-4; the paper starts it from ImageNet's weights, which are not brought along, so it was never trained by us.
 */
export const presets = {
  smoke: {
    ...part,
    net: smallResNet,
    sizePx: 64,
    framesPerClip: 4,
    steps: 20,
    stepsPerCheck: 10,
    patience: 20,
  },
  cpu: {
    ...part,
    net: smallResNet,
    sizePx: 96,
    framesPerClip: 30,
    steps: 600,
    stepsPerCheck: 50,
    patience: 400,
  },
  paper: {
    net: resNet50,
    sizePx: 224,
    shown: 0.875,
    framesPerClip: 60,
    batch: 64,
    rate: 1e-4,
    steps: 20_000,
    stepsPerCheck: 500,
    patience: 4000,
  },
} satisfies Record<string, FrameSettings & { net: ResNet }>;
