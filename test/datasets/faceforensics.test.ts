/** FaceForensics++ in its published layout: both directions of pairs, all compressions and manipulations, the actors of DeepFakeDetection. */
import { expect, test } from 'vitest';
import { faceforensics } from '../../datasets/faceforensics.ts';
import { all, workFolder } from '../media/tools.ts';
import { directContext } from '../support/context.ts';
import { empty, golden, listedIn, refusalOf, writeTree } from '../support/listed.ts';

const at = workFolder();
const everything = ['Deepfakes', 'Face2Face', 'FaceSwap', 'NeuralTextures', 'FaceShifter'];
const splits = { train: [['953', '974']], val: [['720', '672']], test: [['035', '036']] };
const splitFiles = (from: object = splits, folder = 'splits'): Record<string, string> =>
  Object.fromEntries(
    Object.entries(from).map(([part, pairs]) => [`${folder}/${part}.json`, JSON.stringify(pairs)]),
  );
const videosOf = (manipulations = everything, compressions = ['c23']): string[] =>
  compressions.flatMap((compression) =>
    Object.values(splits)
      .flat()
      .flatMap(([a, b]) => [
        ...[a, b].map((id) => `original_sequences/youtube/${compression}/videos/${id}.mp4`),
        ...manipulations.flatMap((manipulation) =>
          [`${a}_${b}`, `${b}_${a}`].map(
            (id) => `manipulated_sequences/${manipulation}/${compression}/videos/${id}.mp4`,
          ),
        ),
      ]),
  );

test('both directions of a pair are fakes of two sources, in the part of the pair', async () => {
  await writeTree(at('ff'), { ...splitFiles(), ...empty(...videosOf()) });
  const { clips, remarks } = await listedIn(faceforensics, { path: at('ff'), manipulations: everything });
  expect(remarks).toEqual([]);
  expect(clips).toHaveLength(3 * (2 + 5 * 2));
  const brief = clips
    .filter(({ origin, split }) => split === 'test' && ['faceforensics', 'FaceSwap'].includes(origin))
    .map(({ id, sources, labels, origin }) => ({ id, sources, labels, origin }));
  expect(brief).toEqual([
    { id: 'original/c23/035', sources: ['youtube/035'], labels: { video: 'real' }, origin: 'faceforensics' },
    { id: 'original/c23/036', sources: ['youtube/036'], labels: { video: 'real' }, origin: 'faceforensics' },
    {
      id: 'FaceSwap/c23/035_036',
      sources: ['youtube/035', 'youtube/036'],
      labels: { video: 'fake' },
      origin: 'FaceSwap',
    },
    {
      id: 'FaceSwap/c23/036_035',
      sources: ['youtube/036', 'youtube/035'],
      labels: { video: 'fake' },
      origin: 'FaceSwap',
    },
  ]);
  const splitOf = (id: string) => clips.find((clip) => clip.id === id)?.split;
  expect(splitOf('Deepfakes/c23/974_953')).toBe('train');
  expect(splitOf('FaceShifter/c23/672_720')).toBe('validation');
});

test('360, 70 and 70 pairs are 720, 140 and 140 videos of each kind', async () => {
  const ids = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));
  const pairs = Array.from({ length: 500 }, (_, i) => [ids[i]!, ids[999 - i]!]);
  const official = { train: pairs.slice(0, 360), val: pairs.slice(360, 430), test: pairs.slice(430) };
  const real = ids.map((id) => `original_sequences/youtube/c40/videos/${id}.mp4`);
  const fake = pairs.flatMap(([a, b]) =>
    [`${a}_${b}`, `${b}_${a}`].map((id) => `manipulated_sequences/NeuralTextures/c40/videos/${id}.mp4`),
  );
  await writeTree(at('ff'), { ...splitFiles(official, 'dataset/splits'), ...empty(...real, ...fake) });
  const chosen = { path: at('ff'), compressions: ['c40'], manipulations: ['NeuralTextures'] };
  const { clips } = await listedIn(faceforensics, chosen);
  for (const origin of ['faceforensics', 'NeuralTextures'])
    expect(
      ['train', 'validation', 'test'].map(
        (split) => clips.filter((clip) => clip.origin === origin && clip.split === split).length,
      ),
      origin,
    ).toEqual([720, 140, 140]);
});

