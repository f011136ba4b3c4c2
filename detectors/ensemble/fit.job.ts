import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnswerSet, bestSingle, chooseStack } from '../../src/learn/stacking.ts';
import { defineJob } from '../../src/pipeline/job.ts';
import type { Model } from '../../src/types.ts';

/** `set`: a row for each validation clip, an answer of each member. `people`: who is seen in each. */
type Input = { set: AnswerSet; people: string[]; members: string[] };

export const fitEnsemble = defineJob<Input, Model>({
  name: 'fit-ensemble',
  module: import.meta.url,
  threads: 1,
  urgent: true,
  async run({ set, people, members }, work) {
    const { stack, regularisation, heldOutLoss } = chooseStack(set, people);
    const { aucs, best } = bestSingle(set);
    await writeFile(join(work.folder, 'stack.json'), JSON.stringify(stack));
    const info = {
      // Per nat of calibrated log-odds.
      members: members.map((label, j) => ({
        label,
        weight: stack.regression.weights[j]!,
        validationAuc: aucs[j],
      })),
      bestSingle: members[best]!,
      regularisation,
      heldOutLoss,
      examples: set.rows.length,
    };
    return { files: { stack: await work.keep('stack.json') }, info };
  },
});
