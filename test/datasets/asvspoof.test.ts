/** ASVspoof's protocols: columns by edition, dashes, bona fide in the attack's place, phases, and which class is fake. */
import { expect, test } from 'vitest';
import { asvspoof } from '../../datasets/asvspoof.ts';
import type { ListedClip } from '../../src/types.ts';
import { all, workFolder } from '../media/tools.ts';
import { directContext } from '../support/context.ts';
import { empty, golden, listedIn, writeTree } from '../support/listed.ts';

const at = workFolder();
const lines = (...own: string[]): string => `${own.join('\n')}\n`;
const brief = ({ id, sources, labels: { audio }, origin, split }: ListedClip) => [
  id,
  sources.join(),
  audio,
  origin,
  split,
];

const la2019 = (): Record<string, string> => ({
  'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.train.trn.txt': lines(
    'LA_0079 LA_T_1138215 - - bonafide',
    'LA_0079 LA_T_1004644 - A01 spoof',
  ),
  'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.dev.trl.txt': 'LA_0069 LA_D_1047731 - - bonafide\n',
  'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.eval.trl.txt': 'LA_0039 LA_E_2834763 - A11 spoof\n',
  ...empty(
    'ASVspoof2019_LA_train/flac/LA_T_1138215.flac',
    'ASVspoof2019_LA_train/flac/LA_T_1004644.flac',
    'ASVspoof2019_LA_dev/flac/LA_D_1047731.flac',
    'ASVspoof2019_LA_eval/flac/LA_E_2834763.flac',
  ),
});

test('2019: bona fide is real, an attack is fake and the maker; nothing is said of pictures', async () => {
  await writeTree(at('2019'), la2019());
  const { clips } = await listedIn(asvspoof, { path: at('2019') });
  expect(clips.map(brief)).toEqual([
    ['LA_T_1138215', 'LA_0079', 'real', 'asvspoof', 'train'],
    ['LA_T_1004644', 'LA_0079', 'fake', 'A01', 'train'],
    ['LA_D_1047731', 'LA_0069', 'real', 'asvspoof', 'validation'],
    ['LA_E_2834763', 'LA_0039', 'fake', 'A11', 'test'],
  ]);
  expect(clips.map(({ labels }) => Object.keys(labels))).toEqual(Array(4).fill(['audio']));
  expect(clips.map(({ attributes }) => attributes)).toEqual(Array(4).fill({}));
});

test('2021 LA: bona fide stands where the attack does; the phase that papers report is read', async () => {
  await writeTree(at('2021'), {
    'keys/LA/CM/trial_metadata.txt': lines(
      'LA_0009 LA_E_9332881 alaw ita_tx A07 spoof notrim eval',
      'LA_0020 LA_E_1000001 none - bonafide bonafide notrim eval',
      'LA_0020 LA_E_1000002 ulaw ita_tx bonafide bonafide trim progress',
      'LA_0020 LA_E_1000003 g722 loc_tx A08 spoof trim hidden',
    ),
    ...empty(
      ...['9332881', '1000001', '1000002', '1000003'].map(
        (id) => `ASVspoof2021_LA_eval/flac/LA_E_${id}.flac`,
      ),
    ),
  });
  const { clips } = await listedIn(asvspoof, { path: at('2021'), edition: '2021-la' });
  expect(clips.map((clip) => [...brief(clip), clip.attributes])).toEqual([
    [
      'LA_E_9332881',
      'LA_0009',
      'fake',
      'A07',
      'test',
      { codec: 'alaw', transmission: 'ita_tx', trim: 'notrim' },
    ],
    ['LA_E_1000001', 'LA_0020', 'real', 'asvspoof', 'test', { codec: 'none', trim: 'notrim' }],
  ]);
  const more = await listedIn(asvspoof, {
    path: at('2021'),
    edition: '2021-la',
    phases: ['progress', 'eval', 'hidden'],
  });
  expect(more.clips).toHaveLength(4);
  expect(
    (await listedIn(asvspoof, { path: at('2021'), edition: '2021-la', splits: ['test'] })).clips,
  ).toEqual(clips);
});

test('2021 DF: thirteen columns, of which most may be dashes; "asvspoof" there is a corpus and no class', async () => {
  await writeTree(at('df'), {
    'keys/DF/CM/trial_metadata.txt': lines(
      'LA_0023 DF_E_2000011 nocodec asvspoof A14 spoof notrim progress traditional_vocoder - - - -',
      'TEF2 DF_E_2000013 low_m4a vcc2020 Task1-team20 spoof notrim eval neural_vocoder_nonautoregressive Task1 team20 FF E',
      'TGF1 DF_E_2000026 mp3m4a vcc2020 - bonafide notrim eval bonafide - - - -',
    ),
    ...empty(...['2000011', '2000013', '2000026'].map((id) => `ASVspoof2021_DF_eval/flac/DF_E_${id}.flac`)),
  });
  const { clips } = await listedIn(asvspoof, { path: at('df'), edition: '2021-df' });
  expect(clips.map(brief)).toEqual([
    ['DF_E_2000013', 'TEF2', 'fake', 'Task1-team20', 'test'],
    ['DF_E_2000026', 'TGF1', 'real', 'asvspoof', 'test'],
  ]);
  expect(clips[0]!.attributes).toEqual({
    codec: 'low_m4a',
    corpus: 'vcc2020',
    trim: 'notrim',
    vocoder: 'neural_vocoder_nonautoregressive',
  });
});

