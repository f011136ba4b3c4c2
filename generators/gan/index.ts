/**
 * Portraits of nobody, drawn from noise by a generator that learned against a discriminator (Goodfellow et al., NeurIPS 2014), in the shape of DCGAN (Radford et al.,
 * ICLR 2016) with spectral normalisation and hinge loss (Miyato et al., ICLR 2018), DiffAugment (Zhao et al., NeurIPS 2020), a discriminator that sees how far
 * pictures differ from each other (Karras et al., ICLR 2018), and an average of the generator's weights. It learns from heads of the training people alone, so what it draws looks like them and mixtures of them.
 *
 * The whole frame is drawn, at 64 px and enlarged. A clip is a closed walk through the latents, as long as a target clip and under its sound; a photo where the target
 * is one, or with `part` a stretch of it. Sound and picture of such a clip do not belong together, and nobody has tracked its face: what needs a track is not applicable.
 *
 * Odd: a step changes both networks at once, each by the gradient of its own loss, at one rate; published are several steps of the discriminator for one of the generator.
 */
import { ItemError } from '../../src/errors.ts';
import { besideTarget } from '../../src/quality/beside-target.ts';
import { spansOf } from '../../src/pipeline/part.ts';
import type { FakePlan, Generator, Labels, Model, Quality } from '../../src/types.ts';
import { drawSheets } from './evaluate.job.ts';
import { makePortrait } from './fake.job.ts';
import { footageOf, type Material, materialOf } from './material.ts';
import { type GanOptions, ganOptions, labelOf, settingsOf } from './options.ts';
import { trainGan } from './train.job.ts';

/** Walks on the sheet. */
const mostWalks = 4;

export const gan: Generator<GanOptions> = {
  name: 'gan',
  cite: 'Radford, Metz, Chintala: Unsupervised Representation Learning with DCGANs, ICLR 2016; Miyato et al.: Spectral Normalization for GANs, ICLR 2018; Zhao et al.: Differentiable Augmentation, NeurIPS 2020 (small)',
  options: ganOptions,
  label: labelOf,
  depicts: footageOf,
  plan: (clips, { part }, context) =>
    clips
      .filter((clip) => clip.use === 'score' && clip.media.video)
      .map((target): FakePlan => {
        const spans = spansOf(target, part, context);
        const sound: Labels = target.media.audio ? { audio: 'real', pairing: 'fake' } : {};
        return { id: target.id, target, labels: { video: 'fake', ...sound, ...(spans ? { spans } : {}) } };
      }),

  async train(clips, options, context): Promise<Model> {
    const footage = footageOf(clips);
    if (footage.length === 0)
      return { files: {}, info: { untrained: 'no clip of split train, use fit, has a face track' } };
    const { files, info } = await context.run(trainGan, {
      clips: footage,
      settings: settingsOf(options),
      seed: context.seed,
    });
    return { files, info: { ...info, material: materialOf(footage) } };
  },

  async make({ target, labels: { spans } }, model, options, context) {
    const generator = model?.files['generator'];
    if (!generator) {
      throw new ItemError(
        'E_NOT_APPLICABLE',
        `${target.id}: portraits are learned from clips of split train, use fit, with a face track, and there are none. Add such clips`,
      );
    }
    const material = model!.info['material'] as Material;
    return context.run(makePortrait, {
      target,
      generator,
      material,
      options,
      ...(spans ? { spans } : {}),
      seed: context.seed,
    });
  },

  /** Pictures to look at, and how restless walks are beside the targets; how far its portraits are from real ones, `kid-own` says of every generator. */
  async evaluate(clips, model, options, context): Promise<Quality> {
    const generator = model?.files['generator'];
    const test = clips.filter(({ split, use, media }) => split === 'test' && use === 'score' && media.video);
    if (!generator || test.length === 0) return { figures: {}, sheets: [] };
    const [{ figures }, { portraits, walks }] = await Promise.all([
      besideTarget(gan, clips, model, options, context),
      context.run(drawSheets, {
        footage: footageOf(clips),
        walks: test.slice(0, mostWalks).map(({ id, media }) => ({ id, frameCount: media.video!.frameCount })),
        generator,
        net: settingsOf(options).net,
        seed: context.seed,
      }),
    ]);
    // Its picture is not the target's, so how close they are says nothing.
    const own = Object.entries(figures).filter(([name]) => name.startsWith('flickerRatio/'));
    return {
      figures: Object.fromEntries(own),
      sheets: [
        {
          title:
            'above: what it learned from; below: portraits drawn at random, each the best of twelve by the discriminator',
          picture: portraits,
        },
        { title: 'walks, a row each, from left to right; each comes back to where it began', picture: walks },
      ],
    };
  },
};
