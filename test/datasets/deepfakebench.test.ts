/** DeepfakeBench's lists and frames: names that clash, frames in any order, paths of another machine, parts that overlap. */
import { expect, test } from 'vitest';
import { deepfakebench } from '../../datasets/deepfakebench.ts';
import { reasonOf } from '../../src/listed/reason.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { writePng } from '../../src/media/images.ts';
import { all, workFolder } from '../media/tools.ts';
import { paint } from '../support/clips.ts';
import { directContext } from '../support/context.ts';
import { empty, listedIn, writeTree } from '../support/listed.ts';

const at = workFolder();
const sequence = (label: string): string =>
  label === 'FF-real' ? 'original_sequences/youtube' : `manipulated_sequences/${label}`;
const framesOf = (label: string, id: string, names = ['000', '001']): string[] =>
  names.map((name) => `FaceForensics++/${sequence(label)}/c23/frames/${id}/${name}.png`);
const fakes = ['FF-DF', 'FF-F2F', 'FF-FS', 'FF-NT'];
const video = (label: string, id: string) => ({ label, frames: framesOf(label, id) });
const part = (label: string, ...ids: string[]) => ({
  c23: Object.fromEntries(ids.map((id) => [id, video(label, id)])),
});
const ffpp = {
  'FaceForensics++': {
    'FF-real': {
      train: part('FF-real', '953', '974'),
      val: { c23: {} },
      test: part('FF-real', '000', '003'),
    },
    ...Object.fromEntries(
      fakes.map((label) => [
        label,
        { train: part(label, '953_974'), val: { c23: {} }, test: part(label, '000_003', '003_000') },
      ]),
    ),
  },
};
const allFrames = [...'FF-real'.split(' '), ...fakes].flatMap((label) =>
  (label === 'FF-real' ? ['953', '974', '000', '003'] : ['953_974', '000_003', '003_000']).flatMap((id) =>
    framesOf(label, id),
  ),
);
const json = (content: unknown): Record<string, string> => ({
  'FaceForensics++.json': JSON.stringify(content),
});

test('one name in four manipulations is four fakes', async () => {
  await writeTree(at('set'), { ...json(ffpp), ...empty(...allFrames) });
  const { clips } = await listedIn(deepfakebench, { path: at('set'), splits: ['test'] });
  expect(clips.filter(({ id }) => id.endsWith('/000_003')).map(({ id, origin }) => [id, origin])).toEqual(
    fakes.map((label) => [`${label}/c23/000_003`, label]),
  );
  expect(clips).toHaveLength(2 + 4 * 2);
  expect(clips[0]).toMatchObject({
    sources: ['youtube/000'],
    labels: { video: 'real' },
    origin: 'deepfakebench',
  });
  expect(clips[2]!.sources).toEqual(['youtube/000', 'youtube/003']);
  expect((await listedIn(deepfakebench, { path: at('set') })).clips).toHaveLength(2 + 4 + 10);
});

test('levels of compression are told apart, and are not videos', async () => {
  const c40 = {
    label: 'FF-real',
    frames: ['FaceForensics++/original_sequences/youtube/c40/frames/000/000.png'],
  };
  const list = { 'FF-DF': { 'FF-real': { test: { ...part('FF-real', '000'), c40: { '000': c40 } } } } };
  await writeTree(at('set'), { ...json(list), ...empty(...framesOf('FF-real', '000'), ...c40.frames) });
  const ids = async (more: object) =>
    (await listedIn(deepfakebench, { path: at('set'), ...more })).clips.map(({ id }) => id);
  expect(await ids({})).toEqual(['FF-real/c23/000']);
  expect(await ids({ compressions: ['c40', 'c23'] })).toEqual(['FF-real/c23/000', 'FF-real/c40/000']);
});