test('5: ten columns apart by spaces in a file called tsv; the attack is the label, not the tag', async () => {
  await writeTree(at('5'), {
    'ASVspoof5_protocols/ASVspoof5.train.tsv': lines(
      'T_4850 T_0000000000 F - - - AC3 A05 spoof -',
      'T_3734 T_0000000011 F - - - - bonafide bonafide -',
    ),
    'ASVspoof5.dev.track_1.tsv': 'D_0062 D_0000000001 F - - - AC1 A11 spoof -\n',
    'ASVspoof5_protocols/ASVspoof5.eval.track_1.tsv':
      'E_1607 E_0009538969 M C05 2 E_0009538970 AC1 A18 spoof -\n',
    ...empty('flac_T/T_0000000000.flac', 'flac_T/T_0000000011.flac', 'flac_D/D_0000000001.flac'),
    ...empty('flac_E_eval/E_0009538969.flac'),
  });
  const { clips } = await listedIn(asvspoof, { path: at('5'), edition: 5 }); // as YAML reads it
  expect(clips.map((clip) => [...brief(clip), clip.attributes])).toEqual([
    ['T_0000000000', 'T_4850', 'fake', 'A05', 'train', { gender: 'F' }],
    ['T_0000000011', 'T_3734', 'real', 'asvspoof', 'train', { gender: 'F' }],
    ['D_0000000001', 'D_0062', 'fake', 'A11', 'validation', { gender: 'F' }],
    ['E_0009538969', 'E_1607', 'fake', 'A18', 'test', { codec: 'C05', gender: 'M', 'codec quality': '2' }],
  ]);
});

test('an empty list of a part that was asked for is said; a byte order mark is no part of a speaker', async () => {
  const dev = 'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.dev.trl.txt';
  const train = 'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.train.trn.txt';
  const files = la2019();
  await writeTree(at('2019'), { ...files, [dev]: '', [train]: `\uFEFF${files[train]}` });
  const { clips, remarks } = await listedIn(asvspoof, { path: at('2019') });
  expect(remarks).toEqual(['nothing of validation is listed', 'nothing of test is real']);
  expect(clips[0]!.sources).toEqual(['LA_0079']);
});

test('a word that is no class is told as such', async () => {
  const dev = 'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.dev.trl.txt';
  await writeTree(at('2019'), { ...la2019(), [dev]: 'LA_0069 LA_D_1047731 - A01 spof\n' });
  await expect(listedIn(asvspoof, { path: at('2019') })).rejects.toThrow(
    'dev.trl.txt:1: the 5th word is "spof", expected bonafide or spoof. Another edition?',
  );
});

test('another edition, a missing protocol, a missing recording', async () => {
  await writeTree(at('2019'), la2019());
  await expect(listedIn(asvspoof, { path: at('2019'), edition: '5' })).rejects.toThrow(
    /holds no ASVspoof5_protocols\/ASVspoof5\.train\.tsv .*dataset\.edition/,
  );
  await writeTree(at('2019'), { 'keys/LA/CM/trial_metadata.txt': 'LA_0079 LA_T_1004644 - A01 spoof\n' });
  await expect(listedIn(asvspoof, { path: at('2019'), edition: '2021-la' })).rejects.toThrow(
    /trial_metadata\.txt:1: 5 words; edition 2021-la has 8.*Set dataset\.edition/,
  );
  const eval2019 = 'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.eval.trl.txt';
  await writeTree(at('2019'), {
    [eval2019]: 'LA_0039 LA_E_1 - A11 spoof\nLA_0039 LA_E_2834763 - A11 spoof\n',
  });
  await expect(listedIn(asvspoof, { path: at('2019') })).rejects.toThrow(
    /1 of 5 listed clips are missing \(1 of 2 of A11; ASVspoof2019_LA_eval\/flac\/LA_E_1\.flac\)/,
  );
});

test('a speaker in two parts is refused', async () => {
  const files = la2019();
  const dev = 'ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.dev.trl.txt';
  await writeTree(at('2019'), { ...files, [dev]: files[dev]!.replace('LA_0069', 'LA_0079') });
  await expect(listedIn(asvspoof, { path: at('2019') })).rejects.toThrow('LA_0079 in train and validation');
});

test('recordings are clips of sound alone', async () => {
  const files = la2019();
  const sounds = Object.keys(files).filter((file) => file.endsWith('.flac'));
  await writeTree(at('2019'), {
    ...files,
    ...Object.fromEntries(sounds.map((file) => [file, golden('tone.flac')])),
    'jobs/x': '',
  });
  const chosen = asvspoof.options.parse({ path: at('2019'), splits: ['train'] });
  const [clip] = await all(asvspoof.clips(chosen, directContext(at('2019/jobs'))));
  expect(clip).toMatchObject({ labels: { audio: 'real' }, use: 'score', licence: 'unknown' });
  expect(clip!.media.video).toBeUndefined();
  expect(clip!.media.audio?.sampleRate).toBe(16000);
});
