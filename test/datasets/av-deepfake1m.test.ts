/** AV-Deepfake1M: what is forged of a clip is a stretch of it, and each part of the split has a list of its own. */
import { expect, test } from 'vitest';
import { avDeepfake1m } from '../../datasets/av-deepfake1m.ts';
import { workFolder } from '../media/tools.ts';
import { empty, golden, listedIn, writeTree } from '../support/listed.ts';
import { directContext } from '../support/context.ts';
import { all } from '../media/tools.ts';

const at = workFolder();
const folder = 'id00012/21Uxsk56VDQ/00001';
const entry = (name: string, type: string, more: object = {}) => ({
  file: `${folder}/${name}.mp4`,
  original: name === 'real' ? null : `${folder}/real.mp4`,
  split: 'train',
  modify_type: type,
  audio_model: type === 'real' ? '' : 'vits',
  fake_segments: type === 'real' ? [] : [[1.2, 1.9]],
  audio_fake_segments: [],
  visual_fake_segments: [],
  video_frames: 100,
  audio_frames: 64000,
  ...more,
});
const train = [
  entry('real', 'real'),
  entry('fake_video_real_audio', 'visual_modified'),
  entry('real_video_fake_audio', 'audio_modified'),
  entry('fake_video_fake_audio', 'both_modified', {
    fake_segments: [
      [0, 0.5],
      [3.25, 4],
    ],
  }),
];
const files = (part: string) => train.map(({ file }) => `${part}/${file}`);

test('labels by what is modified, with the stretches that are', async () => {
  await writeTree(at('set'), {
    'train_metadata.json': JSON.stringify(train, undefined, 2),
    'val_metadata.json': JSON.stringify([
      { ...entry('real', 'real'), split: 'val', file: 'id00099/x/00001/real.mp4' },
    ]),
    ...empty(...files('train'), 'val/id00099/x/00001/real.mp4'),
  });
  const { clips, remarks } = await listedIn(avDeepfake1m, { path: at('set') });
  expect(remarks).toEqual(['nothing of test is listed', 'nothing of validation is fake']);
  expect(clips.map(({ id, labels, origin }) => ({ id, labels, origin }))).toEqual([
    {
      id: `train/${folder}/real`,
      labels: { video: 'real', audio: 'real', pairing: 'real' },
      origin: 'av-deepfake1m',
    },
    {
      id: `train/${folder}/fake_video_real_audio`,
      labels: { video: 'fake', audio: 'real', spans: [{ start: 1.2, end: 1.9 }] },
      origin: 'visual_modified',
    },
    {
      id: `train/${folder}/real_video_fake_audio`,
      labels: { video: 'real', audio: 'fake', spans: [{ start: 1.2, end: 1.9 }] },
      origin: 'audio_modified',
    },
    {
      id: `train/${folder}/fake_video_fake_audio`,
      labels: {
        video: 'fake',
        audio: 'fake',
        spans: [
          { start: 0, end: 0.5 },
          { start: 3.25, end: 4 },
        ],
      },
      origin: 'both_modified',
    },
    {
      id: 'val/id00099/x/00001/real',
      labels: { video: 'real', audio: 'real', pairing: 'real' },
      origin: 'av-deepfake1m',
    },
  ]);
  expect(clips.map(({ sources }) => sources.join())).toEqual([
    ...Array<string>(4).fill('id00012'),
    'id00099',
  ]);
  expect(clips[1]!.attributes).toEqual({ 'audio model': 'vits' });
});

test('somebody in two lists is refused', async () => {
  await writeTree(at('set'), {
    'train_metadata.json': JSON.stringify(train),
    'val_metadata.json': JSON.stringify(train.map((one) => ({ ...one, split: 'val' }))),
    ...empty(...files('train'), ...files('val')),
  });
  await expect(listedIn(avDeepfake1m, { path: at('set') })).rejects.toThrow(
    /id00012 in train and validation/,
  );
});

test.each([
  [{ modify_type: 'swapped' }, /clip 2: modify_type: /],
  [{ split: 'test' }, /clip 2: split test in the list of train/],
  [{ fake_segments: [[2, 1]] }, /clip 2: fake_segments: expected pairs of seconds/],
  [{ file: undefined }, /clip 2: file: /],
])('%j is refused with its place', async (wrong, message) => {
  await writeTree(at('set'), {
    'train_metadata.json': JSON.stringify([train[0], { ...train[1], ...wrong }]),
    ...empty(...files('train')),
  });
  await expect(listedIn(avDeepfake1m, { path: at('set') })).rejects.toThrow(message);
});

test('a clip without sound has no label of it', async () => {
  await writeTree(at('set'), {
    'train_metadata.json': JSON.stringify(train.slice(0, 2)),
    [`train/${folder}/real.mp4`]: golden('silent.mp4'),
    [`train/${folder}/fake_video_real_audio.mp4`]: golden('clip.mp4'),
    'jobs/x': '',
  });
  const chosen = avDeepfake1m.options.parse({ path: at('set') });
  const clips = await all(avDeepfake1m.clips(chosen, directContext(at('set/jobs'))));
  expect(clips.map(({ labels }) => labels)).toEqual([
    { video: 'real' },
    { video: 'fake', audio: 'real', spans: [{ start: 1.2, end: 1.9 }] },
  ]);
});
