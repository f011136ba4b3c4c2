/** What every generator promises, whatever it forges: on rendered people, as small as its options allow. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { talkingHeads } from '../../datasets/talking-heads/index.ts';
import { catalog } from '../../experiments/catalog.ts';
import type * as ComputeModel from '../../src/compute/model.ts';
import { puppetryOptions, settingsOf } from '../../generators/puppetry/options.ts';
import { trainRenderer } from '../../generators/puppetry/renderer.job.ts';
import { trainNeural } from '../../generators/vocoder/neural.job.ts';
import { ItemError } from '../../src/errors.ts';
import { writePng } from '../../src/media/images.ts';
import { probe } from '../../src/media/probe.ts';
import { writeWav } from '../../src/media/wav.ts';
import { decodeAudio, decodeFrames } from '../../src/media/decode.ts';
import { readMask } from '../../src/media/mask.ts';
import { readMark, readProvenance } from '../../src/media/provenance.ts';
import { truthOf } from '../../src/pipeline/items.ts';
import type {
  Audio,
  Clip,
  Context,
  FakePlan,
  Frame,
  Generator,
  Media,
  Model,
  VideoInfo,
} from '../../src/types.ts';
import { all } from '../media/tools.ts';
import { describeClip } from '../support/clips.ts';
import { directContext, rememberingContext } from '../support/context.ts';
import { differencesFromPython, networksIn } from '../support/python-onnx.ts';
import { findPython } from '../support/python.ts';

/** How many networks are open: workers live on, so what a job leaves open stays in memory. */
const networks = vi.hoisted(() => ({ open: 0 }));
vi.mock('../../src/compute/model.ts', async (original) => {
  const model = await original<typeof ComputeModel>();
  const openModel: typeof model.openModel = async (...sources) => {
    const network = await model.openModel(...sources);
    networks.open++;
    const close = (): void => {
      networks.open--;
      network.close();
    };
    return { ...network, close };
  };
  return { ...model, openModel };
});

