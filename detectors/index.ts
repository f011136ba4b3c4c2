import type { Detector } from '../src/types.ts';
import { audioStats } from './audio-stats.ts';
import { avSync } from './av-sync/index.ts';
import { backgroundOnly } from './background-only.ts';
import { blink } from './blink.ts';
import { cnnAug } from './cnn-aug/index.ts';
import { command } from './command/index.ts';
import { ensemble } from './ensemble/index.ts';
import { f3net } from './f3net/index.ts';
import { lfccGmm } from './lfcc-gmm.ts';
import { lfccLcnn } from './lfcc-lcnn/index.ts';
import { lipClosure } from './lip-closure/index.ts';
import { lipMotion } from './lip-motion/index.ts';
import { mesoInception } from './meso-inception/index.ts';
import { metadata } from './metadata.ts';
import { noisePattern } from './noise-pattern.ts';
import { onnx } from './onnx.ts';
import { provenance } from './provenance.ts';
import { pulse } from './pulse.ts';
import { random } from './random.ts';
import { selfBlended } from './self-blended/index.ts';
import { spectrum } from './spectrum.ts';
import { srm } from './srm/index.ts';

/** Every detector by name, in the order of the catalogue: controls first, constructed cues last. */
export const detectors = {
  random,
  metadata,
  'background-only': backgroundOnly,
  'audio-stats': audioStats,
  spectrum,
  'meso-inception': mesoInception,
  'cnn-aug': cnnAug,
  f3net,
  srm,
  'self-blended': selfBlended,
  'av-sync': avSync,
  'lip-motion': lipMotion,
  'lip-closure': lipClosure,
  'lfcc-gmm': lfccGmm,
  'lfcc-lcnn': lfccLcnn,
  ensemble,
  onnx,
  command,
  'noise-pattern': noisePattern,
  pulse,
  blink,
  provenance,
} satisfies Record<string, Detector>;
