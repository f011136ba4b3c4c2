/**
 * The vocabulary of masque; read this first. Everything that crosses a process border is plain data: a clip is a
 * description plus the files it lies in, and `src/media` opens it.
 */
import type { z } from 'zod';
import type { Rng } from './random.ts';

export type Truth = 'real' | 'fake';
export type Split = 'train' | 'validation' | 'test';

/** A file with the hash of its content. Cache keys are made of the hash, never of the path. */
export type FileRef = { path: string; sha256: string };

/** A stretch of time in seconds, `start` inclusive, `end` exclusive. */
export type Span = { start: number; end: number };

/** A clip can be fake in its picture, in its sound, or only in how they belong together (dubbing). Absent = unknown or not there. */
export type Labels = { video?: Truth; audio?: Truth; pairing?: Truth; spans?: Span[] };

export type Item = {
  id: string;
  /** Every identity or recording that went into it (target and driver of a puppet); the first is the one seen. All lie in one split. */
  sources: string[];
  labels: Labels;
  /** Where it comes from: the data set's name for real clips, the generator's label for fakes, also those that a data set brings along. */
  origin: string;
  split: Split;
  /** Of what was made of two clips. */
  driving?: Driving;
  licence: string;
  /** A licence is not consent: without this, fakes of the person never leave the run folder. */
  likenessConsent?: { basis: string; scope: string };
};

/**
 * `unshown`: packets of the picture that show no frame, where there are some. An edit list hides them (of a cut film those before its first frame), the codec keeps them for
 * itself, a frame has one for each of its fields, or they are damaged: which of these a file does not say.
 */
export type VideoInfo = { fps: number; width: number; height: number; frameCount: number; unshown?: number };
export type AudioInfo = { sampleRate: number; sampleCount: number };
/** A media file as probed. A photo has one frame and no sound; a recording has no video. */
export type Media = FileRef & { video?: VideoInfo; audio?: AudioInfo };

/** RGB, row-major, three bytes per pixel. */
export type Frame = { width: number; height: number; data: Uint8Array };
/** Mono, in [-1, 1]. */
export type Audio = { sampleRate: number; samples: Float32Array };

/** When a phone is spoken; `phone` as in `src/speech/lexicon.ts`. */
export type PhoneSpan = Span & { phone: string };

export type Clip = Item & {
  media: Media;
  /**
   * `fit`: a generator may be fitted on it, it is never scored. `score`: it may be scored, nothing of its person is fitted on it.
   * `measure`: networks that measure fakes (`sync-own`) learn from it, and nothing else sees it.
   */
  use: 'fit' | 'score' | 'measure';
  /** A `FaceTrack` file (`src/head/track.ts`), where a tracker or the renderer left one. */
  track?: FileRef;
  /** What a tracker saw, where one looked: frames with the main face, frames bridged between such, and the most faces at once. */
  seen?: { found: number; bridged: number; faces: number };
  /** What is said and when, where it is known exactly. */
  phones?: PhoneSpan[];
  /**
   * Of a corpus that brings these and no media: speech features and expressions of every frame, a file of `src/tensors.ts` with
   * `windows` [T, 16, 29] and `expressions` [T, K].
   */
  coefficients?: FileRef;
};

/** What training leaves: files by name, and plain values worth recording (losses, the epoch chosen on validation, …). */
export type Model = { files: Record<string, FileRef>; info: Record<string, unknown> };

/** A number with its interval where one was computed, or the reason why the interval or the number does not exist. */
export type Measured =
  | { value: number; low?: number; high?: number }
  | { value: number; low: null; high: null; reason: string }
  | { value: null; reason: string };
/** `sheets`: pictures to look at, each with a title that says what is where. */
export type Quality = {
  figures: Record<string, Measured>;
  sheets: { title: string; picture: FileRef }[];
  /** Figures that are means over people: each person's own, so that generators can be compared person by person. */
  byPerson?: Record<string, Record<string, number>>;
};

/** Heavy work that runs in a worker process and whose result is cached under the hash of its input, its code and its tools. */
export type Job<Input, Output> = {
  name: string;
  /** `import.meta.url` of the module that exports this job; a worker imports it again. */
  module: string;
  /** Processor threads the work uses; a constant of the job, so that results never depend on how busy the machine is. */
  threads: 1 | 2;
  /** Many others wait for what it makes (a training, the fakes to train on): it starts before waiting jobs that are not urgent. */
  urgent?: true;
  /** Whether the output would be the same another time; what failed may succeed then. One that is not is given, and not kept in the cache. */
  isFinal?(output: Output): boolean;
  run(input: Input, work: Work): Promise<Output>;
};

