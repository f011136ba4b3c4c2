/**
 * Neural Voice Puppetry: from the sound of one sentence to a video of a person saying it. A network listens (phones, then
 * 32 audio expressions a frame, one linear map per person), a neural renderer paints the mouth into the target's own frames.
 *
 * Stated deviations from the paper. The speech features come from an own phone-logit network of 29 pre-softmax columns in
 * DeepSpeech's format, so that a real DeepSpeech ONNX can take its place. The two networks of the renderer are shared by all
 * targets, with a texture for each; they work on a window around the mouth; VGG is replaced (`renderer-net.ts`). The target's
 * map is fitted by ridge regression. Rates and lengths of the trainings are those of a few minutes on two cores, but for the
 * preset `gpu`, which has the paper's sizes and has never been trained by us (`options.ts`). What can be left out, and where the
 * published code does otherwise than the paper, stands in `variants.ts`.
 */
import { ItemError, UserError } from '../../src/errors.ts';
import type { Clip, FakePlan, Generator, Media, Model, Quality } from '../../src/types.ts';
import { trainCoefficientNet } from './coefficient-net.job.ts';
import { judgeCoefficients } from './coefficient-quality.job.ts';
import { judgePerson } from './evaluate.job.ts';
import { makeFake } from './fake.job.ts';
import { hearsInstead, learnToHear, requireTeachers } from './hearing.ts';
import { fitMaps } from './maps.job.ts';
import { labelOf, puppetryOptions, settingsOf } from './options.ts';
import type { PuppetryOptions } from './options.ts';
import { groupBy } from '../../src/group.ts';
import { personOf } from '../../src/pairs.ts';
import { openingQuality } from './openings.ts';
import { planFakes } from './plan.ts';
import type { HearingFiles, ModelFiles } from './puppet.ts';
import { trainRenderer } from './renderer.job.ts';
import { summarize } from './summary.job.ts';
import { requireLength, type TargetLengths, targetLengths } from './target-length.ts';
import { planSpoken } from './text-driver.ts';

