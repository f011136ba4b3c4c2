import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { provenance } from '../../detectors/provenance.ts';
import { readC2pa } from '../../src/media/c2pa.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { openClip } from '../../src/media/open-clip.ts';
import { probe } from '../../src/media/probe.ts';
import { provenanceComment, readMark } from '../../src/media/provenance.ts';
import { goldenPath } from '../golden/make.ts';
import { describeClip } from '../support/clips.ts';
import { movingFrames, workFolder } from './tools.ts';

const at = workFolder();
const iptc = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

/** A JUMBF superbox with a description box labelled `c2pa`, and a claim as far as a reader of texts sees it. */
function store(sourceType: string): Buffer {
  const box = (type: string, ...parts: Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + content.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, content]);
  };
  const label = Buffer.concat([Buffer.alloc(16), Buffer.from([3]), Buffer.from('c2pa\0')]);
  // A text of CBOR stands behind its length; what follows here begins with a letter.
  const text = `${iptc}${sourceType}`;
  const claim = Buffer.concat([Buffer.from([0x78, text.length]), Buffer.from(`${text}msoftwareAgent`)]);
  return box('jumb', box('jumd', label), box('cbor', claim));
}

const be32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const insert = (file: Buffer, place: number, piece: Buffer): Buffer =>
  Buffer.concat([file.subarray(0, place), piece, file.subarray(place)]);

/** The manifest where each format keeps it. */
const hide: Record<string, (file: Buffer, manifest: Buffer) => Buffer> = {
  'clip.mp4': (file, manifest) => {
    const uuid = Buffer.from('d8fec3d61b0e483c92975828877ec481', 'hex');
    const purpose = Buffer.concat([Buffer.alloc(4), Buffer.from('manifest\0'), Buffer.alloc(8)]);
    const content = Buffer.concat([Buffer.from('uuid'), uuid, purpose, manifest]);
    return Buffer.concat([file, be32(4 + content.length), content]);
  },
  'photo.png': (file, manifest) =>
    insert(file, 33, Buffer.concat([be32(manifest.length), Buffer.from('caBX'), manifest, be32(0)])),
  'photo.jpg': (file, manifest) => {
    const payload = Buffer.concat([Buffer.from('JP\0\x01'), be32(1), manifest]);
    const length = Buffer.from([(payload.length + 2) >> 8, (payload.length + 2) & 255]);
    return insert(file, 2, Buffer.concat([Buffer.from([0xff, 0xeb]), length, payload]));
  },
  'tone.wav': (file, manifest) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(manifest.length);
    return insert(
      file,
      12,
      Buffer.concat([Buffer.from('C2PA'), length, manifest, Buffer.alloc(manifest.length % 2)]),
    );
  },
};

test.each(Object.keys(hide))('a manifest in %s is found, its signer called unverified', async (name) => {
  const golden = await readFile(goldenPath(name));
  const path = at(name);
  await writeFile(path, golden);
  expect(await readC2pa(path)).toBeUndefined();
  await writeFile(path, hide[name]!(golden, store('trainedAlgorithmicMedia')));
  expect(await readC2pa(path)).toEqual({
    signer: 'not verified',
    sourceTypes: ['trainedAlgorithmicMedia'],
  });
});

test('no cut of a marked file is an error', async () => {
  const marked = hide['clip.mp4']!(await readFile(goldenPath('clip.mp4')), store('digitalCapture'));
  for (const bytes of [1, 7, 9, 31, 4000, marked.length - 40]) {
    await writeFile(at('cut.mp4'), marked.subarray(0, bytes));
    const found = await readC2pa(at('cut.mp4'));
    if (bytes < 5000) expect(found).toBeUndefined();
  }
  await writeFile(at('loop.mp4'), Buffer.concat([be32(0), Buffer.from('uuid'), Buffer.alloc(64)]));
  expect(await readC2pa(at('loop.mp4'))).toBeUndefined();
});

test('scores: our mark 1, a claim that a model made it ½, a camera’s claim and nothing at all 0', async () => {
  const scorer = await provenance.load(undefined, {}, 1);
  const score = async (path: string): Promise<number> =>
    scorer.score(openClip({ ...describeClip('x', []), media: await probe(path) }));
  const frames = movingFrames(3);
  const { width, height } = frames[0]!;
  const comment = provenanceComment('puppetry@cpu-96');
  const ours = await encodeClip(at('ours.mp4'), { frames, fps: 25, width, height, comment });
  expect(await readMark(ours.path)).toBe('puppetry@cpu-96');
  expect(await score(ours.path)).toBe(1);
  const golden = await readFile(goldenPath('clip.mp4'));
  await writeFile(at('model.mp4'), hide['clip.mp4']!(golden, store('compositeWithTrainedAlgorithmicMedia')));
  expect(await score(at('model.mp4'))).toBe(0.5);
  await writeFile(at('camera.mp4'), hide['clip.mp4']!(golden, store('digitalCapture')));
  expect(await score(at('camera.mp4'))).toBe(0);
  expect(await score(goldenPath('clip.mp4'))).toBe(0);
});
