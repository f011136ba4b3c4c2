/** What may leave a run folder, and how it is marked (reliability: no export of an unmarked fake). */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSigner, signFake } from '../../src/export/c2pa-sign.ts';
import { labelBand } from '../../src/export/label.ts';
import { readC2pa } from '../../src/media/c2pa.ts';
import { decodeFrames } from '../../src/media/decode.ts';
import { encodeClip } from '../../src/media/encode.ts';
import { provenanceComment, readMark, readProvenance, writeProvenance } from '../../src/media/provenance.ts';
import type { ProvenanceFacts } from '../../src/media/provenance.ts';
import { verifyLog } from '../../src/records/audit-log.ts';
import { all, ffmpeg, movingFrames, workFolder } from '../media/tools.ts';
import { findPython } from '../support/python.ts';

const at = workFolder();
const run = promisify(execFile);
const masque = join(import.meta.dirname, '../../experiments/masque.mjs');
const generator = 'puppetry@cpu-96';
const source = 'compositeWithTrainedAlgorithmicMedia';
const facts: ProvenanceFacts = {
  generator,
  options: { preset: 'cpu' },
  model: { renderer: 'a'.repeat(64) },
  sources: ['ada'],
  sourceFiles: ['b'.repeat(64)],
  licence: 'synthetic',
};
const fakes = (): string => at('results/runs/a-run/fakes');

async function putFake(name: string, more: Partial<ProvenanceFacts> = {}): Promise<string> {
  const path = join(fakes(), name);
  const comment = provenanceComment(generator);
  const audio = {
    sampleRate: 16000,
    samples: Float32Array.from({ length: 3200 }, (_, i) => Math.sin(i / 5) / 4),
  };
  await encodeClip(path, { frames: movingFrames(5), fps: 25, width: 96, height: 64, comment, audio });
  await writeProvenance(path, { ...facts, ...more });
  return path;
}

async function masqueExport(...more: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = [masque, 'export', '--results', at('results'), '--to', at('out'), ...more];
  const outcome = await run(process.execPath, args).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { code: 'code' in outcome ? outcome.code : 0, stdout: outcome.stdout, stderr: outcome.stderr };
}

const exported = (): string[] => readdirSync(at('out')).toSorted();

/** Share of the label's band that is black or white in every frame. */
async function bandOf(path: string): Promise<number> {
  const frames = await all(decodeFrames(path));
  const { top } = labelBand(96, 64);
  const shares = frames.map(({ data, width }) => {
    const band = [...data.subarray(3 * width * top)];
    return band.filter((value) => value < 40 || value > 215).length / band.length;
  });
  return Math.min(...shares);
}

beforeEach(() => mkdirSync(fakes(), { recursive: true }));

