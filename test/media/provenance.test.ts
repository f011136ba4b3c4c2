import { appendFile, copyFile, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { encodeClip } from '../../src/media/encode.ts';
import {
  provenanceComment,
  provenancePath,
  readProvenance,
  writeProvenance,
} from '../../src/media/provenance.ts';
import { goldenPath } from '../golden/make.ts';
import { movingFrames, workFolder } from './tools.ts';

const at = workFolder();
const facts = {
  generator: 'puppetry@cpu-96',
  options: { preset: 'cpu' },
  model: { 'renderer.onnx': 'a'.repeat(64) },
  sources: ['ada', 'ben'],
  sourceFiles: ['b'.repeat(64)],
  licence: 'synthetic',
};

test('the manifest lies beside the file and is read back', async () => {
  await copyFile(goldenPath('clip.mp4'), at('fake.mp4'));
  const written = await writeProvenance(at('fake.mp4'), facts);
  expect(provenancePath(at('fake.mp4'))).toBe(at('fake.mp4.provenance.json'));
  expect(await readProvenance(at('fake.mp4'))).toEqual(written);
  expect(written).toMatchObject({ ...facts, createdBy: 'masque', file: 'fake.mp4' });
  expect(await readProvenance(goldenPath('clip.mp4'))).toBeUndefined();
});

test('consent is written where it was given', async () => {
  await copyFile(goldenPath('clip.mp4'), at('fake.mp4'));
  const likenessConsent = { basis: 'signed form', scope: 'research' };
  await writeProvenance(at('fake.mp4'), { ...facts, likenessConsent });
  expect((await readProvenance(at('fake.mp4')))?.likenessConsent).toEqual(likenessConsent);
});

test('a manifest of other content, or a damaged one, is an error', async () => {
  await copyFile(goldenPath('clip.mp4'), at('fake.mp4'));
  await writeProvenance(at('fake.mp4'), facts);
  await appendFile(at('fake.mp4'), 'x');
  await expect(readProvenance(at('fake.mp4'))).rejects.toMatchObject({ code: 'E_PROVENANCE' });
  for (const text of ['', '{', '[]', '{"createdBy":"someone"}']) {
    await writeFile(provenancePath(at('fake.mp4')), text);
    await expect(readProvenance(at('fake.mp4')), text).rejects.toMatchObject({ code: 'E_PROVENANCE' });
  }
});

test('the container says it too', async () => {
  const comment = provenanceComment('puppetry@cpu-96');
  await encodeClip(at('fake.mp4'), { frames: movingFrames(2), fps: 25, width: 96, height: 64, comment });
  expect(
    (await readFile(at('fake.mp4'))).includes('deepfake) made with masque, generator puppetry@cpu-96'),
  ).toBe(true);
});
