import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { unlessItemError, UserError } from '../../src/errors.ts';
import { type Stack, stackScore } from '../../src/learn/stacking.ts';
import { personOf } from '../../src/pairs.ts';
import type { Detector } from '../../src/types.ts';
import { fitEnsemble } from './fit.job.ts';

const options = z.strictObject({ judges: z.enum(['video', 'audio', 'pairing']).default('video') });

/**
 * What the experiment's other detectors of the same question say together. It learns on validation alone, where they chose their epochs: its
 * members look a little better there than they are. The best single member, chosen there too, is the one to compare it with.
 *
 * A member that a clip is no question for (no face track) counts there as knowing nothing, log-odds 0; where that holds for all it is no
 * question for the ensemble either. Where one fails, so does the ensemble.
 */
export const ensemble: Detector<z.infer<typeof options>> = {
  name: 'ensemble',
  cite: 'Wolpert: Stacked Generalization, Neural Networks 1992 (logistic regression on calibrated scores, fitted on validation)',
  family: 'ensemble',
  judges: 'video',
  judgesBy: ({ judges }) => judges,
  needs: 'nothing',
  asksOthers: true,
  options,
  label: ({ judges }) => (judges === 'video' ? 'ensemble' : `ensemble@${judges}`),
  async train({ validation }, _options, context, others) {
    if (!others) throw new Error('ensemble was given no members');
    const answers = await Promise.all(
      validation.map(async ({ clip, truth }) => {
        const row = await others.scores(clip).catch(unlessItemError);
        return row ? [{ row, isFake: truth === 'fake', person: personOf(clip) }] : [];
      }),
    );
    const known = answers.flat();
    const tellsKinds = (_: string, j: number): boolean =>
      new Set(known.flatMap(({ row, isFake }) => (row[j] === null ? [] : [isFake]))).size === 2;
    if (!others.labels.some(tellsKinds))
      throw new UserError(
        `detector "ensemble" cannot learn: of the ${validation.length} clips of split "validation" none of its members scores both real and fake ones where no other fails; it needs both. Add clips, or leave it out`,
      );
    const set = { rows: known.map(({ row }) => row), isFake: known.map(({ isFake }) => isFake) };
    const people = known.map(({ person }) => person);
    const model = await context.run(fitEnsemble, { set, people, members: others.labels });
    return { ...model, info: { ...model.info, leftOut: validation.length - known.length } };
  },
  async load(model) {
    const file = model?.files['stack'];
    if (!file) throw new Error('ensemble must be trained before it can score');
    const stack = JSON.parse(await readFile(file.path, 'utf8')) as Stack;
    return {
      async score(_clip, others) {
        if (!others) throw new Error('ensemble was not told what its members say');
        return stackScore(stack, others);
      },
    };
  },
};
