/** Each published data set as small as it can be: a real clip and a fake of other people, in files that decode. */
import { join } from 'node:path';
import { golden, writeTree } from './listed.ts';

const json = (content: unknown): string => JSON.stringify(content);

/** By name: the files of its tree, and the options to read it with beside `path`. `root` is where the trees lie. */
const sets: Record<
  string,
  (root: string) => { files: Record<string, string | { golden: string }>; more?: object }
> = {
  faceforensics: () => ({
    files: {
      'splits/train.json': json([['000', '001']]),
      'splits/val.json': json([['002', '003']]),
      'splits/test.json': json([['004', '005']]),
      'original_sequences/youtube/c23/videos/004.mp4': golden('silent.mp4'),
      'original_sequences/youtube/c23/videos/005.mp4': golden('one-frame.mp4'),
      'manipulated_sequences/FaceSwap/c23/videos/004_005.mp4': golden('silent.mp4'),
      'manipulated_sequences/FaceSwap/c23/videos/005_004.mp4': golden('clip.mp4'),
    },
    more: { manipulations: ['FaceSwap'], splits: ['test'] },
  }),
  'celeb-df': () => ({
    files: {
      'List_of_testing_videos.txt': '1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0000.mp4\n',
      'YouTube-real/00170.mp4': golden('silent.mp4'),
      'Celeb-synthesis/id0_id1_0000.mp4': golden('clip.mp4'),
      'Celeb-real/id5_0000.mp4': golden('one-frame.mp4'),
    },
  }),
  dfdc: () => ({
    files: {
      'dfdc_train_part_0/metadata.json': json({
        'a.mp4': { label: 'REAL', split: 'train', original: null },
        'b.mp4': { label: 'FAKE', split: 'train', original: 'a.mp4' },
      }),
      'dfdc_train_part_0/a.mp4': golden('clip.mp4'),
      'dfdc_train_part_0/b.mp4': golden('silent.mp4'),
      'test/labels.csv': 'filename,label\nc.mp4,0\n',
      'test/c.mp4': golden('one-frame.mp4'),
    },
  }),
  fakeavceleb: () => ({
    files: {
      'meta_data.csv': [
        'source,target1,target2,method,category,type,race,gender,path,',
        'id1,-,-,real,A,RealVideo-RealAudio,African,men,1.mp4,FakeAVCeleb/RealVideo-RealAudio/African/men/id1',
        'id1,id2,-,rtvc,B,RealVideo-FakeAudio,African,men,2.mp4,FakeAVCeleb/RealVideo-FakeAudio/African/men/id1',
      ].join('\n'),
      'RealVideo-RealAudio/African/men/id1/1.mp4': golden('clip.mp4'),
      'RealVideo-FakeAudio/African/men/id1/2.mp4': golden('clip.mp4'),
    },
  }),
  'av-deepfake1m': () => ({
    files: {
      'val_metadata.json': json([
        { file: 'id1/a/1/real.mp4', split: 'val', modify_type: 'real', fake_segments: [] },
        { file: 'id1/a/1/fake.mp4', split: 'val', modify_type: 'both_modified', fake_segments: [[0.2, 0.4]] },
      ]),
      'val/id1/a/1/real.mp4': golden('clip.mp4'),
      'val/id1/a/1/fake.mp4': golden('silent.mp4'),
    },
  }),
  asvspoof: () => ({
    files: {
      'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.eval.trl.txt':
        's1 r1 - - bonafide\ns2 r2 - A07 spoof\n',
      'ASVspoof2019_LA_eval/flac/r1.flac': golden('tone.flac'),
      'ASVspoof2019_LA_eval/flac/r2.flac': golden('tone.flac'),
    },
    more: { splits: ['test'] },
  }),
  deeperforensics: (root) => ({
    files: {
      'lists/splits/train.txt': '000_M101.mp4\n',
      'lists/splits/val.txt': '001_M102.mp4\n',
      'lists/splits/test.txt': '002_W003.mp4\n',
      'manipulated_videos/end_to_end/002_W003.mp4': golden('silent.mp4'),
      'targets/original_sequences/youtube/c23/videos/002.mp4': golden('clip.mp4'),
    },
    more: { splits: ['test'], targets: { path: join(root, 'deeperforensics/targets') } },
  }),
  deepfakebench: () => {
    const video = (label: string, id: string) => ({ [id]: { label, frames: [`${label}/${id}/0.png`] } });
    return {
      files: {
        'FaceForensics++.json': json({
          'FaceForensics++': {
            'FF-real': { test: { c23: video('FF-real', '000') } },
            'FF-DF': { test: { c23: video('FF-DF', '000_003') } },
          },
        }),
        'FF-real/000/0.png': golden('photo.png'),
        'FF-DF/000_003/0.png': golden('photo.png'),
      },
    };
  },
};

/** Names of the data sets. */
export const publishedSets: readonly string[] = Object.keys(sets);

/** Writes the tree of one below `root`, in a folder of its name; returns the options to read it with. */
export async function writePublishedSet(name: string, root: string): Promise<object> {
  const { files, more = {} } = sets[name]!(root);
  await writeTree(join(root, name), files);
  return { path: join(root, name), licence: 'as granted', ...more };
}
