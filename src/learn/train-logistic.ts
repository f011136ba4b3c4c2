/** Detectors that reduce a clip to one row of features and decide by logistic regression. */
import { readFile } from 'node:fs/promises';
import { unlessItemError, UserError } from '../errors.ts';
import type { Context, Examples, LabelledClip, Model } from '../types.ts';
import { fitLogisticJob } from './logistic.job.ts';
import { type FeatureSet, type Logistic, logisticScore } from './logistic.ts';

/**
 * Trains on one feature row per example. Examples that have no features (ItemError) are left out and counted in `info.leftOut`.
 * Throws UserError when train or validation is left without a real or a fake clip.
 */
export async function trainLogistic<Example extends LabelledClip>(
  name: string,
  examples: Record<keyof Examples, Example[]>,
  featuresOf: (example: Example) => Promise<number[]>,
  context: Context,
): Promise<Model> {
  const [train, validation] = await Promise.all([
    featureSet(name, 'train', examples.train, featuresOf),
    featureSet(name, 'validation', examples.validation, featuresOf),
  ]);
  const model = await context.run(fitLogisticJob, { train: train.set, validation: validation.set });
  return { ...model, info: { ...model.info, leftOut: train.leftOut + validation.leftOut } };
}

/** The trained decision: a feature row's score, the logit of being fake. */
export async function loadLogistic(model: Model | undefined): Promise<(row: readonly number[]) => number> {
  const file = model?.files['logistic'];
  if (!file) throw new Error('this detector must be trained before it can score');
  const logistic = JSON.parse(await readFile(file.path, 'utf8')) as Logistic;
  return (row) => logisticScore(logistic, row);
}

async function featureSet<Example extends LabelledClip>(
  name: string,
  split: string,
  clips: Example[],
  featuresOf: (example: Example) => Promise<number[]>,
): Promise<{ set: FeatureSet; leftOut: number }> {
  const rows = await Promise.all(clips.map((example) => featuresOf(example).catch(unlessItemError)));
  const set: FeatureSet = { rows: [], isFake: [] };
  rows.forEach((row, i) => {
    if (!row) return;
    set.rows.push(row);
    set.isFake.push(clips[i]!.truth === 'fake');
  });
  const fakes = set.isFake.filter(Boolean).length;
  if (fakes === 0 || fakes === set.isFake.length) {
    const left = `${set.isFake.length - fakes} real and ${fakes} fake clips of split "${split}"`;
    throw new UserError(
      `detector "${name}" cannot learn: ${left} have its features (of ${clips.length}); it needs both. Add clips, or leave the detector out`,
    );
  }
  return { set, leftOut: clips.length - set.rows.length };
}