let folder: string;
let clips: Clip[];
/** What is looked at first and measured later is made once, as in a run; what must come out the same again is made again. */
let run: Context;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'masque-generators-'));
  run = rememberingContext(folder);
  // Those who are learned from, and those who are forged: of each no more clips than that needs.
  const learnt = { identities: { train: 2, validation: 1, test: 0 }, clipsPerIdentity: 2, fitClips: 1 };
  const tested = { identities: { train: 0, validation: 0, test: 2 }, clipsPerIdentity: 3, fitClips: 1 };
  const voices = { extraVoices: 4, voiceClips: 2 };
  clips = [];
  for (const chosen of [
    { ...learnt, ...voices },
    { ...tested, extraVoices: 0 },
  ]) {
    const options = talkingHeads.options.parse({ ...chosen, framesPerClip: 40 });
    clips.push(...(await all(talkingHeads.clips(options, directContext(folder)))));
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** What no generator is made for: a photo of one pixel, and 10 ms of silence. */
let odds: Record<'pixel' | 'silence', Clip>;
beforeAll(async () => {
  const [pixel, silence] = [join(folder, 'pixel.png'), join(folder, 'silence.wav')];
  await writePng(pixel, { width: 1, height: 1, data: Uint8Array.of(9, 9, 9) });
  await writeWav(silence, { sampleRate: 16000, samples: new Float32Array(160) });
  odds = {
    pixel: { ...describeClip('pixel', []), media: await probe(pixel) },
    silence: { ...describeClip('silence', []), labels: { audio: 'real' }, media: await probe(silence) },
  };
});

/** Options as small as the generator has them. */
const presets: Record<string, object> = {
  onnx: { model: 'softener', manifest: 'test/golden/models/manifest.yaml' },
};
const smallest = ({ name, options }: Generator): object =>
  presets[name] ?? (options.safeParse({ preset: 'smoke' }).success ? { preset: 'smoke' } : {});
const test = (): Clip[] => clips.filter(({ split }) => split === 'test');

describe.each(Object.entries(catalog.generators))('generator %s', (name, generator) => {
  const options = generator.options.parse(smallest(generator));
  let model: Model | undefined;
  let plans: FakePlan[];
  let made: Media[];

  const learn = (context: Context): Promise<Model | undefined> =>
    Promise.resolve(
      (generator.train ?? ((_, ...more) => generator.bring?.(...more)))(clips, options, context),
    );
  const make = (plan: FakePlan, context = directContext(folder)): Promise<Media> =>
    generator.make(plan, model, options, context);

  beforeAll(async () => {
    const before = structuredClone(clips);
    model = await learn(run);
    plans = generator.plan(test(), options, run);
    made = [];
    for (const plan of plans) made.push(await make(plan, run));
    expect(clips).toEqual(before);
  }, 600_000);

  it('says who it is', () => {
    expect(generator.name).toBe(name);
    expect(generator.cite.length).toBeGreaterThan(10);
    expect(generator.label(options)).toMatch(new RegExp(`^${name}(@[a-z0-9-]+)?$`));
  });

  it('needs no option and refuses unknown ones', () => {
    expect(generator.options.safeParse({}).success).toBe(true);
    expect(generator.options.safeParse({ nosuch: 1 }).success).toBe(false);
  });

  it('plans the same again: unique names, scored targets and sources of one split, and says what is fake', () => {
    expect(plans.length).toBeGreaterThan(0);
    expect(generator.plan(test(), options, directContext(folder))).toEqual(plans);
    expect(new Set(plans.map(({ id }) => id)).size).toBe(plans.length);
    for (const { target, driver, face, labels } of plans) {
      expect(target.use).toBe('score');
      for (const clip of [target, driver, face]) expect(clip?.split ?? 'test').toBe('test');
      expect(truthOf({ labels }, 'any')).toBe('fake');
    }
  });

  it('leaves a film as long as its target, marked, with sources, licence and the model that made it', async () => {
    for (const [i, { target, driver, face }] of plans.entries()) {
      const media = made[i]!;
      expect(await readMark(media.path)).toBe(generator.label(options));
      const provenance = await readProvenance(media.path);
      expect(provenance).toMatchObject({
        generator: generator.label(options),
        file: 'fake.mp4',
        sha256: media.sha256,
      });
      for (const clip of [target, driver, face]) {
        if (clip) expect(provenance!.sources).toEqual(expect.arrayContaining(clip.sources));
        if (clip) expect(provenance!.sourceFiles).toContain(clip.media.sha256);
      }
      expect(provenance!.licence).not.toBe('');
      for (const hash of Object.values(provenance!.model))
        expect(Object.values(model?.files ?? {}).map(({ sha256 }) => sha256)).toContain(hash);
      expect(media.video).toEqual(target.media.video);
      expect(media.audio).toEqual(target.media.audio);
    }
  });

  it('changes what it calls fake and leaves what it calls real', async () => {
    const { target, driver, labels } = plans[0]!;
    const [before, after] = [await opened(target.media), await opened(made[0]!)];
    const picture = meanDifference(before.frames, after.frames);
    // Of 255; an encode alone costs about one.
    if (labels.video === 'real') expect(picture).toBeLessThan(2);
    const heard = driver ? (await opened(driver.media)).audio : before.audio;
    const likeness = correlation(heard, after.audio);
    if (labels.audio === 'real') expect(likeness).toBeGreaterThan(0.98);
    else expect(likeness).toBeLessThan(0.98);
  });

  it('records which pixels were repainted, where any may be', async () => {
    const { target, labels } = plans[0]!;
    const video = target.media.video!;
    const changed = await readMask(made[0]!.path, video).catch((error: NodeJS.ErrnoException) => error.code);
    if (labels.video === 'real') {
      expect(changed).toBe('ENOENT');
      return;
    }
    const size = video.width * video.height;
    expect(changed).toHaveLength(video.frameCount * size);
    const [before, after] = [await opened(target.media), await opened(made[0]!)];
    const change = { inside: [0, 0], outside: [0, 0] };
    before.frames.forEach(({ data }, t) => {
      for (let i = 0; i < size; i++) {
        const where = change[(changed as Uint8Array)[t * size + i] === 1 ? 'inside' : 'outside'];
        where[0]! += Math.abs(data[3 * i]! - after.frames[t]!.data[3 * i]!);
        where[1]! += 1;
      }
    });
    if (generator.control) return;
    expect(change.inside[1]).toBeGreaterThan(0);
    // Of 255; outside there is the encode alone. Where all is repainted, what is left are single pixels that happen to be alike, and no mean.
    if (change.outside[1]! > 100) expect(change.outside[0]! / change.outside[1]!).toBeLessThan(2);
    expect(change.inside[0]! / change.inside[1]!).toBeGreaterThan(
      2 * (change.outside[0]! / Math.max(1, change.outside[1]!)),
    );
  });

  it('makes the same bytes again, in whatever order', async () => {
    const last = plans.length - 1;
    for (const i of [last, 0]) {
      const again = (await make(plans[i]!)).path;
      for (const part of plans[i]!.labels.video === 'real' ? [''] : ['', '.mask.npy.gz'])
        expect((await readFile(again + part)).equals(await readFile(made[i]!.path + part))).toBe(true);
    }
  });

  it('leaves no network open, be it that a fake fails', async () => {
    expect(networks.open).toBe(0);
    const [plan] = plans;
    const path = join(folder, 'nowhere.mp4');
    const target = { ...plan!.target, media: { ...plan!.target.media, path, sha256: path } };
    await expect(make({ ...plan!, target })).rejects.toThrow();
    expect(networks.open).toBe(0);
  });

  it('fails by name where the target is gone or cut short', async () => {
    const plan = plans[0]!;
    const cut = join(folder, `${name}-cut.mp4`);
    const whole = await readFile(plan.target.media.path);
    await writeFile(cut, whole.subarray(0, whole.length / 2));
    for (const path of [join(folder, 'gone.mp4'), cut]) {
      const target = { ...plan.target, media: { ...plan.target.media, path, sha256: path } };
      const error = await make({ ...plan, target }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ItemError);
      expect((error as ItemError).code).toMatch(/^E_MEDIA_/);
    }
  });

  it.each(['pixel', 'silence'] as const)(
    'makes something of the clip "%s", or says by name why not',
    async (kind) => {
      const [odd, other] = [odds[kind], test().find(({ use, media }) => use === 'score' && media.video)!];
      // Beside another clip, so that it may also be the driver of that.
      const planned = generator.plan([odd, other], options, directContext(folder));
      for (const plan of planned.filter(({ target, driver, face }) => [target, driver, face].includes(odd))) {
        const outcome = await make(plan).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) expect(outcome, outcome.stack).toBeInstanceOf(ItemError);
        else expect((outcome as Media).video ?? (outcome as Media).audio).toBeDefined();
      }
      expect(networks.open).toBe(0);
    },
  );

  const parted = generator.options.safeParse({ ...smallest(generator), part: 'half' });
  if (parted.success) {
    it('forges a half alone where asked to, and says which', async () => {
      const half = parted.data;
      expect(generator.label(half)).not.toBe(generator.label(options));
      const [plan] = generator.plan(test(), half, directContext(folder));
      const media = await generator.make(plan!, model, half, directContext(folder));
      const [span] = plan!.labels.spans!;
      const { fps, frameCount } = plan!.target.media.video!;
      expect(span!.end - span!.start).toBeCloseTo(frameCount / fps / 2, 10);
      expect(generator.plan(test(), half, directContext(folder))[0]!.labels.spans).toEqual([span]);
      const provenance = await readProvenance(media.path);
      expect(provenance!.options).toMatchObject({ spans: [span] });
      if (plan!.labels.video === 'fake') {
        const changed = await readMask(media.path, plan!.target.media.video!);
        const size = changed.length / frameCount;
        for (let t = 0; t < frameCount; t++) {
          const forged = span!.start <= t / fps && t / fps < span!.end;
          expect(changed.subarray(t * size, (t + 1) * size).includes(1), `frame ${t}`).toBe(forged);
        }
      }
      const [before, after] = [await opened(plan!.target.media), await opened(media)];
      const everRepainted =
        plan!.labels.video === 'fake' && (await repaintedPixels(media, plan!.target.media.video!));
      const within = (share: number): boolean => {
        const seconds = share * (frameCount / fps);
        return span!.start <= seconds && seconds < span!.end;
      };
      const change = everRepainted
        ? changeOfFrames(before.frames, after.frames, everRepainted)
        : changeOfSound(before.audio, after.audio);
      const mean = (forged: boolean): number => {
        // Two tenths about the border are left out: encoders look around.
        const chosen = change.filter(
          (_, i) =>
            within((i + 0.5) / change.length) === forged && Math.abs((i + 0.5) / change.length - 0.5) > 0.1,
        );
        return chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
      };
      expect(mean(true)).toBeGreaterThan(2 * mean(false));
    }, 120_000);
  }

  if (generator.evaluate) {
    it('measures its quality or shows it, with sheets that are pictures', async () => {
      const { figures, sheets } = await generator.evaluate!(clips, model, options, run);
      expect(Object.keys(figures).length + sheets.length).toBeGreaterThan(1);
      for (const [figure, measured] of Object.entries(figures)) {
        if (measured.value === null) expect(measured.reason, figure).not.toBe('');
        else expect(Number.isFinite(measured.value), figure).toBe(true);
      }
      for (const { title, picture } of sheets) {
        expect(title).not.toBe('');
        expect((await all(decodeFrames(picture.path)))[0]!.width).toBeGreaterThan(100);
      }
    }, 300_000);
  }

  if (generator.train) {
    it('learns the same again', async () => {
      const again = await learn(directContext(folder));
      expect(again!.info).toEqual(model!.info);
      for (const [file, { sha256 }] of Object.entries(again!.files))
        expect(sha256).toBe(model!.files[file]!.sha256);
    }, 600_000);
  }
});