test('sets without compression; the labels of Celeb-DF mean what they say', async () => {
  const frame = (folder: string, id: string): string[] => [`Celeb-DF-v2/${folder}/frames/${id}/12.png`];
  const list = {
    'Celeb-DF-v2': {
      CelebDFv2_real: {
        test: {
          '00170': { label: 'CelebDFv2_real', frames: frame('YouTube-real', '00170') },
          id0_0000: { label: 'CelebDFv2_real', frames: frame('Celeb-real', 'id0_0000') },
        },
      },
      CelebDFv2_fake: {
        test: { id0_id1_0000: { label: 'CelebDFv2_fake', frames: frame('Celeb-synthesis', 'id0_id1_0000') } },
      },
    },
  };
  await writeTree(at('set'), {
    'Celeb-DF-v2.json': JSON.stringify(list),
    ...empty(...frame('YouTube-real', '00170'), ...frame('Celeb-real', 'id0_0000')),
    ...empty(...frame('Celeb-synthesis', 'id0_id1_0000')),
  });
  const { clips } = await listedIn(deepfakebench, { path: at('set'), json: 'Celeb-DF-v2.json' });
  expect(clips.map(({ id, labels, sources }) => [id, labels.video, sources])).toEqual([
    ['CelebDFv2_real/00170', 'real', ['youtube/00170']],
    ['CelebDFv2_real/id0_0000', 'real', ['id0']],
    ['CelebDFv2_fake/id0_id1_0000', 'fake', ['id0', 'id1']],
  ]);
});

test('a clip in all three parts, or a test clip in train, is refused; one part is read', async () => {
  const uadfv = Object.fromEntries(
    ['Real', 'Fake'].map((kind) => {
      const id = kind === 'Real' ? '0000' : '0000_fake';
      const own = {
        [id]: { label: `UADFV_${kind}`, frames: [`UADFV/${kind.toLowerCase()}/frames/${id}/0.png`] },
      };
      return [`UADFV_${kind}`, { train: own, val: own, test: own }];
    }),
  );
  await writeTree(at('set'), {
    'UADFV.json': JSON.stringify({ UADFV: uadfv }),
    ...empty('UADFV/real/frames/0000/0.png', 'UADFV/fake/frames/0000_fake/0.png'),
  });
  const chosen = { path: at('set'), json: 'UADFV.json' };
  for (const publishedSplit of [false, true])
    await expect(listedIn(deepfakebench, { ...chosen, publishedSplit })).rejects.toThrow(
      /UADFV_Real\/0000 is listed twice, in train and in validation.*dataset\.splits: \[test\]/,
    );
  const { clips } = await listedIn(deepfakebench, { ...chosen, splits: ['test'] });
  expect(clips.map(({ labels, sources }) => [labels.video, sources])).toEqual([
    ['real', ['0000']],
    ['fake', ['0000']],
  ]);
});

test.each([
  ['those of another machine', (frame: string) => `/data/somebody/rgb/${frame}`],
  ['those of Windows', (frame: string) => `I:\\rgb\\${frame.replaceAll('/', '\\')}`],
  ['with a folder less', (frame: string) => `./${frame}`],
])('paths: %s', async (_, written) => {
  const own = structuredClone(ffpp);
  const names = own['FaceForensics++'] as Record<
    string,
    Record<string, { c23: Record<string, { frames: string[] }> }>
  >;
  for (const parts of Object.values(names))
    for (const { c23 } of Object.values(parts))
      for (const one of Object.values(c23)) one.frames = one.frames.map(written);
  await writeTree(at('set'), { ...json(own), ...empty(...allFrames) });
  expect((await listedIn(deepfakebench, { path: at('set'), splits: ['test'] })).clips).toHaveLength(10);
});