export const puppetry: Generator<PuppetryOptions> = {
  name: 'puppetry',
  cite: 'Thies, Elgharib, Tewari, Theobalt, Nießner: Neural Voice Puppetry, ECCV 2020, arXiv 1912.05566',
  options: puppetryOptions,
  label: labelOf,
  plan: (clips, { driver, part }, context) =>
    driver ? planSpoken(clips, driver.text, part, context) : planFakes(clips, part, context),

  async train(clips, options, context): Promise<Model> {
    const settings = settingsOf(options);
    const { seed } = context;
    const tabled = clips.filter((clip) => clip.coefficients);
    if (tabled.length > 0) {
      const learned = await context.run(trainCoefficientNet, {
        clips: tabled,
        settings: settings.audio,
        seed,
      });
      const { windowNet, filter, info } = learned;
      return { files: { windowNet, filter }, info: gatherCurves({ audioNet: info }) };
    }
    const filmed = clips.filter(({ media, track }) => media.audio && media.video && track);
    const lengths = targetLengths(filmed, options.preset);
    const fitted = filmed.filter((clip) => clip.use === 'fit' && !(personOf(clip) in lengths.refused));
    requireClips(fitted, options.fitClips);
    const footage = firstOfEach(fitted, options.fitClips);
    // Clips without a face track, like most recordings: every fake is then refused with its reason.
    if (footage.length === 0)
      return { files: {}, info: { untrained: 'no clip to fit on has a face track and sound', ...lengths } };
    requireTeachers(clips, settings.audio);
    requireRoom(footage, labelOf(options), settings.renderer.sizePx);
    const renderer = context.run(trainRenderer, { clips: footage, settings: settings.renderer, seed });
    // Whoever awaits it below hears of a failure; until then it must not end the process.
    renderer.catch(() => {});
    const hearing = await learnToHear(clips, settings, context);
    const maps = await context.run(fitMaps, {
      clips: footage,
      files: hearing.files,
      variant: options.audio,
    });
    const { net, textures, filters, info } = await renderer;
    const files: ModelFiles = {
      ...hearing.files,
      maps,
      renderer: net,
      textures,
      ...(filters ? { filters } : {}),
    };
    const hears = hearsInstead(files);
    return {
      files,
      info: {
        ...gatherCurves({ ...hearing.info, renderer: info }),
        ...lengths,
        ...(hears === undefined ? {} : { hears }),
      },
    };
  },

  async make({ target, driver, labels: { spans } }, model, options, context) {
    if (!target.track) {
      throw new ItemError(
        'E_NOT_APPLICABLE',
        `${target.id}: has no face track, so there is no mouth to repaint. Use clips with a track`,
      );
    }
    const text = options.driver?.text;
    if (!model || (!driver && text === undefined))
      throw new Error('puppetry makes fakes with a trained model and a driver');
    requireLength(target, model.info as Partial<TargetLengths>, options.preset);
    if (!model.files['renderer']) {
      throw new ItemError(
        'E_NOT_APPLICABLE',
        `${target.id}: no clip may be fitted on. Add clips of use fit with a face track and sound`,
      );
    }
    const hears = hearsInstead(model.files);
    return context.run(makeFake, {
      target,
      ...(text === undefined ? { driver: driver! } : { text, seed: context.seed }),
      files: model.files as ModelFiles,
      settings: settingsOf(options),
      label: labelOf(options),
      // Provenance says what made the fake.
      options: hears === undefined ? options : { ...options, audio: { ...options.audio, input: hears } },
      ...(spans ? { spans } : {}),
    });
  },

  /** On the test people's scored clips, on which nothing was fitted; of a corpus without media on the last fifth of each sequence; of puppets that hear the sound itself on the fakes. */
  async evaluate(clips, model, options, context): Promise<Quality> {
    if (!model) throw new Error('puppetry is judged with a trained model');
    const tabled = clips.filter((clip) => clip.coefficients);
    if (tabled.length > 0) {
      const files = model.files as Pick<HearingFiles, 'windowNet' | 'filter'>;
      const input = { clips: tabled, files, seed: context.seed };
      return { figures: await context.run(judgeCoefficients, input), sheets: [] };
    }
    const test = clips.filter(({ split }) => split === 'test');
    if (model.files['renderer'] && hearsInstead(model.files) !== undefined) {
      const make = (plan: FakePlan): Promise<Media> => puppetry.make(plan, model, options, context);
      return openingQuality(puppetry.plan(test, options, context), make, context);
    }
    const tracked = test.filter(({ track, media }) => track && media.video && media.audio);
    const people = [...new Set(tracked.map(personOf))].filter((person) => {
      const uses = tracked.filter((clip) => personOf(clip) === person).map(({ use }) => use);
      return uses.includes('fit') && uses.filter((use) => use === 'score').length > 1;
    });
    if (people.length === 0) return { figures: {}, sheets: [] };
    // Doing nothing is judged by the footage that the puppets have had.
    const fitted = new Set(
      firstOfEach(
        tracked.filter(({ use }) => use === 'fit'),
        options.fitClips,
      ),
    );
    const judged = people.map((person) =>
      context.run(judgePerson, {
        person,
        clips: tracked.filter(
          (clip) => personOf(clip) === person && (clip.use === 'score' || fitted.has(clip)),
        ),
        files: model.files as ModelFiles,
        settings: settingsOf(options),
      }),
    );
    const qualities = await Promise.all(judged);
    const columns =
      'from left to right: filmed, puppetry, mean expression, nearest training frame, shuffled sound';
    return {
      ...(await context.run(summarize, { people: qualities, seed: context.seed })),
      sheets: qualities.map(({ person, sheet }) => ({ title: `${person}, ${columns}`, picture: sheet })),
    };
  },
};

/** The first `count` clips of each person. */
function firstOfEach(clips: Clip[], count = Infinity): Clip[] {
  return [...groupBy(clips, personOf).values()].flatMap((own) => own.slice(0, count));
}

/** A number that nobody has would stand in the label and mean all. */
function requireClips(footage: Clip[], count = 1): void {
  const most = Math.max(0, ...[...groupBy(footage, personOf).values()].map((own) => own.length));
  if (footage.length > 0 && most < count)
    throw new UserError(`puppetry: fitClips is ${count}, and nobody has more than ${most} clips to fit on`);
}

/** Told before hours of training, not after. */
function requireRoom(footage: Clip[], label: string, sizePx: number): void {
  const small = footage.find(({ media }) => Math.min(media.video!.width, media.video!.height) < sizePx);
  if (!small) return;
  throw new UserError(
    `${label} paints windows of ${sizePx} px, and ${small.id} has ${small.media.video!.width}×${small.media.video!.height}. Choose another preset, or bring larger footage`,
  );
}

/** What the networks say of their training, with `losses` and `validation` gathered by network, which is how the report draws them. */
function gatherCurves(nets: Record<string, Record<string, unknown>>): Record<string, unknown> {
  const info: Record<string, unknown> = {};
  const losses: Record<string, unknown> = {};
  const validation: Record<string, unknown> = {};
  for (const [name, { losses: loss, validation: errors, ...rest }] of Object.entries(nets)) {
    info[name] = rest;
    losses[name] = loss;
    if (errors) validation[name] = errors;
  }
  return { losses, validation, ...info };
}
