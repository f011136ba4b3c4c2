import { z } from 'zod';
import { loadLogistic, trainLogistic } from '../../src/learn/train-logistic.ts';
import { meanWithInterval } from '../../src/metrics/bootstrap.ts';
import { readSyncInput } from '../../src/sync/sync-input.ts';
import type { Context, Detector, FileRef, LabelledClip, Model } from '../../src/types.ts';
import { avSyncErrors, avSyncFeatures, type NetFiles, syncFeatures } from './features.job.ts';
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
      ({ clip, soundFrom }) => context.run(avSyncFeatures, { clip, soundFrom, nets }),
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
    const found = await Promise.all(clips.map((clip) => context.run(avSyncErrors, { clip, shifts, nets })));
    const values: number[] = [];
    const people: string[] = [];
    found.forEach(({ errors }, i) => {
      if (!errors) return;
      values.push(errors.filter((error) => Math.abs(error) <= 1).length / errors.length);
      people.push(clips[i]!.sources[0] ?? clips[i]!.id);
    });
    const rng = context.rng('av-sync', 'quality');
    return {
      figures: { 'offsetFoundWithin1Frame/shifted by 0 to 5': meanWithInterval(values, people, { rng }) },
      sheets: [],
    };
  },
};

function netFiles(model: Model | undefined): NetFiles {
  const { picture, sound } = (model?.files ?? {}) as Record<string, FileRef | undefined>;
  if (!picture || !sound) throw new Error('av-sync must be trained before it can score');
  return { picture, sound };
}

type Pair = LabelledClip & { soundFrom: LabelledClip['clip'] };

/** Each genuine clip as it is, and once with the sound of another: in turns one of the same person and one of somebody else. */
function withOtherSound(genuine: LabelledClip[], context: Context): Pair[] {
  const person = ({ clip }: LabelledClip): string | undefined => clip.sources[0];
  return genuine.flatMap((own, i): Pair[] => {
    const others = genuine.filter((other) => other !== own);
    const wanted = others.filter((other) => (person(other) === person(own)) === (i % 2 === 0));
    const pool = wanted.length > 0 ? wanted : others;
    const matched: Pair = { clip: own.clip, soundFrom: own.clip, truth: 'real' };
    if (pool.length === 0) return [matched];
    const other = context.rng('av-sync', 'other sound', own.clip.id).pick(pool);
    return [matched, { clip: own.clip, soundFrom: other.clip, truth: 'fake' }];
  });
}