test('frames that are missing; a list that was written over itself; labels that nobody knows', async () => {
  await writeTree(at('set'), { ...json(ffpp), ...empty(...allFrames.slice(1)) });
  await expect(listedIn(deepfakebench, { path: at('set') })).rejects.toThrow(
    /1 of 16 listed clips are missing \(1 of 4 of deepfakebench; pictures of FF-real\/c23\/953\)/,
  );
  const frames = ['DFDC/test/frames/a/0.png'];
  const dfdc = {
    DFDC: { DFDC_Real: { test: { a: { label: 'DFDC_Real', frames } }, val: { label: 'DFDC_Real', frames } } },
  };
  await writeTree(at('set'), { 'DFDC.json': JSON.stringify(dfdc), ...empty(...frames) });
  const { clips, remarks } = await listedIn(deepfakebench, { path: at('set'), json: 'DFDC.json' });
  expect(clips.map(({ id, split }) => [id, split])).toEqual([['DFDC_Real/a', 'test']]);
  expect(remarks).toEqual([
    expect.any(String),
    expect.any(String),
    'nothing of train and validation is listed',
    'nothing of test is fake',
  ]);
  expect(remarks[0]).toMatch(/"label" under DFDC > DFDC_Real > val is no clip and left out/);
  const hostile = { X: { '\u001b[2J': { test: { a: { label: '\u001b[2J', frames } } } } };
  await writeTree(at('set'), { 'X.json': JSON.stringify(hostile) });
  await expect(listedIn(deepfakebench, { path: at('set'), json: 'X.json' })).rejects.toThrow(
    'the label "\\u001b[2J" means',
  );
  const brought = { X: { heygen: { test: { a: { label: 'heygen', frames } } } } };
  await writeTree(at('set'), { 'X.json': JSON.stringify(brought) });
  await expect(listedIn(deepfakebench, { path: at('set'), json: 'X.json' })).rejects.toThrow(
    /label "heygen" means real or fake.*dataset\.labels/,
  );
  const known = await listedIn(deepfakebench, {
    path: at('set'),
    json: 'X.json',
    labels: { heygen: 'fake' },
  });
  expect(known.clips[0]).toMatchObject({ origin: 'heygen', labels: { video: 'fake' } });
});

test('a clip is its frames by their numbers, without loss', async () => {
  const names = ['10', '9', '100', '2'];
  const list = {
    X: {
      'FF-real': {
        test: { c23: { '000': { label: 'FF-real', frames: framesOf('FF-real', '000', names) } } },
      },
    },
  };
  await writeTree(at('set'), { ...json(list), ...empty(...framesOf('FF-real', '000', names)), 'jobs/x': '' });
  const pictures = [2, 9, 10, 100].map((number) =>
    paint(9, 7, (x, y) => [number, (37 * x + 11 * y) % 256, (number * x * y) % 256]),
  );
  for (const [i, number] of [2, 9, 10, 100].entries())
    await writePng(at(`set/${framesOf('FF-real', '000', [String(number)])[0]}`), pictures[i]!);
  const read = async () => {
    const chosen = deepfakebench.options.parse({ path: at('set') });
    return (await all(deepfakebench.clips(chosen, directContext(at('set/jobs')))))[0]!;
  };
  const clip = await read();
  expect(clip.media.video).toEqual({ fps: 1, width: 9, height: 7, frameCount: 4 });
  expect(await all(openClip(clip).frames())).toEqual(pictures);
  expect((await read()).media.sha256).toBe(clip.media.sha256);

  await writeTree(at('set'), { [framesOf('FF-real', '000', ['10'])[0]!]: 'no picture' });
  const damaged = await read();
  expect(damaged.media.video).toBeUndefined();
  expect(damaged.labels).toEqual({ video: 'real' });
  await expect(all(openClip(damaged).frames())).rejects.toMatchObject({
    code: 'E_FORMAT_NOT_ALLOWED',
    message: expect.stringContaining('10.png'),
  });
});

test('pictures that make no film: each can be read, and the reason is theirs together', async () => {
  const label = 'FF-real';
  const frames = framesOf(label, '000', ['0', '1', '2']);
  const list = { X: { [label]: { test: { c23: { '000': { label, frames } } } } } };
  await writeTree(at('set'), { ...json(list), ...empty(...frames), 'jobs/x': '' });
  for (const [i, width] of [16, 18, 16].entries())
    await writePng(
      at(`set/${frames[i]}`),
      paint(width, 16, () => [i, i, i]),
    );
  const chosen = deepfakebench.options.parse({ path: at('set'), splits: ['test'] });
  const [clip] = await all(deepfakebench.clips(chosen, directContext(at('set/jobs'))));
  expect(clip!.media).toEqual({
    path: at(`set/${frames[0]}`),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(reasonOf(clip!.media)).toMatchObject({
    code: 'E_FRAME_SIZE',
    message: expect.stringContaining('frame 1 is 18×16'),
  });
});
