import { convolutions } from './conv.ts';
import { elementwise } from './elementwise.ts';
import { enlargedConvolutions } from './enlarged-conv.ts';
import type { Kernels } from './kernel.ts';
import { products } from './matmul.ts';
import { norms } from './norm.ts';
import { pools } from './pool.ts';
import { reductions } from './reduce.ts';
import { resizes } from './resize.ts';
import { shapes } from './shape.ts';

/** Every TensorFlow.js kernel that can be recorded, trained and exported. */
export const kernels: Kernels = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...products,
  ...convolutions,
  ...enlargedConvolutions,
  ...pools,
  ...resizes,
  ...norms,
};
