/**
 * How puppets hear. Where somebody's phones are known, by the paper's networks, learned on the training people. In recordings nobody's are: a network
 * that learned from rendered voices hears nothing there, and the seconds that are at hand teach none, so that the sound itself is
 * heard (mel bands around each frame), by one ridge regression for all on the footage that puppets are fitted on (`maps.job.ts`).
 */
import { UserError } from '../../src/errors.ts';
import type { Clip, Context } from '../../src/types.ts';
import { trainAudioNet } from './audio-net.job.ts';
import type { Settings } from './options.ts';
import { trainPhoneNet } from './phone-net.job.ts';
import type { HearingFiles } from './puppet.ts';
import { publishedAudio } from './variants.ts';

/** What record and provenance say in place of the option `audio.input` where nobody's phones are known. */
const theSoundItself = 'mel bands of the sound around each frame, by ridge regression';

/** What puppets with these files hear otherwise than their options say; undefined where a network hears phones, as they say. */
export const hearsInstead = ({ phoneNet }: { phoneNet?: unknown }): string | undefined =>
  phoneNet ? undefined : theSoundItself;

/** What is learned of hearing: its files, and what each network says of its training. */
export type Hearing = { files: Partial<HearingFiles>; info: Record<string, Record<string, unknown>> };

const mayTeach = ({ split, use }: Clip): boolean => split === 'train' && use === 'fit';
const isTracked = ({ media, track }: Clip): boolean => media.audio !== undefined && track !== undefined;

/**
 * Says how these clips can be heard, before anything is trained.
 * @throws UserError where phones are known and of nobody who may teach, and where options are of networks that there will not be.
 */
export function requireTeachers(
  clips: readonly Clip[],
  { variant = publishedAudio }: Settings['audio'],
): void {
  const told = clips.filter((clip) => isTracked(clip) && clip.phones);
  if (told.length > 0 && !told.some(mayTeach)) {
    throw new UserError(
      'puppetry learns to hear on clips of split train, use fit, with a face track and the times of their phones, and there are none. ' +
        'Use the data set talking-heads, for training at least',
    );
  }
  const idle = Object.entries(variant).find(
    ([key, value]) => value !== publishedAudio[key as keyof typeof publishedAudio],
  );
  if (told.length === 0 && idle)
    throw new UserError(
      `puppetry: audio.${idle[0]}: ${idle[1]} changes nothing where nobody's phones are known, since no network learns to hear there. Leave it out`,
    );
}

/** Trains what hears, where phones are known. */
export async function learnToHear(
  clips: readonly Clip[],
  settings: Settings,
  context: Context,
): Promise<Hearing> {
  const tracked = clips.filter(isTracked);
  if (!tracked.some(({ phones }) => phones)) return { files: {}, info: {} };
  const told = clips.filter((clip) => clip.media.audio && clip.phones);
  const { seed } = context;
  const phone = await context.run(trainPhoneNet, {
    train: told.filter(mayTeach),
    validation: told.filter(({ split }) => split === 'validation'),
    settings: settings.phone,
    seed,
  });
  const audio = await context.run(trainAudioNet, {
    train: tracked.filter(mayTeach),
    validation: tracked.filter(({ split }) => split === 'validation'),
    phoneNet: phone.net,
    settings: settings.audio,
    seed,
  });
  const { windowNet, filter } = audio;
  return {
    files: { phoneNet: phone.net, windowNet, filter },
    info: { phoneNet: phone.info, audioNet: audio.info },
  };
}