/** What a running job is given. */
export type Work = {
  /** An empty folder for its files; kept when the job succeeds. */
  folder: string;
  /**
   * A folder, made when needed, for what a killed job goes on from: the same job finds it again at the next start. It is
   * removed when the job succeeds. The result must not depend on whether anything lay there.
   */
  checkpoints: string;
  /** Describes a file the job wrote into `folder`. */
  keep(name: string): Promise<FileRef>;
  /** Tells how far the work is, 0 to 1. */
  progress(fraction: number, note?: string): void;
  /** Tells whoever watches something worth a line. */
  note(message: string): void;
};

/** What a component is given by the pipeline. No globals, no clock, no `Math.random`. */
export type Context = {
  seed: number;
  rng(...scope: (string | number)[]): Rng;
  /** Runs a job in a worker process, or returns its cached output. */
  run<Input, Output>(job: Job<Input, Output>, input: Input): Promise<Output>;
};

/** What every catalogue entry has. Its name is its file's name, its key in the table and its name in YAML. */
export type Component<Options> = {
  name: string;
  /** Paper or source, one line. */
  cite: string;
  /** The options in YAML with their defaults; `{}` must be valid. */
  options: z.ZodType<Options>;
  /**
   * What the user brings along instead of training (a program, a network): its files by content, so that a changed file is another
   * job. Asked for before anything is made. @throws UserError where something is missing or not what it should be.
   */
  bring?(options: Options, context: Context): Promise<Model>;
};

/** What is known of the person and the clip, by name: `{ "skin tone": "dark", language: "first" }`. */
export type Attributes = Record<string, string>;

/** A clip as the lists and names of its data set describe it, before its file is opened. */
export type ListedClip = Item & { attributes?: Attributes };

/** What is listed. `remarks`: sentences that whoever reads the results must know: what was missing, a published split that shares people. */
export type Listing = { remarks: string[]; clips(): AsyncIterable<ListedClip> };

export type Dataset<Options = unknown> = Component<Options> & {
  clips(options: Options, context: Context): AsyncIterable<Clip>;
  /** Of data sets that lie on the disk: what `clips` would give, before any file is opened. @throws UserError as `clips` does, and all at once. */
  list?(options: Options, context: Pick<Context, 'rng'>): Promise<Listing>;
  /**
   * What is known of a clip that results can be sliced by. It stands beside the clips and not in them, because it enters no job: nothing
   * learns from it, and a new attribute leaves the cache as it is.
   */
  attributes?(options: Options, context: Context): Promise<(clip: Clip) => Attributes>;
};

/** Whose words the person seen says: their own of another clip, or somebody else's. */
export type Driving = 'same-person' | 'other-person';

/** One fake to make. */
export type FakePlan = {
  id: string;
  target: Clip;
  driver?: Clip;
  /** Somebody whose face the target is given; the sound stays the target's. */
  face?: Clip;
  /** What is heard, where it is spoken anew. */
  phones?: PhoneSpan[];
  labels: Labels;
  driving?: Driving;
};

export type Generator<Options = unknown> = Component<Options> & {
  /** A control is not trained on, except in a probe of its own, and stands first in tables. */
  control?: true;
  /** What stands in tables, with preset and resolution: `puppetry@cpu-96`. */
  label(options: Options): string;
  /**
   * Of one whose pictures show not the target but what it learned from: those clips. Their licences and consents hold for its fakes, and
   * the target's face track does not. They are no `sources`: these lie in one split, and say what is drawn together for intervals.
   */
  depicts?(clips: Clip[]): Clip[];
  /** Which fakes are made of the clips (one split at a time). */
  plan(clips: Clip[], options: Options, context: Context): FakePlan[];
  /**
   * Sees every clip, but fits on `use: 'fit'` alone. What it learns of speech or of people in general comes of split `train` and `validation`;
   * what must know how its targets look (the renderer of `puppetry`, the network of `face-swap`) has weights that all people share and
   * that are fitted on the test people's footage too, and so has what recorded puppets hear by.
   */
  train?(clips: Clip[], options: Options, context: Context): Promise<Model>;
  /** Makes one fake: a media file in the encoding of `src/media/encode.ts`. */
  make(plan: FakePlan, model: Model | undefined, options: Options, context: Context): Promise<Media>;
  /** How good its pictures and sounds are, beside what doing nothing would give. */
  evaluate?(clips: Clip[], model: Model | undefined, options: Options, context: Context): Promise<Quality>;
};