test('a video has one name in every compression and manipulation, and a clip one of its own', async () => {
  await writeTree(at('ff'), {
    ...splitFiles(),
    ...empty(...videosOf(['Deepfakes', 'Face2Face'], ['raw', 'c23', 'c40'])),
  });
  const chosen = {
    path: at('ff'),
    compressions: ['raw', 'c23', 'c40'],
    manipulations: ['Deepfakes', 'Face2Face'],
    splits: ['test'],
  };
  const { clips } = await listedIn(faceforensics, chosen);
  expect(new Set(clips.map(({ id }) => id)).size).toBe(3 * (2 + 2 * 2));
  expect(clips.filter(({ id }) => id.endsWith('/035_036')).map(({ id }) => id)).toHaveLength(6);
  expect(new Set(clips.map(({ attributes }) => attributes!['compression']))).toEqual(
    new Set(['raw', 'c23', 'c40']),
  );
});

test('a video in two parts of the split is refused, and so is a pair across them', async () => {
  const leaking = { ...splits, test: [['035', '974']] };
  await writeTree(at('ff'), { ...splitFiles(leaking), ...empty(...videosOf(['Deepfakes'])) });
  const chosen = { path: at('ff'), manipulations: ['Deepfakes'], missing: 'skip' };
  for (const publishedSplit of [false, true])
    await expect(listedIn(faceforensics, { ...chosen, publishedSplit })).rejects.toThrow(
      /original\/c23\/974 is listed twice, in train and in test/,
    );
  expect((await listedIn(faceforensics, { ...chosen, splits: ['test'] })).clips.map(({ id }) => id)).toEqual([
    'original/c23/035',
    'original/c23/974',
  ]);
});

test('DeepFakeDetection: an actor and a scene, or two actors, a scene and eight characters; all of it is test', async () => {
  await writeTree(
    at('ff'),
    empty(
      'original_sequences/actors/c23/videos/01__exit_phone_room.mp4',
      'original_sequences/actors/c23/videos/02__walking_outside_cafe_disgusted.mp4',
      'manipulated_sequences/DeepFakeDetection/c23/videos/01_02__exit_phone_room__YVGY8LOK.mp4',
      'manipulated_sequences/DeepFakeDetection/c23/videos/odd name.mp4',
    ),
  );
  const { clips, remarks } = await listedIn(faceforensics, {
    path: at('ff'),
    manipulations: ['DeepFakeDetection'],
  });
  expect(
    clips.map(({ id, sources, labels, split, attributes }) => ({ id, sources, labels, split, attributes })),
  ).toEqual([
    {
      id: 'actors/c23/01__exit_phone_room',
      sources: ['actor/01'],
      labels: { video: 'real' },
      split: 'test',
      attributes: { compression: 'c23', scene: 'exit_phone_room' },
    },
    {
      id: 'actors/c23/02__walking_outside_cafe_disgusted',
      sources: ['actor/02'],
      labels: { video: 'real' },
      split: 'test',
      attributes: { compression: 'c23', scene: 'walking_outside_cafe_disgusted' },
    },
    {
      id: 'DeepFakeDetection/c23/01_02__exit_phone_room__YVGY8LOK',
      sources: ['actor/01', 'actor/02'],
      labels: { video: 'fake' },
      split: 'test',
      attributes: { compression: 'c23', scene: 'exit_phone_room' },
    },
  ]);
  expect(remarks).toEqual([
    expect.stringMatching(/DeepFakeDetection\/c23\/videos .*"odd name\.mp4"/),
    'nothing of train and validation is listed',
  ]);
});

test('a half-downloaded set: one message with what, where and how many; or left out, and counted', async () => {
  const there = videosOf(['Deepfakes']).filter((file) => !file.includes('974_953'));
  await writeTree(at('ff'), { ...splitFiles(), ...empty(...there) });
  const chosen = { path: at('ff'), manipulations: ['Deepfakes', 'FaceSwap'] };
  const told = (await refusalOf(faceforensics, chosen)) as Error;
  expect(told.name).toBe('UserError');
  expect(told.message).toContain(`data set "faceforensics": 7 of 18 listed clips are missing`);
  expect(told.message).toContain('1 of 6 of Deepfakes, 6 of 6 of FaceSwap');
  expect(told.message).toContain('manipulated_sequences/Deepfakes/c23/videos/974_953.mp4');
  expect(told.message).toContain(`below ${at('ff')}`);
  expect(told.message).toMatch(
    /Fetch the rest, or .*dataset\.missing: skip, or set dataset\.compressions .* \(youtube: c23; Deepfakes: c23\)$/,
  );
  const { clips, remarks } = await listedIn(faceforensics, { ...chosen, missing: 'skip' });
  expect(clips).toHaveLength(11);
  expect(remarks).toEqual([expect.stringMatching(/^7 of 18 listed clips are missing .*and left out$/)]);
});

