/**
 * Face swap by autoencoders: an encoder learns what all faces have in common, a decoder how one person looks; what the encoder sees in
 * the target's frames, the other person's decoder draws (the deepfakes of 2017; Korshunova et al., ICCV 2017, had the same with
 * convolutions alone). Faces are aligned by their landmarks, given the frame's colours, and laid in softly.
 *
 * Stated deviations. At `cpu` everyone shares one network (`shared-net.ts`); faces are not turned or moved in training, since the track
 * aligns them all alike, and colours are not varied, because encoder and decoder only ever see the people they learned from; the mask is the hull of the tracked face, cut by the one that the network draws.
 */
import { ItemError } from '../../src/errors.ts';
import { personOf } from '../../src/pairs.ts';
import type { Clip, Generator, Model, Quality, Split } from '../../src/types.ts';
import { judgeSwap } from './evaluate.job.ts';
import { makeSwap } from './fake.job.ts';
import { type FaceSwapOptions, faceSwapOptions, labelOf, settingsOf } from './options.ts';
import { pairsOf, peopleOf, planSwaps } from './plan.ts';
import { summarizeSwaps } from './summary.job.ts';
import { filesFor, findFiles, joinFiles } from './swapper.ts';
import { trainSwap } from './train.job.ts';

export const faceSwap: Generator<FaceSwapOptions> = {
  name: 'face-swap',
  cite: 'deepfakes/faceswap, DeepFaceLab (Liu et al., Pattern Recognition 2023): one encoder, a decoder per person',
  options: faceSwapOptions,
  label: labelOf,
  plan: planSwaps,

  async train(clips, options, context): Promise<Model> {
    const settings = settingsOf(options);
    // Films: of people of whom there are photos alone no face is exchanged.
    const footage = clips.filter(
      ({ use, track, media: { video } }) => use === 'fit' && track && video && video.frameCount > 1,
    );
    const groups = groupsOf(footage, settings.net.form === 'shared');
    if (groups.length === 0)
      return { files: {}, info: { untrained: 'no two people have clips to fit on with a face track' } };
    const trained = await Promise.all(
      groups.map((people) =>
        context.run(trainSwap, {
          people,
          clips: footage.filter((clip) => people.includes(personOf(clip))),
          settings,
          seed: context.seed,
        }),
      ),
    );
    return {
      files: joinFiles(trained.map(({ files }) => files)),
      info: trained.length === 1 ? trained[0]!.info : { pairs: trained.map(({ info }) => info) },
    };
  },

  async make({ target, face, labels: { spans } }, model, options, context) {
    if (!target.track) {
      throw new ItemError(
        'E_NOT_APPLICABLE',
        `${target.id}: has no face track, so its face cannot be found. Use clips with a track`,
      );
    }
    if (!model || !face) throw new Error('face-swap makes fakes with a trained model and another face');
    const files = filesFor(model.files, personOf(target), personOf(face));
    return context.run(makeSwap, { target, face, files, options, ...(spans ? { spans } : {}) });
  },

  /** On the test people's scored clips, of which nothing was fitted. */
  async evaluate(clips, model, options, context): Promise<Quality> {
    if (!model) throw new Error('face-swap is judged with a trained model');
    const seen = clips.filter((clip) => clip.split === 'test' && clip.track && clip.media.video);
    const plans = planSwaps(seen, options, context);
    const pairs = new Map(plans.map(({ target, face }) => [personOf(target), personOf(face!)]));
    const judged = [...pairs].flatMap(([target, source]) => {
      const files = findFiles(model.files, target, source);
      return files ? [{ target, source, files }] : [];
    });
    if (judged.length === 0) return { figures: {}, sheets: [] };
    const people = await Promise.all(
      judged.map(({ target, source, files }) =>
        context.run(judgeSwap, {
          target,
          source,
          clips: seen.filter((clip) => [target, source].includes(personOf(clip))),
          files,
          options,
        }),
      ),
    );
    return {
      figures: await context.run(summarizeSwaps, { people, seed: context.seed }),
      sheets: people.flatMap(({ person, sheet }) =>
        sheet
          ? [{ title: `${person}, from left to right: target, whose face it gets, swapped`, picture: sheet }]
          : [],
      ),
    };
  },
};

/** Who learns together: everyone, or two by two within a split. */
function groupsOf(footage: Clip[], shared: boolean): string[][] {
  if (shared) return peopleOf(footage).length > 1 ? [peopleOf(footage)] : [];
  const splits: Split[] = ['train', 'validation', 'test'];
  return splits.flatMap((split) => pairsOf(peopleOf(footage.filter((clip) => clip.split === split))));
}
