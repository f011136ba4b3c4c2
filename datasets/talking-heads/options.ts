/** What of `talking-heads` an experiment may choose. */
import { z } from 'zod';

const count = z.int().min(0).max(1000);
/** A sentence with silence around it needs this long; longer clips hold several. */
const shortestClipSeconds = 1.5;
const longestClipSeconds = 60;

export const options = z
  .strictObject({
    identities: z
      .strictObject({ train: count.default(6), validation: count.default(2), test: count.default(8) })
      .prefault({})
      .describe('how many people each split shows'),
    clipsPerIdentity: z.int().min(1).max(1000).default(10),
    fitClips: count
      .default(6)
      .describe('how many of a person’s clips, the first ones, generators may be fitted on; never scored'),
    framesPerClip: z.int().min(1).default(60),
    fps: z.int().min(10).max(60).default(25),
    extraVoices: count
      .default(40)
      .describe('people of split train who are heard only: sound and track, no picture'),
    voiceClips: count.default(6).describe('clips of each of them'),
    extraFaces: count
      .default(0)
      .describe('people of split train who are filmed for measuring networks alone (sync-own)'),
    faceClips: count.default(6).describe('clips of each of them'),
    extraPortraits: count
      .default(0)
      .describe(
        'people of split train of whom there are photos alone, for those that learn what people look like',
      ),
    portraitPhotos: count.default(6).describe('photos of each of them'),
    testLanguage: z
      .enum(['first', 'second'])
      .default('first')
      .describe(
        'what the test people’s scored clips are spoken in; the second one is made up, with phones that are heard nowhere else',
      ),
    photos: z
      .boolean()
      .default(false)
      .describe('what is scored are photos: the middle frame of each clip, without sound'),
    dubbed: z
      .boolean()
      .default(false)
      .describe(
        'every scored clip once more with the sound of another: picture and sound real, pairing fake',
      ),
  })
  .superRefine((value, context) => {
    const seconds = value.framesPerClip / value.fps;
    const say = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (seconds < shortestClipSeconds || seconds > longestClipSeconds) {
      say(
        'framesPerClip',
        `${value.framesPerClip} frames are ${seconds.toFixed(2)} s; clips last ${shortestClipSeconds} to ${longestClipSeconds} s`,
      );
    }
    if (value.photos && value.dubbed) say('dubbed', 'photos have no sound to be dubbed');
    if (value.fitClips >= value.clipsPerIdentity) {
      say(
        'fitClips',
        `${value.fitClips} leaves nothing to score of the ${value.clipsPerIdentity} clips of a person (clipsPerIdentity)`,
      );
    }
    if (value.identities.train + value.identities.validation + value.identities.test === 0)
      say('identities', 'nobody is in the data set');
  });

export type Options = z.infer<typeof options>;