test('what lies there is named where all that was asked for is missing', async () => {
  await writeTree(at('ff'), { ...splitFiles(), ...empty(...videosOf(['Deepfakes'], ['c40'])) });
  const lies =
    'dataset.compressions and dataset.manipulations to what lies there (youtube: c40; Deepfakes: c40)';
  const chosen = { path: at('ff'), splits: ['test'], manipulations: ['FaceSwap'] };
  for (const missing of ['refuse', 'skip'])
    await expect(listedIn(faceforensics, { ...chosen, missing })).rejects.toThrow(
      `Fetch them, or set dataset.path, or ${lies}`,
    );
  const actors = { path: at('ff'), manipulations: ['DeepFakeDetection'] };
  expect(((await refusalOf(faceforensics, actors)) as Error).message.endsWith(`data set, or ${lies}`)).toBe(
    true,
  );
  await expect(listedIn(faceforensics, { ...actors, splits: ['train'] })).rejects.toThrow(
    `${lies}, or dataset.splits to a part that it has`,
  );
});

test('lists of parts that nobody asked for need not be there', async () => {
  await writeTree(at('ff'), { ...splitFiles({ test: splits.test }), ...empty(...videosOf(['Deepfakes'])) });
  const chosen = { path: at('ff'), manipulations: ['Deepfakes'], splits: ['test'] };
  expect((await listedIn(faceforensics, chosen)).clips).toHaveLength(4);
});

test('a list may begin with a byte order mark', async () => {
  const marked = { 'splits/test.json': `\uFEFF${JSON.stringify(splits.test)}` };
  await writeTree(at('ff'), { ...splitFiles(), ...marked, ...empty(...videosOf(['Deepfakes'])) });
  const chosen = { path: at('ff'), manipulations: ['Deepfakes'], splits: ['test'] };
  expect((await listedIn(faceforensics, chosen)).clips).toHaveLength(4);
});

test('a wrong folder, a wrong list', async () => {
  await writeTree(at('ff'), empty('Deepfakes/000_003.mp4', 'readme.txt'));
  await expect(listedIn(faceforensics, { path: at('ff') })).rejects.toThrow(
    /holds no splits\/train\.json and no dataset\/splits\/train\.json .*there are Deepfakes, readme\.txt\. Set dataset\.path/,
  );
  await writeTree(at('ff'), { ...splitFiles(), 'splits/val.json': '[["720"' });
  await expect(listedIn(faceforensics, { path: at('ff') })).rejects.toThrow(
    /splits\/val\.json: not a list of pairs/,
  );
  await writeTree(at('ff'), splitFiles());
  const nothing = (await refusalOf(faceforensics, { path: at('ff') })) as Error;
  expect(nothing.message).toMatch(/30 of 30 listed clips are missing .*or set dataset\.path/);
  expect(await refusalOf(faceforensics, { path: at('ff'), missing: 'skip' })).toEqual(nothing);
});

test('clips are probed as they are asked for, and say nothing of sound', async () => {
  const files = Object.fromEntries(videosOf(['Deepfakes']).map((file) => [file, golden('silent.mp4')]));
  await writeTree(at('ff'), { ...splitFiles(), ...files, 'jobs/x': '' });
  const chosen = faceforensics.options.parse({
    path: at('ff'),
    manipulations: ['Deepfakes'],
    splits: ['test'],
    licence: 'as granted to us',
  });
  const clips = await all(faceforensics.clips(chosen, directContext(at('ff/jobs'))));
  expect(clips).toHaveLength(4);
  expect(clips[2]).toEqual({
    id: 'Deepfakes/c23/035_036',
    sources: ['youtube/035', 'youtube/036'],
    labels: { video: 'fake' },
    origin: 'Deepfakes',
    split: 'test',
    licence: 'as granted to us',
    use: 'score',
    media: {
      path: at('ff/manipulated_sequences/Deepfakes/c23/videos/035_036.mp4'),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      video: { fps: 25, width: 96, height: 64, frameCount: 25 },
    },
  });
  const known = await faceforensics.attributes!(chosen, directContext(at('ff/jobs')));
  expect(known(clips[2]!)).toEqual({ compression: 'c23' });
});
