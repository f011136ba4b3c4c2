/**
 * The speaker's own words in a machine's voice: the sound is forged, the picture and how the two belong together are not. What is
 * said, when, and by whom stays; a detector of sound has only the vocoder's traces to find.
 */
import { z } from 'zod';
import { ItemError } from '../../src/errors.ts';
import { groupBy } from '../../src/group.ts';
import { meanWithInterval } from '../../src/metrics/resampling.ts';
import { personOf } from '../../src/pairs.ts';
import { orReason } from '../../src/pipeline/items.ts';
import { partLabel, partOption, spansOf } from '../../src/pipeline/part.ts';
import { publishClip } from '../../src/pipeline/publish.job.ts';
import type { Clip, Context, FakePlan, Generator, Model, Quality } from '../../src/types.ts';
import { vocodeClip, type VocoderInput } from './fake.job.ts';
import { trainNeural } from './neural.job.ts';
import { judgeSound, ways } from './quality.job.ts';

const options = z.strictObject({
  /**
   * `griffin-lim`: from 80 mel bands, phases by 60 iterations. `lpc`: pulses and noise through a vocal tract of order 18. `neural`: pulses and
   * noise through filters that a network draws, which learned from the training people.
   */
  method: z.enum(['griffin-lim', 'lpc', 'neural']).default('griffin-lim'),
  /** What of the sound is forged. */
  part: partOption,
});
type Options = z.infer<typeof options>;

/** Steps of the neural vocoder's training: about a minute on one core. */
const steps = 400;

export const vocoder: Generator<Options> = {
  name: 'vocoder',
  cite: 'Griffin, Lim: Signal Estimation from Modified Short-Time Fourier Transform, 1984; Atal, Hanauer: Speech Analysis and Synthesis by Linear Prediction, 1971; Wang, Takaki, Yamagishi: Neural Source-Filter Waveform Models for Statistical Parametric Speech Synthesis, 2019 (small)',
  options,
  label: ({ method, part }) => `vocoder@${method}${partLabel(part)}`,
  plan: (clips, { part }, context) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video && clip.media.audio)
      .map((target): FakePlan => {
        const spans = spansOf(target, part, context);
        return {
          id: target.id,
          target,
          labels: { video: 'real', audio: 'fake', pairing: 'real', ...(spans ? { spans } : {}) },
        };
      }),

  async train(clips, { method }, context): Promise<Model> {
    if (method !== 'neural') return { files: {}, info: {} };
    const heard = clips.filter(({ split, use, media }) => split === 'train' && use === 'fit' && media.audio);
    const sampleRate = heard[0]?.media.audio?.sampleRate;
    // Nothing to learn from, as of most recordings: every fake is then refused with its reason.
    if (sampleRate === undefined)
      return { files: {}, info: { untrained: 'no clip of split train, use fit, has sound' } };
    return context.run(trainNeural, {
      clips: heard.filter(({ media }) => media.audio?.sampleRate === sampleRate),
      sampleRate,
      steps,
      seed: context.seed,
    });
  },

  make: async (plan, model, chosen, context) =>
    context.run(vocodeClip, inputOf(plan, model, chosen, context)),

  /** On the fakes of the test people, beside the same sound encoded only and another sentence of the same person. */
  async evaluate(clips, model, chosen, context): Promise<Quality> {
    const test = clips.filter(({ split }) => split === 'test');
    const plans = vocoder.plan(test, chosen, context);
    const judged = await Promise.all(
      plans.map((plan) => orReason(judge(plan, otherWords(plan, plans), model, chosen, context))),
    );
    const known = judged.flatMap((quality, i) =>
      'reason' in quality ? [] : [{ ...quality, id: plans[i]!.id, person: personOf(plans[i]!.target) }],
    );
    if (known.length === 0) return { figures: {}, sheets: [] };
    const rng = context.rng('vocoder', 'quality');
    const figures: Quality['figures'] = {};
    for (const figure of ['melCepstralDb', 'logSpectralDb'] as const)
      for (const way of ways) {
        const found = known.flatMap(({ distances, person }) => {
          const distance = distances[way];
          return distance ? [{ value: distance[figure], person }] : [];
        });
        figures[`${figure}/${way}`] = meanWithInterval(
          found.map(({ value }) => value),
          found.map(({ person }) => person),
          { rng: rng.fork('bootstrap') },
        );
      }
    const first = [...groupBy(known, ({ person }) => person).values()].map((own) => own[0]!);
    const sheets = first.slice(0, mostSheets).map(({ id, sheet }) => ({
      title: `${id}, above: as spoken, below: ${vocoder.label(chosen)}; 0 to half the sampling rate upwards`,
      picture: sheet,
    }));
    return { figures, sheets };
  },
};

/** People of whom a sheet is shown. */
const mostSheets = 4;

/** The fake is the one already made: the same job under the same input. */
async function judge(
  plan: FakePlan,
  other: Clip | undefined,
  model: Model | undefined,
  chosen: Options,
  context: Context,
) {
  const { target, labels } = plan;
  return context.run(judgeSound, {
    target,
    fake: await context.run(vocodeClip, inputOf(plan, model, chosen, context)),
    copy: await context.run(publishClip, { clip: target }),
    ...(other ? { other: other.media } : {}),
    ...(labels.spans ? { spans: labels.spans } : {}),
  });
}

/** The next clip of the same person. */
function otherWords({ target }: FakePlan, plans: readonly FakePlan[]): Clip | undefined {
  const own = plans.map((plan) => plan.target).filter((clip) => personOf(clip) === personOf(target));
  return own.length > 1 ? own[(own.indexOf(target) + 1) % own.length] : undefined;
}

/** What one fake is made of. @throws ItemError E_NOT_APPLICABLE where the neural vocoder has learned nothing, or at another rate. */
function inputOf(
  { target, labels }: FakePlan,
  model: Model | undefined,
  chosen: Options,
  { seed }: Context,
): VocoderInput {
  const { method } = chosen;
  const base = { target, method, label: vocoder.label(chosen), seed };
  const { spans } = labels;
  const input = spans ? { ...base, spans } : base;
  if (method !== 'neural') return input;
  const network = model?.files['vocoder'];
  if (!network)
    throw new ItemError(
      'E_NOT_APPLICABLE',
      `${target.id}: the neural vocoder learns from clips of split train, use fit, with sound, and there are none. Add such clips`,
    );
  const rate = target.media.audio?.sampleRate;
  if (rate !== model.info['sampleRate'])
    throw new ItemError(
      'E_NOT_APPLICABLE',
      `${target.id}: its sound has ${rate} Hz, the neural vocoder learned at ${String(model.info['sampleRate'])} Hz`,
    );
  return { ...input, network };
}
