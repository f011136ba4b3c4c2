/**
 * The loop that every training runs: draw a batch, step, note the loss; now and then validate and remember the best weights,
 * and save a checkpoint. A training that was killed goes on from there, with the same result to the last byte.
 */
import { join } from 'node:path';
import type { Rng, RngState } from '../random.ts';
import type { NamedTensors } from '../tensors.ts';
import type { Work } from '../types.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Parameters } from './parameters.ts';
import type { Data } from './session.ts';
import type { Trainer } from './trainer.ts';

/** Values over steps; steps are counted from 1. */
export type Curve = [step: number, value: number][];

type Loop = {
  /** What is trained, for people: `renderer`. One loop of a name per job. */
  name: string;
  work: Work;
  trainer: Trainer;
  parameters: Parameters;
  steps: number;
  /** Every stream that `batch` draws from; nothing else may change from step to step. */
  rngs: Rng[];
  /** The inputs of a step, 1 to `steps`. */
  batch(step: number): Promise<Record<string, Data | number>> | Record<string, Data | number>;
  /**
   * The weights with the least error win. Asked every so many steps and after the last, with the trained weights in `parameters`. Training
   * ends early when for `patience` steps the error has not fallen by a hundredth.
   */
  validation?: { everySteps: number; error(): Promise<number>; patience?: number };
};

/** `losses` and `metrics` are means over equal stretches of steps, at most `curvePoints`; `steps`: how many were made. */
export type Training = {
  steps: number;
  losses: Curve;
  metrics: Record<string, Curve>;
  validation?: Curve;
  chosenStep: number;
};

/** So many points of a curve are kept: enough to see, few enough for a record. */
const curvePoints = 200;

/**
 * The state is saved after so many steps, or twice in a short training: by the clock it never is. Saving 53 MB, as for the puppets'
 * renderer, takes 0.17 s of processor time.
 */
const mostStepsPerCheckpoint = 200;

type Progress = {
  step: number;
  losses: number[];
  metrics: Record<string, number[]>;
  validation: Curve;
  best?: { step: number; error: number };
  rngs: RngState[];
};

/**
 * Trains, disposes of the trainer, and leaves the chosen weights in `parameters`: the best on validation, else the last.
 * @throws Error on a validation error that is not finite: no other would ever be less than NaN.
 */
export async function trainLoop(loop: Loop): Promise<Training> {
  const { name, work, trainer, parameters, steps, rngs, validation } = loop;
  const stepsPerCheckpoint = Math.min(mostStepsPerCheckpoint, Math.ceil(steps / 3));
  const path = join(work.checkpoints, `${name}.checkpoint`);
  const saved = await readCheckpoint<Progress>(path, (why) => work.note(`${name}: ${why}`));
  const state = saved ? resume(loop, saved.plain, saved.tensors) : emptyProgress();
  let best = saved ? named(saved.tensors, 'best/') : {};
  while (state.step < steps) {
    const step = ++state.step;
    const { loss, metrics } = await trainer.step(await loop.batch(step));
    state.losses.push(loss);
    for (const [metric, value] of Object.entries(metrics)) (state.metrics[metric] ??= []).push(value);
    work.progress(step / steps, `loss ${loss.toPrecision(3)}`);
    if (validation && (step % validation.everySteps === 0 || step === steps)) {
      await trainer.sync();
      const error = await validation.error();
      if (!Number.isFinite(error))
        throw new Error(`${name}: the validation error at step ${step} is ${error}`);
      state.validation.push([step, error]);
      if (!state.best || error < state.best.error) {
        state.best = { step, error };
        best = parameters.toTensors();
      }
      if (stepsWithoutGain(state.validation) >= (validation.patience ?? Number.POSITIVE_INFINITY)) break;
    }
    if (step % stepsPerCheckpoint === 0 && step < steps) {
      const plain = { ...state, rngs: rngs.map((rng) => rng.save()) };
      await writeCheckpoint(path, {
        plain,
        tensors: { ...prefixed(trainer.save(), 'trainer/'), ...prefixed(best, 'best/') },
      });
    }
  }
  if (state.best) parameters.load(best);
  else await trainer.sync();
  trainer.dispose();
  return {
    steps: state.step,
    losses: thinned(state.losses),
    metrics: Object.fromEntries(
      Object.entries(state.metrics).map(([metric, values]) => [metric, thinned(values)]),
    ),
    ...(validation ? { validation: state.validation } : {}),
    chosenStep: state.best?.step ?? state.step,
  };
}

/** Steps since the error last fell by a hundredth of what it had been. */
function stepsWithoutGain(errors: Curve): number {
  let [since, level] = errors[0]!;
  for (const [step, error] of errors) if (error < 0.99 * level) [since, level] = [step, error];
  return errors.at(-1)![0] - since;
}

const emptyProgress = (): Progress => ({ step: 0, losses: [], metrics: {}, validation: [], rngs: [] });

function resume(
  { name, work, trainer, rngs, steps }: Loop,
  saved: Progress,
  tensors: NamedTensors,
): Progress {
  trainer.restore(named(tensors, 'trainer/'));
  for (const [i, rng] of rngs.entries()) rng.restore(saved.rngs[i]!);
  work.note(`${name}: goes on from its checkpoint at step ${saved.step} of ${steps}`);
  return saved;
}

const prefixed = (tensors: NamedTensors, prefix: string): NamedTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

const named = (tensors: NamedTensors, prefix: string): NamedTensors =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );

/** Means over stretches of equal length (the last may be shorter), each at its last step. */
function thinned(values: readonly number[]): Curve {
  const length = Math.ceil(values.length / curvePoints);
  const curve: Curve = [];
  for (let start = 0; start < values.length; start += length) {
    const part = values.slice(start, start + length);
    curve.push([start + part.length, part.reduce((sum, value) => sum + value, 0) / part.length]);
  }
  return curve;
}