const python = findPython('onnx');
it.skipIf(!python)(
  "every network that was exported gives the same numbers in Python's ONNX Runtime",
  async () => {
    // What the smallest options above leave out.
    const context = directContext(folder);
    const learnt = clips.filter(({ split, use }) => split === 'train' && use === 'fit');
    const { sampleRate } = learnt[0]!.media.audio!;
    await context.run(trainNeural, { clips: learnt, sampleRate, steps: 1, seed: 1 });
    const chosen = { preset: 'smoke', renderer: { architecture: 'dilated', texture: 'dynamic' } };
    const { renderer } = settingsOf(puppetryOptions.parse(chosen));
    const footage = clips.filter(({ use, track, media }) => use === 'fit' && track && media.video);
    await context.run(trainRenderer, { clips: footage, settings: { ...renderer, steps: 1 }, seed: 1 });
    const exported = networksIn(folder);
    const names = ['encoder', 'decoder-0', 'vocoder', 'renderer', 'filters', 'generator'];
    expect(exported.map((path) => basename(path, '.onnx'))).toEqual(expect.arrayContaining(names));
    for (const { path, difference, values } of await differencesFromPython(python!, exported)) {
      expect(values).toBeGreaterThan(0);
      expect(difference, path).toBeLessThan(1e-4);
    }
  },
  300_000,
);

