/** A bundle on the disk: what is written is read, and what was changed is refused. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { sha256OfFile } from '../../src/files.ts';
import { type BundleContent, openBundle, writeBundle } from '../../src/screening/bundle.ts';

const work = mkdtempSync(join(tmpdir(), 'masque-bundle-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));
const folder = join(work, 'models');
const code = { path: 'file:///detectors/spectrum.ts', sha256: 'c'.repeat(64) };
const codeOf = (): typeof code => code;

let id: string;
beforeEach(async () => {
  const path = join(work, 'logistic.json');
  writeFileSync(path, '{}');
  const sha256 = await sha256OfFile(path);
  const content: BundleContent = {
    schemaVersion: 3,
    name: 'test',
    run: 'test-1',
    members: [
      {
        label: 'spectrum@256',
        name: 'spectrum',
        looksAt: 'picture',
        options: {},
        seed: 1,
        code: code.sha256,
        files: { logistic: { file: 'logistic.json', sha256 } },
        info: {},
        trainedOn: ['puppetry@cpu-96'],
      },
    ],
    kinds: {},
    domain: {},
    card: { trainedOn: ['nobody'], testedOn: ['nobody'], cannotJudge: ['anything'] },
  };
  id = await writeBundle(folder, content, [{ logistic: { path, sha256 } }]);
});

test('what was written is read, under the same id', async () => {
  const bundle = await openBundle(folder, codeOf);
  expect(bundle.id).toBe(id);
  expect(bundle.members[0]).toMatchObject({ label: 'spectrum@256', name: 'spectrum', code });
  expect(bundle.members[0]!.model!.files['logistic']!.path).toBe(join(folder, 'logistic.json'));
  expect(readFileSync(join(folder, 'card.md'), 'utf8')).toContain(id);
});

test('a changed file, a missing one, another version of the code: refused, with the remedy', async () => {
  const remedy = 'npm run experiment -- configs/screening.yaml';
  await expect(openBundle(folder, () => ({ ...code, sha256: 'd'.repeat(64) }))).rejects.toThrow(
    /another version of its code.*configs\/screening\.yaml/,
  );
  appendFileSync(join(folder, 'logistic.json'), ' ');
  await expect(openBundle(folder, codeOf)).rejects.toThrow(/logistic\.json: not what/);
  rmSync(join(folder, 'logistic.json'));
  await expect(openBundle(folder, codeOf)).rejects.toThrow(remedy);
  await expect(openBundle(join(work, 'none'), codeOf)).rejects.toMatchObject({ exitCode: 2 });
});

test('a threshold that was edited gives another id', async () => {
  const path = join(folder, 'bundle.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"test-1"', '"test-2"'));
  expect((await openBundle(folder, codeOf)).id).not.toBe(id);
});

test.each(['', '[]', '{"schemaVersion":3}', '{"__proto__":{"schemaVersion":1}}'])(
  'what is no bundle is refused: %s',
  async (text) => {
    writeFileSync(join(folder, 'bundle.json'), text);
    await expect(openBundle(folder, codeOf)).rejects.toThrow(/not a bundle/);
  },
);

test('a file outside the folder cannot be named', async () => {
  const path = join(folder, 'bundle.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"logistic.json"', '"../logistic.json"'));
  await expect(openBundle(folder, codeOf)).rejects.toThrow(/not a bundle/);
});