/** Clips a detector learns from; it chooses epochs and the like on `validation`. Truth is that of the label it judges. */
export type Examples = { train: LabelledClip[]; validation: LabelledClip[] };
export type LabelledClip = { clip: Clip; truth: Truth };

/** A clip opened for detectors: decoded pixels and samples, and the file itself for those that judge containers. */
export type OpenClip = {
  clip: Clip;
  /** All frames in order, decoded once where they fit into memory. Throws ItemError when the file does not decode. */
  frames(): AsyncIterable<Frame>;
  audio(): Promise<Audio>;
};

/**
 * A detector ready to judge. Higher score = more likely fake; any finite number. Throws ItemError when it cannot. `others`: of one that
 * asks others, what they say of the clip; null of one that it is no question for.
 */
export type Scorer = { score(clip: OpenClip, others?: (number | null)[]): Promise<number> };

/**
 * Other detectors of the experiment, by their labels, and their scores of a clip in that order; null of one that it is no question for
 * (E_NOT_APPLICABLE). Throws ItemError where one fails, or where it is no question for any.
 */
export type Others = { labels: string[]; scores(clip: Clip): Promise<(number | null)[]> };

/** The label that a detector is asked about; `any`: whether anything at all is fake, as controls are asked. */
export type Judged = 'video' | 'audio' | 'pairing' | 'any';

export type Detector<Options = unknown> = Component<Options> & {
  family:
    | 'control'
    | 'frequency'
    | 'spatial'
    | 'noise'
    | 'blending'
    | 'temporal'
    | 'audio'
    | 'audio-visual'
    | 'physiological'
    | 'provenance'
    | 'own'
    | 'ensemble';
  judges: Judged;
  /** Where the options decide what it judges; `judges` is then that of the default options. */
  judgesBy?(options: Options): Judged;
  /** `faces`: frames and the face track. `track`: that alone. */
  needs: 'frames' | 'faces' | 'track' | 'audio' | 'audio-visual' | 'container' | 'nothing';
  /** What stands in tables, with preset and resolution where it is trained: `meso-inception@cpu-128`. */
  label(options: Options): string;
  /**
   * Of a cue that we put into rendered people ourselves (a pulse, blinks, a sensor's pattern, marks): a sentence that says so. What it
   * finds there is our own paint, so it stands apart in tables and is never ranked.
   */
  constructed?: string;
  /** It is shown genuine clips alone, so there is no generator that it knows; it has no probe either. */
  learnsFrom?: 'real';
  /** It judges by what the others that judge the same and are neither controls nor constructed cues say; `train` is then given them. */
  asksOthers?: true;
  train?(examples: Examples, options: Options, context: Context, others?: Others): Promise<Model>;
  /** Runs in a worker process. */
  load(model: Model | undefined, options: Options, seed: number): Promise<Scorer>;
  /** Of a network whose gradient training left: an attack by whoever knows it. Runs in a worker process. */
  attack?(model: Model | undefined, options: Options): Promise<Attack>;
  /** What it can do on genuine test clips besides telling fakes from them. */
  evaluate?(clips: Clip[], model: Model | undefined, options: Options, context: Context): Promise<Quality>;
};

/** A clip as a distortion leaves it; `folder` holds what it must write for that (a file that a codec made). Randomness is `draw`'s alone: the same for real and fake. */
export type Distortion = (clip: OpenClip, draw: Rng, folder: string) => OpenClip | Promise<OpenClip>;

/** A distortion in rising strength; level 1 is the first. `name` stands in tables: the component's own, or that and a part: `deeperforensics/GB`. */
export type Series = {
  name: string;
  /** What detectors can see or hear of it; who looks at neither is not asked again. */
  changes: 'picture' | 'sound' | 'both';
  /** `severity` with its unit: `σ 1.17 px`, `CRF 40`, `SNR 5 dB`. What attacks a detector differs from one to the next; the others are the same for all. */
  levels: ({ severity: string } & ({ distort: Distortion } | { attack: AttackSettings }))[];
};

/** `radius`: largest change of a pixel's value, in 255ths. */
export type AttackSettings = { radius: number; steps: number };
/** The score of a clip once its frames were changed so that it comes out `towards` that. */
export type Attack = (
  clip: OpenClip,
  settings: AttackSettings & { towards: Truth },
  draw: Rng,
) => Promise<number>;

/** Something that happens to media between their maker and a detector. */
export type Perturbation<Options = unknown> = Component<Options> & { series(options: Options): Series[] };
