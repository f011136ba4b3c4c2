/** FakeAVCeleb: nine names over ten fields, the last of which is the folder; labels by category. */
import { expect, test } from 'vitest';
import { fakeavceleb } from '../../datasets/fakeavceleb.ts';
import { workFolder } from '../media/tools.ts';
import { empty, listedIn, writeTree } from '../support/listed.ts';

const at = workFolder();
const head = 'source,target1,target2,method,category,type,race,gender,path,';
const rows = [
  'id00076,-,-,real,A,RealVideo-RealAudio,African,men,00109.mp4,FakeAVCeleb/RealVideo-RealAudio/African/men/id00076',
  'id00076,id00166,-,rtvc,B,RealVideo-FakeAudio,African,men,00109_fake.mp4,FakeAVCeleb/RealVideo-FakeAudio/African/men/id00076',
  'id00076,id00166,id01637,faceswap,C,FakeVideo-RealAudio,African,men,00109_1.mp4,FakeAVCeleb/FakeVideo-RealAudio/African/men/id00076',
  'id00076,id00166,-,wav2lip,C,FakeVideo-RealAudio,African,men,00109_2.mp4,FakeAVCeleb/FakeVideo-RealAudio/African/men/id00076',
  'id00020,id00166,-,wav2lip,D,FakeVideo-FakeAudio,Asian (East),women,00003.mp4,FakeAVCeleb/FakeVideo-FakeAudio/Asian (East)/women/id00020',
];
const files = rows.map((row) => {
  const fields = row.split(',');
  return `${fields[9]!.replace('FakeAVCeleb/', '')}/${fields[8]}`;
});
const write = (own = rows, first = head): Promise<void> =>
  writeTree(at('set'), { 'meta_data.csv': `${[first, ...own].join('\n')}\n\n`, ...empty(...files) });

test.each([head, head.slice(0, -1)])(
  '"path" is the file, the unnamed field its folder (head %s)',
  async (first) => {
    await write(rows, first);
    const { clips, remarks } = await listedIn(fakeavceleb, { path: at('set') });
    expect(remarks).toEqual(['nothing of train and validation is listed']);
    expect(
      clips.map(({ id, sources, labels, origin, split }) => ({ id, sources, labels, origin, split })),
    ).toEqual([
      {
        id: 'RealVideo-RealAudio/African/men/id00076/00109',
        sources: ['id00076'],
        labels: { video: 'real', audio: 'real', pairing: 'real' },
        origin: 'fakeavceleb',
        split: 'test',
      },
      {
        id: 'RealVideo-FakeAudio/African/men/id00076/00109_fake',
        sources: ['id00076', 'id00166'],
        labels: { video: 'real', audio: 'fake' },
        origin: 'rtvc-B',
        split: 'test',
      },
      {
        id: 'FakeVideo-RealAudio/African/men/id00076/00109_1',
        sources: ['id00076', 'id00166', 'id01637'],
        labels: { video: 'fake', audio: 'real' },
        origin: 'faceswap-C',
        split: 'test',
      },
      {
        id: 'FakeVideo-RealAudio/African/men/id00076/00109_2',
        sources: ['id00076', 'id00166'],
        labels: { video: 'fake', audio: 'real' },
        origin: 'wav2lip-C',
        split: 'test',
      },
      {
        id: 'FakeVideo-FakeAudio/Asian (East)/women/id00020/00003',
        sources: ['id00020', 'id00166'],
        labels: { video: 'fake', audio: 'fake' },
        origin: 'wav2lip-D',
        split: 'test',
      },
    ]);
    expect(clips[4]!.attributes).toEqual({ race: 'Asian (East)', gender: 'women', category: 'D' });
  },
);

test.each([
  ['a row of nine fields', rows[0]!.split(',').slice(0, 9).join(','), /:3: 9 fields, expected 10/],
  ['a category of another type', rows[0]!.replace(',A,', ',B,'), /:3: category B means RealVideo-FakeAudio/],
  ['an unknown category', rows[0]!.replace(',A,', ',E,'), /:3: category "E"/],
  ['a folder elsewhere', rows[0]!.replace(/FakeAVCeleb\/.*/, '/etc'), /:3: folder "\/etc"/],
])('%s is refused with its line', async (_, row, message) => {
  await write([rows[0]!, row]);
  await expect(listedIn(fakeavceleb, { path: at('set') })).rejects.toThrow(message);
});
