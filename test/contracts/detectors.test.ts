/** What every detector promises, whatever it looks at. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { ItemError } from '../../src/errors.ts';
import { writeTrack } from '../../src/head/track.ts';
import { writePng } from '../../src/media/images.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { probe } from '../../src/media/probe.ts';
import { writeWav } from '../../src/media/wav.ts';
import { createRng } from '../../src/random.ts';
import type {
  Clip,
  Detector,
  Examples,
  FileRef,
  LabelledClip,
  Media,
  Model,
  OpenClip,
  Others,
  Scorer,
  Truth,
} from '../../src/types.ts';
import { describeClip, noisy, stillTrack } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { encodeLossless } from '../support/lossless.ts';
import { marked } from '../support/marked.ts';
import { differencesFromPython } from '../support/python-onnx.ts';
import { findPython } from '../support/python.ts';
import { talker } from '../support/talkers.ts';

const [width, height, frameCount] = [64, 48, 6];
let folder: string;
type Clips = Record<'real' | 'fake' | 'pixel' | 'silence' | 'gone', Clip>;
/** What detectors are shown: pictures without speech, or people who talk, for those that compare the two or need seconds. */
let still: { examples: Examples; clips: Clips };
let talking: typeof still;
/** Talkers, and some whose mouths jump. */
let moving: typeof still;
const shownTo = ({ name, needs }: Detector): typeof still => {
  if (name === 'lip-motion') return moving;
  return needs === 'audio-visual' || name === 'pulse' ? talking : still;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-detectors-'));
  const track = { path: join(folder, 'track'), sha256: 'track' };
  await writeTrack(
    track.path,
    stillTrack(width, height, { x: 24, y: 16, width: 12, height: 14 }, frameCount),
  );
  const example = async (name: string, truth: Truth): Promise<LabelledClip> => ({
    clip: await encoded(name, truth, track),
    truth,
  });
  const examples = {
    train: await Promise.all([
      example('a', 'real'),
      example('b', 'fake'),
      example('c', 'real'),
      example('d', 'fake'),
    ]),
    validation: await Promise.all([example('e', 'real'), example('f', 'fake')]),
  };
  const [real, fake] = [await encoded('g', 'real', track), await encoded('h', 'fake', track)];
  await writePng(join(folder, 'pixel.png'), noisy('pixel', 1, 1, 50));
  await writeWav(join(folder, 'silence.wav'), { sampleRate: 16000, samples: new Float32Array(160) });
  const gone = {
    ...fake,
    id: 'gone',
    media: { ...fake.media, path: join(folder, 'gone.mp4'), sha256: 'gone' },
  };
  const clips = {
    real,
    fake,
    gone,
    pixel: ofMedia('pixel', await probe(join(folder, 'pixel.png'))),
    silence: ofMedia('silence', await probe(join(folder, 'silence.wav'))),
  };
  still = { examples, clips };
  talking = { examples: await talkingExamples(), clips: { ...clips, ...(await talkingPair()) } };
  moving = {
    examples: await withForged(talking.examples),
    clips: { ...talking.clips, fake: await forged('i-0') },
  };
});

const forged = (id: string): Promise<Clip> => talker(folder, id, talkingFrames, 'train', true);

async function withForged({ train, validation }: Examples): Promise<Examples> {
  const fakes = async (...ids: string[]): Promise<LabelledClip[]> => {
    const made: LabelledClip[] = [];
    for (const id of ids) made.push({ clip: await forged(id), truth: 'fake' });
    return made;
  };
  return {
    train: [...train, ...(await fakes('a-2', 'b-2', 'a-3', 'b-3'))],
    validation: [...validation, ...(await fakes('c-2', 'd-2'))],
  };
}

/** Genuine clips of two people a split. */
async function talkingExamples(): Promise<Examples> {
  const genuine = async (...ids: string[]): Promise<LabelledClip[]> => {
    const made: LabelledClip[] = [];
    for (const id of ids) made.push({ clip: await talker(folder, id, talkingFrames), truth: 'real' });
    return made;
  };
  return { train: await genuine('a-0', 'a-1', 'b-0', 'b-1'), validation: await genuine('c-0', 'd-0') };
}

async function talkingPair(): Promise<Pick<Clips, 'real' | 'fake'>> {
  return {
    real: await talker(folder, 'e-0', talkingFrames),
    fake: await talker(folder, 'f-0', talkingFrames),
  };
}
afterAll(async () => {
  await rm(folder, { recursive: true });
  if (writesGolden) await writeFile(goldenFile, `${JSON.stringify(golden, null, 2)}\n`);
});

const ofMedia = (id: string, media: Media): Clip => ({ ...describeClip(id, []), media });

