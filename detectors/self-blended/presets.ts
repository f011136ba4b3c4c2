import { type ResNet, smallResNet } from '../../src/frame-net/resnet.ts';
import type { FrameSettings } from '../../src/frame-net/settings.ts';

const part = { net: smallResNet, shown: 0.75, batch: 16, rate: 1e-3 };

/**
 * `cpu`: the face at half its size through a residual network of eight layers, by Adam. `smoke`: seconds, to see that everything runs. The paper
 * has an EfficientNet-B4 begun from ImageNet's weights, 380 px, and SAM over SGD; there is no preset of that size.
 */
export const presets = {
  smoke: { ...part, sizePx: 64, framesPerClip: 4, steps: 20, stepsPerCheck: 10, patience: 20 },
  cpu: { ...part, sizePx: 96, framesPerClip: 30, steps: 600, stepsPerCheck: 50, patience: 400 },
} satisfies Record<string, FrameSettings & { net: ResNet }>;
