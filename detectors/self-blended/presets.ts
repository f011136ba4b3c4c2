import type { ResNet } from '../../src/frame-net/resnet.ts';
import type { FrameSettings } from '../../src/frame-net/settings.ts';

const net: ResNet = { bottleneck: false, stem: 16, widths: [16, 32, 64], blocks: [1, 1, 1] };
const part = { net, shown: 0.75, batch: 16, rate: 1e-3 };

/** `cpu`: the face at half its size through a residual network of eight layers. `smoke`: seconds, to see that everything runs. */
export const presets = {
  smoke: { ...part, sizePx: 64, framesPerClip: 4, steps: 20, stepsPerCheck: 10, patience: 20 },
  cpu: { ...part, sizePx: 96, framesPerClip: 30, steps: 600, stepsPerCheck: 50, patience: 400 },
} satisfies Record<string, FrameSettings & { net: ResNet }>;
