/** The same training step without compiling: gradients and updates by the kernels of the current backend. */
import type * as Tf from '@tensorflow/tfjs';
import { adamDefaults, type OptimizerOptions } from './optimizer.ts';
import { rehearse, type TfNamespace } from './record.ts';
import {
  assertFinite,
  checkedFeed,
  type InputSpecs,
  savedValues,
  selectTrainable,
  specOf,
  type StepOptions,
  type TensorsOf,
  type Trainer,
} from './trainer.ts';

export function eagerTrainer<I extends InputSpecs>(tf: TfNamespace, options: StepOptions<I>): Trainer {
  const specs = Object.entries(options.inputs).map(([name, spec]) => [name, specOf(spec)] as const);
  if (!options.inputs.learningRate) throw new Error('the inputs of a step need a learningRate of shape []');
  rehearse(() => {
    const nothing = specs.map(([name, { shape, dtype }]) => [name, tf.zeros(shape, dtype)] as const);
    tf.tidy(() => void options.loss(Object.fromEntries(nothing) as TensorsOf<I>));
    for (const [, tensor] of nothing) tensor.dispose();
  });
  const trained = selectTrainable(options);
  const variables = trained.map(([, variable]) => variable);
  const optimizer = eagerOptimizer(tf, options.optimizer, variables);
  const kept = [
    ...[...trained, ...options.parameters.buffers()].map(
      ([name, variable]) => [`weight/${name}`, variable] as const,
    ),
    ...optimizer.moments.map((moment, i) => [`moment/${i}`, moment] as const),
  ];
  return {
    async step(feeds) {
      const fed = specs.map(([name, spec]) => [name, checkedFeed(name, spec, feeds[name])] as const);
      const values = tf.tidy(() => {
        const inputs = Object.fromEntries(
          fed.map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]),
        ) as TensorsOf<I>;
        let metrics: Record<string, Tf.Tensor> = {};
        const { value, grads } = tf.variableGrads(() => {
          const result = options.loss(inputs);
          metrics = result.metrics ?? {};
          for (const metric of Object.values(metrics)) tf.keep(metric);
          return result.loss as Tf.Scalar;
        }, variables);
        const rate = fed.find(([name]) => name === 'learningRate')?.[1].data[0] as number;
        optimizer.update(grads, rate);
        const read = Object.entries(metrics).map(
          ([name, metric]) => [name, metric.dataSync()[0] as number] as const,
        );
        for (const metric of Object.values(metrics)) metric.dispose();
        return { loss: value.dataSync()[0] as number, metrics: Object.fromEntries(read) };
      }) as unknown as { loss: number; metrics: Record<string, number> };
      assertFinite(values.loss, optimizer.steps);
      return values;
    },
    sync: () => Promise.resolve(),
    save: () => ({
      ...Object.fromEntries(
        kept.map(([name, variable]) => [
          name,
          { shape: [...variable.shape], data: Float32Array.from(variable.dataSync()) },
        ]),
      ),
      steps: { shape: [], data: Int32Array.of(optimizer.steps) },
    }),
    restore(state) {
      for (const [name, variable] of kept) {
        const values = savedValues(state, name, variable.size);
        tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
      }
      optimizer.steps = savedValues(state, 'steps', 1)[0] as number;
    },
    dispose: () => undefined,
  };
}

/** The rules of optimizer.ts in tensor operations. */
function eagerOptimizer(tf: TfNamespace, options: OptimizerOptions, variables: Tf.Variable[]) {
  const slots = (): Tf.Variable[] => variables.map(({ shape }) => tf.variable(tf.zeros(shape), false));
  const [means, squares] = options.kind === 'adam' ? [slots(), slots()] : [[], []];
  const update = (grads: Tf.NamedTensorMap, rate: number): void => {
    const step = ++state.steps;
    for (const [i, variable] of variables.entries()) {
      const gradient = grads[variable.name];
      if (!gradient) continue;
      if (options.kind === 'sgd') {
        variable.assign(tf.sub(variable, tf.mul(gradient, rate)));
        continue;
      }
      const { beta1, beta2, epsilon } = { ...adamDefaults, ...options };
      const [mean, square] = [means[i] as Tf.Variable, squares[i] as Tf.Variable];
      mean.assign(tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
      square.assign(tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
      const deviation = tf.sqrt(tf.div(square, 1 - beta2 ** step));
      variable.assign(
        tf.sub(variable, tf.div(tf.mul(mean, rate / (1 - beta1 ** step)), tf.add(deviation, epsilon))),
      );
    }
  };
  const state = { moments: [...means, ...squares], steps: 0, update };
  return state;
}
