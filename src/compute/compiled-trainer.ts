/** Records one training step, compiles it to ONNX and runs it; the optimiser's update is done here (see optimizer.ts). */
import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors } from '../tensors.ts';
import { sessionDevice } from './device.ts';
import { lower, permute, type Port, type Wanted } from './lower.ts';
import { encodeModel } from './onnx.ts';
import { createOptimizer } from './optimizer.ts';
import { assertRepeatable, note, placeholder, record, type Recorded, type TfNamespace } from './record.ts';
import { openSession, type Threads } from './session.ts';
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

export async function compileTrainer<I extends InputSpecs>(
  tf: TfNamespace,
  options: StepOptions<I>,
  threads: Threads & { profile?: string },
): Promise<Trainer> {
  const { tape, inputs, variables, buffers, outputs } = await recordStep(tf, options);
  const { graph, orders } = lower(tape, inputs, [...variables, ...buffers], outputs, {
    oneThread: threads.threads === 1 && (threads.device ?? sessionDevice()) === 'cpu',
  });
  const session = await openSession(await encodeModel(graph), threads, threads.profile);
  const specs = Object.entries(options.inputs).map(([name, spec]) => [name, specOf(spec)] as const);
  const hold = (port: VariablePort): Held => {
    const order = orders.get(port.name) as number[];
    const shape = order.map((axis) => port.shape[axis] as number);
    return {
      ...port,
      order,
      stored: shape,
      data: permute(port.variable.dataSync() as Float32Array, port.shape, order),
    };
  };
  const held = variables.map(hold);
  const averages = buffers.map(hold);
  const optimizer = createOptimizer(
    options.optimizer,
    held.map(({ data }) => data),
  );
  for (const [i, parameter] of held.entries()) parameter.data = optimizer.values[i]!;
  const gradients = Object.fromEntries(
    held.map(({ name, stored: shape }, i) => [`gradient/${name}`, { shape, data: optimizer.gradients[i]! }]),
  );
  const used = new Set(session.inputNames);
  return {
    async step(feeds) {
      const fed = specs.map(([name, spec]) => [name, checkedFeed(name, spec, feeds[name])] as const);
      const weights = [...held, ...averages].map(
        ({ name, stored, data }) => [name, { shape: stored, data }] as const,
      );
      const results = await session.run(
        Object.fromEntries([...fed, ...weights].filter(([name]) => used.has(name))),
        gradients,
      );
      const value = (name: string): Float32Array => results[name]?.data as Float32Array;
      const loss = value('loss')[0] as number;
      assertFinite(loss, optimizer.steps + 1);
      const rate = feeds.learningRate;
      optimizer.update(typeof rate === 'number' ? rate : (rate?.[0] as number));
      for (const average of averages)
        average.data = results[`next/${average.name}`] ? value(`next/${average.name}`) : average.data;
      const metrics = outputs.filter(({ name }) => name.startsWith('metric/'));
      return {
        loss,
        metrics: Object.fromEntries(metrics.map(({ name }) => [name.slice(7), value(name)[0] as number])),
      };
    },
    async sync() {
      for (const { variable, data, shape, order } of [...held, ...averages]) {
        tf.tidy(() => variable.assign(tf.tensor(permute(data, shape, order, true), shape)));
      }
    },
    save() {
      const weights = [...held, ...averages].map(({ name, stored, data }) => [
        `weight/${name}`,
        { shape: stored, data: data.slice() },
      ]);
      const moments = optimizer.moments.map((data, i) => [
        `moment/${i}`,
        { shape: [data.length], data: data.slice() },
      ]);
      return {
        ...(Object.fromEntries([...weights, ...moments]) as NamedTensors),
        steps: { shape: [], data: Int32Array.of(optimizer.steps) },
      };
    },
    restore(state) {
      const fill = (target: Float32Array, name: string): void =>
        target.set(savedValues(state, name, target.length));
      for (const { name, data } of [...held, ...averages]) fill(data, `weight/${name}`);
      for (const [i, data] of optimizer.moments.entries()) fill(data, `moment/${i}`);
      optimizer.steps = savedValues(state, 'steps', 1)[0] as number;
    },
    dispose: () => void session.close(),
  };
}

type VariablePort = Port & { variable: Tf.Variable };
type Held = VariablePort & { order: number[]; stored: number[]; data: Float32Array };

/** Runs loss and gradients on the recording backend: once to make the parameters, once for the tape. */
async function recordStep<I extends InputSpecs>(tf: TfNamespace, options: StepOptions<I>) {
  if (!options.inputs.learningRate) throw new Error('the inputs of a step need a learningRate of shape []');
  const places = (): Record<string, Tf.Tensor> =>
    Object.fromEntries(
      Object.entries(options.inputs).map(([name, spec]) => [name, placeholder(tf, specOf(spec))]),
    );
  const dry = await record(tf, () => void options.loss(places() as TensorsOf<I>));
  const chosen = selectTrainable(options);
  const buffers = [...options.parameters.buffers()];
  const main = await record(tf, (tape) => {
    const port = ([name, variable]: [string, Tf.Variable]): VariablePort => ({
      ...note(tf, tape, variable),
      name,
      variable,
    });
    const made = places();
    const inputs = Object.entries(made).map(([name, tensor]) => ({ ...note(tf, tape, tensor), name }));
    const variables = chosen.map(port);
    const averages = buffers.map(port);
    let metrics: Record<string, Tf.Tensor> = {};
    const { value, grads } = tf.variableGrads(
      () => {
        const result = options.loss(made as TensorsOf<I>);
        metrics = result.metrics ?? {};
        return result.loss as Tf.Scalar;
      },
      chosen.map(([, variable]) => variable),
    );
    const wanted = (name: string, tensor: Tf.Tensor): Wanted => ({ ...note(tf, tape, tensor), name });
    const outputs: Wanted[] = [wanted('loss', value)];
    for (const [name, tensor] of Object.entries(metrics)) outputs.push(wanted(`metric/${name}`, tensor));
    for (const { name, variable } of variables) {
      const gradient = grads[variable.name];
      if (gradient) outputs.push({ ...wanted(`gradient/${name}`, gradient), like: name });
    }
    for (const { name, variable } of averages) {
      const next: Recorded | undefined = tape.assigned.get(variable);
      if (next) outputs.push({ ...next, name: `next/${name}`, like: name });
    }
    return {
      inputs,
      variables: variables.filter(({ variable }) => grads[variable.name]),
      buffers: averages,
      outputs,
    };
  });
  const ids = [...options.parameters.trainable().values(), ...options.parameters.buffers().values()].map(
    ({ dataId }) => dataId,
  );
  assertRepeatable(dry.tape, main.tape, new Set(ids));
  return { tape: main.tape, ...main.result };
}