async function opened({ path, audio }: Media): Promise<{ frames: Frame[]; audio: Audio }> {
  return { frames: await all(decodeFrames(path)), audio: await decodeAudio(path, audio!.sampleRate) };
}

/** The pixels that are repainted in any frame: a mouth is a small part of the picture, in which the encode changes something everywhere. */
async function repaintedPixels({ path }: Media, video: VideoInfo): Promise<number[]> {
  const changed = await readMask(path, video);
  const size = video.width * video.height;
  return Array.from({ length: size }, (_, i) => i).filter((i) => {
    for (let t = 0; t < video.frameCount; t++) if (changed[t * size + i] === 1) return true;
    return false;
  });
}

/** Mean absolute difference of each frame at some pixels. */
const changeOfFrames = (a: readonly Frame[], b: readonly Frame[], pixels: readonly number[]): number[] =>
  a.map(({ data }, t) => {
    let sum = 0;
    for (const pixel of pixels)
      for (let i = 3 * pixel; i < 3 * pixel + 3; i++) sum += Math.abs(data[i]! - b[t]!.data[i]!);
    return sum / (3 * pixels.length);
  });

/** Of a hundred equal pieces. */
function changeOfSound({ samples: a }: Audio, { samples: b }: Audio): number[] {
  const length = Math.floor(a.length / 100);
  return Array.from({ length: 100 }, (_, piece) => {
    const [from, to] = [piece * length, (piece + 1) * length];
    return a.subarray(from, to).reduce((sum, value, i) => sum + Math.abs(value - b[from + i]!), 0) / length;
  });
}

function meanDifference(a: readonly Frame[], b: readonly Frame[]): number {
  let [sum, count] = [0, 0];
  for (const [i, { data }] of a.entries()) {
    const other = b[i]!.data;
    for (let at = 0; at < data.length; at++) sum += Math.abs(data[at]! - other[at]!);
    count += data.length;
  }
  return sum / count;
}

/** Of the samples both have, in [-1, 1]. */
function correlation({ samples: a }: Audio, { samples: b }: Audio): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