/** Fakes are smoother than real clips, and softer. */
async function encoded(name: string, truth: Truth, track: FileRef): Promise<Clip> {
  const frames = Array.from({ length: frameCount }, (_, i) =>
    noisy(`${name} ${i}`, width, height, truth === 'real' ? 30 : 3),
  );
  const hiss = createRng(1, 'hiss', name);
  const samples = Float32Array.from({ length: 3840 }, () => hiss.normal(0, truth === 'real' ? 0.1 : 0.02));
  const audio = { sampleRate: 16000, samples };
  return {
    ...ofMedia(
      name,
      await encodeLossless(join(folder, `${name}.mp4`), { frames, fps: 25, width, height, audio }),
    ),
    track,
  };
}

/** Options as small as the detector has them. */
const presets: Record<string, object> = {
  'meso-inception': { preset: 'smoke' },
  'av-sync': { preset: 'smoke' },
  onnx: { model: 'roughness', manifest: 'test/golden/models/manifest.yaml' },
  command: { program: 'sh', arguments: ['test/support/score-by-size.sh'] },
};
/** As many as comparing lips and sound needs, and a pulse. */
const talkingFrames = 50;

/** They judge the container, or may: a program gets the file. */
const looksAtFiles = ['metadata', 'provenance', 'command'];

/** Which clips have not got what a detector needs. */
const lacking: Record<Detector['needs'], (keyof Clips)[]> = {
  nothing: [],
  container: [],
  frames: ['silence', 'gone'],
  faces: ['pixel', 'silence', 'gone'],
  track: ['pixel', 'silence'],
  audio: ['pixel', 'gone'],
  'audio-visual': ['pixel', 'silence', 'gone'],
};

/** What a detector that asks others is told: one that sees how smooth the first frame is, and one that says the same of all. */
const others: Others = {
  labels: ['smooth', 'silent'],
  scores: async (clip) => [-(await roughness(clip).catch(() => 0)), 0],
};

async function roughness(clip: Clip): Promise<number> {
  let sum = 0;
  for await (const { data } of openClip(clip).frames()) {
    for (let i = 3; i < data.length; i++) sum += Math.abs(data[i]! - data[i - 3]!) / data.length;
    break;
  }
  return sum;
}

/**
 * Scores of the clips `real` and `fake`, written down with MASQUE_WRITE_GOLDEN=1. Clips are stored without loss, so that they do not depend on
 * which ffmpeg there is; of a program that is brought along nothing is promised.
 */
const goldenFile = 'test/contracts/golden-scores.json';
const writesGolden = Boolean(process.env['MASQUE_WRITE_GOLDEN']);
type Golden = Record<string, { real: number; fake: number }>;
const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Golden;
/** Of the score, or of 1 where it is smaller: training adds up in another order on another processor. */
const goldenTolerance = 1e-2;

/** What each learned, or was brought. */
const trained = new Map<string, Model | undefined>();

describe.each(Object.entries<Detector>(detectors))('detector %s', (name, detector) => {
  const options = detector.options.parse(presets[name] ?? smoke(detector));
  let model: Model | undefined;
  let scorer: Scorer;
  /** What it says first of the clips `real` and `fake`. */
  let scores: { real: number; fake: number };
  const score = async (open: OpenClip, by = scorer): Promise<number> =>
    by.score(open, ...(detector.asksOthers ? [await others.scores(open.clip)] : []));
  const outcome = async (clip: Clip): Promise<number | string> => {
    try {
      return await score(openClip(clip));
    } catch (error) {
      if (error instanceof ItemError) return error.code;
      throw error;
    }
  };

  beforeAll(async () => {
    const { examples } = shownTo(detector);
    const before = structuredClone(examples);
    const context = directContext(folder);
    model = await (detector.train?.(examples, options, context, others) ??
      detector.bring?.(options, context));
    expect(examples).toEqual(before);
    trained.set(name, model);
    scorer = await detector.load(structuredClone(model), options, 1);
    const { clips } = shownTo(detector);
    const clipsBefore = structuredClone(clips);
    scores = { real: await score(openClip(clips.real)), fake: await score(openClip(clips.fake)) };
    expect(clips).toEqual(clipsBefore);
  });

  it('says who it is', () => {
    expect(detector.name).toBe(name);
    expect(detector.cite.length).toBeGreaterThan(10);
    expect(detector.label(options)).toMatch(new RegExp(`^${name}(@[a-z0-9-]+)?$`));
  });

  it('needs no option and refuses unknown ones', () => {
    expect(detector.options.safeParse({}).success).toBe(true);
    expect(detector.options.safeParse({ nosuch: 1 }).success).toBe(false);
  });

  it('gives finite scores that depend neither on order nor on repetition, nor on who was judged before, and changes nothing', async () => {
    const { clips } = shownTo(detector);
    const before = structuredClone(clips);
    const { real, fake } = scores;
    expect(Number.isFinite(real) && Number.isFinite(fake)).toBe(true);
    const open = openClip(clips.real);
    expect([await outcome(clips.fake), await score(open), await score(open)]).toEqual([fake, real, real]);
    const fresh = await detector.load(structuredClone(model), options, 1);
    expect(await score(openClip(clips.fake), fresh)).toBe(fake);
    expect(clips).toEqual(before);
  });

  if (name !== 'command') {
    it('scores as was written down', () => {
      if (writesGolden) golden[name] = scores;
      for (const kind of ['real', 'fake'] as const) {
        const expected = golden[name]![kind];
        const off = Math.abs(scores[kind] - expected) / Math.max(1, Math.abs(expected));
        expect(off, `${kind}: ${scores[kind]}, written down ${expected}`).toBeLessThan(goldenTolerance);
      }
    });
  }

  if (detector.constructed !== undefined)
    it('says why it is not ranked', () => expect(detector.constructed!.length).toBeGreaterThan(20));
  else if (detector.family !== 'control' && detector.judges === 'video') {
    it('learns to tell fakes, most of them smooth, from real clips', () =>
      expect(scores.fake).toBeGreaterThan(scores.real));
  }

  it('changes no pixel of the clip it is shown', async () => {
    const { clips } = shownTo(detector);
    const { video } = clips.real.media;
    const frames = Array.from({ length: video!.frameCount }, (_, i) =>
      noisy(`mine ${i}`, video!.width, video!.height, 9),
    );
    const before = structuredClone(frames);
    await score({
      ...openClip(clips.real),
      async *frames() {
        yield* frames;
      },
    });
    expect(frames).toEqual(before);
  });

  // What asks others sees nothing of the clip itself, and the stand-in for others here sees files.
  if (!looksAtFiles.includes(name) && !detector.asksOthers) {
    it('sees no mark: the same pixels and samples under another name, with every mark there is, score the same', async () => {
      const { real } = shownTo(detector).clips;
      const fake = await marked(real, folder);
      // Its id is all that `random` judges.
      expect(await outcome(name === 'random' ? { ...fake, id: real.id } : fake)).toBe(scores.real);
    });
  }

  it.each(['pixel', 'silence', 'gone'] as const)(
    'gives a finite score or a named failure for the clip "%s"',
    async (kind) => {
      const result = await outcome(shownTo(detector).clips[kind]);
      if (typeof result === 'number') expect(Number.isFinite(result)).toBe(true);
      else expect(result).toMatch(/^E_[A-Z_]+$/);
      if (lacking[detector.needs].includes(kind)) expect(result).toMatch(/^E_/);
    },
  );
});

