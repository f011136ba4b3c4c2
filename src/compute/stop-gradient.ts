import type * as Tf from '@tensorflow/tfjs';
import type { TfNamespace } from './record.ts';

/**
 * The same values, which no gradient passes: a tensor that TensorFlow.js has not seen come from anything. (A custom gradient of zeros would
 * be carried on through all that lies before.)
 */
export function stopGradient<T extends Tf.Tensor>(tf: TfNamespace, x: T): T {
  const engine = tf.engine();
  engine.backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as T;
}
