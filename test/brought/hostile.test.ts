/** Check of models that are brought along: none that should not is opened, and none takes the process with it. */
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { bringModel } from '../../src/brought/bring.ts';
import { openModel } from '../../src/compute/model.ts';
import { decodeModel } from '../../src/compute/onnx.ts';
import { UserError } from '../../src/errors.ts';
import { directContext } from '../support/context.ts';
import { broken, deceiving, harmless, type Hostile, mutations, wantingFile } from './hostile.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const folder = mkdtempSync(join(tmpdir(), 'masque-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'models'));

const secret = join(folder, 'secret');
writeFileSync(secret, Buffer.from(Float32Array.of(42).buffer));
symlinkSync(secret, join(folder, 'models', 'symlink'));
linkSync(secret, join(folder, 'models', 'hardlink'));
const locations = ['../secret', secret, 'symlink', 'hardlink'];

let count = 0;
/** Writes the file and a manifest that trusts it, or trusts other bytes. */
function write(bytes: Uint8Array, trusted = bytes): { file: string; manifest: string } {
  const file = join(folder, 'models', `model-${count++}.onnx`);
  writeFileSync(file, bytes);
  const entry = {
    name: 'stranger',
    file: basename(file),
    sha256: createHash('sha256').update(trusted).digest('hex'),
    licence: 'MIT',
    source: 'a test',
    input: { name: 'x', layout: 'NCHW', sizePx: 8 },
    output: { name: 'y', meaning: 'logit', fakeIs: 1 },
  };
  writeFileSync(`${file}.yaml`, stringify({ models: [entry] }));
  return { file, manifest: `${file}.yaml` };
}
const bring = ({ manifest }: { manifest: string }) =>
  bringModel({ model: 'stranger', manifest }, 'score', directContext(folder));

/** It is refused with a message that names the file and the cause. */
async function refused(opening: Promise<unknown>, file: string, cause: RegExp): Promise<void> {
  const error = await opening.then(
    () => new Error('it was opened'),
    (thrown: unknown) => thrown as Error,
  );
  expect(error.message).toMatch(cause);
  expect(error).toBeInstanceOf(UserError);
  expect(error.message.startsWith(file)).toBe(true);
}
const openedHere = async ({ bytes, cause }: Hostile): Promise<void> => {
  const { file } = write(bytes);
  await refused(openModel(file, { threads: 1 }), file, cause);
};

test('a harmless one is opened, and reaches ONNX Runtime byte for byte', async () => {
  expect(Buffer.compare((await decodeModel(harmless)).bytes, harmless)).toBe(0);
  expect((await bring(write(harmless))).info).toMatchObject({ entry: { licence: 'MIT' } });
});

describe.each(locations.map((location) => [basename(location), location]))(
  'weights in a file: %s',
  (_, location) => {
    test.each(wantingFile(location).map((hostile) => [hostile.what, hostile] as const))(
      '%s',
      (_what, hostile) => openedHere(hostile),
    );
  },
);

test.each(broken().map((hostile) => [hostile.what, hostile] as const))('%s', (_what, hostile) =>
  openedHere(hostile),
);

test.each(deceiving().map((hostile) => [hostile.what, hostile] as const))(
  '%s',
  async (_what, { bytes, cause }) => {
    const written = write(bytes);
    await refused(bring(written), written.file, cause);
  },
);

test('200 damaged copies, none of which is what the manifest means, are refused by their hash', async () => {
  for (const bytes of mutations(harmless, 200)) {
    const written = write(bytes, harmless);
    await refused(bring(written), written.file, /its SHA-256 is [0-9a-f]{64}, the manifest has/);
  }
});

test(`${night ? 200 : 8} damaged copies that somebody trusts run or are refused`, {
  timeout: 1_800_000,
}, async () => {
  let ran = 0;
  for (const bytes of mutations(harmless, night ? 200 : 8)) {
    const written = write(bytes);
    try {
      await bring(written);
      ran++;
    } catch (error) {
      await refused(Promise.reject(error as Error), written.file, /: \S/);
    }
  }
  expect(ran).toBeLessThan(night ? 100 : 8);
});
