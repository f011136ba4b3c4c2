import { z } from 'zod';
import { loadLogistic, trainLogistic } from '../../src/learn/train-logistic.ts';
import { meanWithInterval } from '../../src/metrics/resampling.ts';
import { personOf, pairClips } from '../../src/pairs.ts';
import { orReason } from '../../src/pipeline/items.ts';
import { readSyncInput } from '../../src/sync/sync-input.ts';
import type { Context, Detector, FileRef, LabelledClip, Model, Quality } from '../../src/types.ts';
import { avSyncErrors, avSyncFeatures, type Lesson, type NetFiles, syncFeatures } from './features.job.ts';
import { openNets } from './nets.ts';
import { trainAvSync } from './train.job.ts';

const options = z.strictObject({ preset: z.enum(['smoke', 'cpu']).default('cpu') });

/** Frames by which genuine sound is moved to see whether the offset is found again. */
const shifts = [0, 1, 2, 3, 4, 5];

/**
 * Do lips and sound belong together? Learns from genuine clips alone: which sound goes with which mouth, then how confident it
 * is of the clips themselves beside the same clips with other sound. The score is a logistic function of confidence, size of
 * the offset and least distance. It says nothing of how a mouth looks.
 */
export const avSync: Detector<z.infer<typeof options>> = {
  name: 'av-sync',
  cite: 'Chung, Zisserman: Out of Time: Automated Lip Sync in the Wild, ACCV workshops 2016 (SyncNet, small)',
  family: 'audio-visual',
  judges: 'pairing',
  needs: 'audio-visual',
  learnsFrom: 'real',
  options,
  label: ({ preset }) => `av-sync@${preset}`,

  async train(examples, { preset }, context): Promise<Model> {
    const clips = (labelled: LabelledClip[]) => labelled.map(({ clip }) => clip);
    const { picture, sound, info } = await context.run(trainAvSync, {
      train: clips(examples.train),
      validation: clips(examples.validation),
      preset,
      seed: context.seed,
    });
    const nets = { picture, sound };
    const logistic = await trainLogistic(
      'av-sync',
      {
        train: withOtherSound(examples.train, context),
        validation: withOtherSound(examples.validation, context),
      },
      async ({ lesson, truth, clip }) => {
        const { own, foreign } = await context.run(avSyncFeatures, { ...lesson, nets });
        if (truth === 'real') return own;
        if (!foreign) throw new Error(`${clip.id}: no foreign sound was heard`);
        return foreign;
      },
      context,
    );
    return { files: { ...nets, ...logistic.files }, info: { ...info, decision: logistic.info } };
  },

  async load(model) {
    const decide = await loadLogistic(model);
    const { picture, sound } = netFiles(model);
    const nets = await openNets({ picture: picture.path, sound: sound.path });
    return { score: async (clip) => decide(await syncFeatures(nets, await readSyncInput(clip))) };
  },

  async evaluate(clips, model, _options, context) {
    const nets = netFiles(model);
    const found = await Promise.all(
      clips.map((clip) => orReason(context.run(avSyncErrors, { clip, shifts, nets }))),
    );
    const known = found.flatMap((errors, i) =>
      'reason' in errors ? [] : [{ errors, person: personOf(clips[i]!) }],
    );
    const within = known.map(
      ({ errors }) => errors.filter((error) => Math.abs(error) <= 1).length / errors.length,
    );
    const people = known.map(({ person }) => person);
    const rng = context.rng('av-sync', 'quality');
    const figures: Quality['figures'] = {
      'offsetFoundWithin1Frame/shifted by 0 to 5': meanWithInterval(within, people, { rng }),
      offsetFoundCoverage:
        clips.length > 0
          ? { value: known.length / clips.length }
          : { value: null, reason: 'there are no genuine clips to test on' },
    };
    return { figures, sheets: [] };
  },
};

function netFiles(model: Model | undefined): NetFiles {
  const { picture, sound } = (model?.files ?? {}) as Record<string, FileRef | undefined>;
  if (!picture || !sound) throw new Error('av-sync must be trained before it can score');
  return { picture, sound };
}

/** Both examples of a clip name the same lesson, so that it is read once for both. */
type Example = LabelledClip & { lesson: Lesson };

/** Each genuine clip as it is, and once with the sound of another (`pairClips`). Clips of one split. */
function withOtherSound(genuine: LabelledClip[], context: Context): Example[] {
  const clips = genuine.map(({ clip }) => clip);
  const foreign = new Map(pairClips(clips, 'av-sync', context).map(({ target, driver }) => [target, driver]));
  return clips.flatMap((clip): Example[] => {
    const other = foreign.get(clip);
    if (!other) return [{ clip, truth: 'real', lesson: { clip } }];
    const lesson = { clip, foreign: other };
    return [
      { clip, truth: 'real', lesson },
      { clip, truth: 'fake', lesson },
    ];
  });
}