describe('masque export', () => {
  test('every copy carries label, comment, signed manifest and the manifest beside it; the log tells of it', async () => {
    const path = await putFake('one.mp4');
    await putFake('two.mp4', { generator: 'gan@cpu-64', model: { generator: 'c'.repeat(64) } });
    const { code, stdout } = await masqueExport('a-run');
    expect(code).toBe(0);
    expect(exported()).toEqual(['one.mp4', 'one.mp4.provenance.json', 'two.mp4', 'two.mp4.provenance.json']);
    const copy = at('out/one.mp4');
    expect(await bandOf(copy)).toBeGreaterThan(0.9);
    expect(await bandOf(path)).toBeLessThan(0.5);
    expect(await readMark(copy)).toBe(generator);
    expect(await readC2pa(copy)).toEqual({
      signer: 'not verified',
      sourceTypes: ['compositeWithTrainedAlgorithmicMedia'],
    });
    // The whole picture is a model's, and nothing in it anybody's.
    expect(await readC2pa(at('out/two.mp4'))).toMatchObject({ sourceTypes: ['trainedAlgorithmicMedia'] });
    const original = (await readProvenance(path))!;
    const manifest = (await readProvenance(copy))!;
    expect(manifest).toMatchObject({ ...facts, exported: { from: original.sha256, label: 'visible' } });
    const log = at('results/exports.log.jsonl');
    const verified = await verifyLog(log);
    expect(verified).toMatchObject({ number: 2 });
    expect(stdout).toContain((verified as { head: string }).head);
    expect(await readFile(log, 'utf8')).toContain(manifest.sha256);
    expect((await masqueExport('--verify')).stdout).toContain('2 exports');
    writeFileSync(log, readFileSync(log, 'utf8').replace('two.mp4', 'TWO.mp4'));
    expect(await masqueExport('--verify')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('entry 2 was changed'),
    });
    // Nothing leaves while the log does not hold.
    expect(await masqueExport('a-run')).toMatchObject({ code: 2 });
  });

  test('without label only with a reason, which is logged; the other marks stay', async () => {
    await putFake('one.mp4');
    expect(await masqueExport('a-run', '--no-label')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--reason'),
    });
    expect(await masqueExport('a-run', '--no-label', '--reason', ' ')).toMatchObject({ code: 2 });
    expect((await masqueExport('a-run', '--no-label', '--reason', 'perception study')).code).toBe(0);
    const copy = at('out/one.mp4');
    expect(await bandOf(copy)).toBeLessThan(0.5);
    expect(await readMark(copy)).toBe(generator);
    expect(await readC2pa(copy)).toBeDefined();
    expect((await readProvenance(copy))!.exported!.label).toEqual({ none: 'perception study' });
    expect(readFileSync(at('results/exports.log.jsonl'), 'utf8')).toContain('perception study');
  });

  test('what may not leave stays, each with its cause; the rest goes', async () => {
    await putFake('good.mp4');
    await putFake('agreed.mp4', {
      licence: 'CC-BY-4.0',
      likenessConsent: { basis: 'signed form', scope: 'research' },
    });
    await putFake('person.mp4', { licence: 'CC-BY-4.0' });
    copyFileSync(join(fakes(), 'good.mp4'), join(fakes(), 'unmarked.mp4'));
    const changed = await putFake('changed.mp4');
    writeFileSync(changed, Buffer.concat([readFileSync(changed), Buffer.from('x')]));
    writeFileSync(join(fakes(), 'broken.mp4'), 'no film');
    await writeProvenance(join(fakes(), 'broken.mp4'), facts);
    const { code, stderr } = await masqueExport('a-run');
    expect(code).toBe(3);
    expect(exported().filter((name) => name.endsWith('.mp4'))).toEqual(['agreed.mp4', 'good.mp4']);
    for (const cause of [
      /E_NO_CONSENT .*person\.mp4/,
      /E_PROVENANCE .*unmarked\.mp4/,
      /E_PROVENANCE .*changed\.mp4/,
      /E_MEDIA_\w+ .*broken\.mp4/,
    ])
      expect(stderr).toMatch(cause);
  });

  test('a log that is not there does not pass for one that holds', async () => {
    expect(await masqueExport('--verify')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no such log'),
    });
    expect(await masqueExport('a-run', '--to')).toMatchObject({ code: 2 });
  });

  test('a run that is not there, or left nothing', async () => {
    expect(await masqueExport('b-run')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Runs: a-run'),
    });
    expect(await masqueExport('a-run')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('left no fakes'),
    });
    expect(await masqueExport()).toMatchObject({ code: 2 });
  });
});

const python = findPython('c2pa');
describe.skipIf(!python)('the reference reader of C2PA', () => {
  const read = async (path: string): Promise<{ state: string; failures: string[] }> => {
    const script = 'import c2pa, sys; print(c2pa.Reader(sys.argv[1]).json())';
    const { stdout } = await run(python!, ['-c', script, path]);
    const told = JSON.parse(stdout) as {
      validation_state: string;
      validation_results: { activeManifest: { failure: { code: string }[] } };
    };
    return {
      state: told.validation_state,
      failures: told.validation_results.activeManifest.failure.map(({ code }) => code),
    };
  };

  test.each(['index in front', 'index behind the media'])(
    'finds an MP4 valid, %s, and plays it as before',
    async (where) => {
      const path = await putFake('one.mp4');
      const unsigned = at('unsigned.mp4');
      // Without +faststart ffmpeg writes the index behind the media.
      if (where === 'index in front') copyFileSync(path, unsigned);
      else await ffmpeg('-i', path, '-c', 'copy', unsigned);
      const signed = await signFake(readFileSync(unsigned), {
        generator,
        source,
        signer: await createSigner(),
      });
      writeFileSync(at('signed.mp4'), signed);
      expect(await read(at('signed.mp4'))).toEqual({
        state: 'Valid',
        failures: ['signingCredential.untrusted'],
      });
      expect(await all(decodeFrames(at('signed.mp4')))).toEqual(await all(decodeFrames(unsigned)));
      signed[signed.length - 100]! ^= 1;
      writeFileSync(at('changed.mp4'), signed);
      expect(await read(at('changed.mp4'))).toMatchObject({
        state: 'Invalid',
        failures: expect.arrayContaining(['assertion.bmffHash.mismatch']),
      });
    },
  );

  test('finds a PNG valid', async () => {
    const { default: sharp } = await import('sharp');
    const png = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#a08060' } })
      .png()
      .toBuffer();
    writeFileSync(at('signed.png'), await signFake(png, { generator, source, signer: await createSigner() }));
    expect(await read(at('signed.png'))).toEqual({
      state: 'Valid',
      failures: ['signingCredential.untrusted'],
    });
  });
});