const learners = Object.values<Detector>(detectors).filter(({ train }) => train);
it.each(learners.map((detector) => [detector.name, detector] as const))(
  '%s is the same when trained again',
  async (name, detector) => {
    const { examples } = shownTo(detector);
    const options = detector.options.parse(presets[name] ?? smoke(detector));
    const learn = (): Promise<Model> => detector.train!(examples, options, directContext(folder), others);
    const [first, second] = [trained.get(name) ?? (await learn()), await learn()];
    expect(second.info).toEqual(first.info);
    for (const [file, { path }] of Object.entries(first.files))
      expect((await readFile(second.files[file]!.path)).equals(await readFile(path))).toBe(true);
  },
);

it.each<[string, object]>([
  ['meso-inception', { form: 'meso4' }],
  ['f3net', { phase: true }],
])('%s learns the same with %o', async (name, choice) => {
  const detector: Detector = detectors[name as keyof typeof detectors];
  const { examples, clips } = shownTo(detector);
  const options = detector.options.parse({ preset: 'smoke', ...choice });
  const model = await detector.train!(examples, options, directContext(folder));
  const { score } = await detector.load(model, options, 1);
  expect(await score(openClip(clips.fake))).toBeGreaterThan(await score(openClip(clips.real)));
});

it('lfcc-lcnn makes as many steps as it is told, and its label says so', async () => {
  const detector: Detector = detectors['lfcc-lcnn'];
  const options = detector.options.parse({ preset: 'smoke', steps: 2 });
  const model = await detector.train!(shownTo(detector).examples, options, directContext(folder));
  expect([model.info['steps'], detector.label(options)]).toEqual([2, 'lfcc-lcnn@smoke-32-steps-2']);
});

const keepsNetworks = [
  'av-sync',
  'cnn-aug',
  'f3net',
  'lfcc-lcnn',
  'lip-motion',
  'meso-inception',
  'self-blended',
  'srm',
];
const python = findPython('onnx');
it.skipIf(!python)(
  "every network that a detector learned gives the same numbers in Python's ONNX Runtime",
  async () => {
    const networks = learners.flatMap(({ name }) => {
      const files = Object.values(trained.get(name)?.files ?? {});
      return files.filter(({ path }) => path.endsWith('.onnx')).map(({ path }) => ({ name, path }));
    });
    expect([...new Set(networks.map(({ name }) => name))].toSorted()).toEqual(keepsNetworks);
    const paths = networks.map(({ path }) => path);
    for (const { path, difference, values } of await differencesFromPython(python!, paths)) {
      expect(values).toBeGreaterThan(0);
      expect(difference, path).toBeLessThan(1e-4);
    }
  },
);

/** Options with which it learns in seconds, where it has any. */
function smoke({ options }: Detector): object {
  return options.safeParse({ preset: 'smoke' }).success ? { preset: 'smoke' } : {};
}
