/** YAML files that people of bad will write: exit 2 with line, column and key, at once, and nothing happens but that. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readExperiment } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';
import { readPolicy } from '../../src/screening/policy.ts';
import { hostileYaml, type Reader, yamlPieces } from '../support/hostile-yaml.ts';

const night = process.env['MASQUE_TESTS'] === 'night';
const folder = mkdtempSync(join(tmpdir(), 'masque-yaml-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'hostile.yaml');

const part = (name: string) => ({ [name]: { name, cite: '', options: z.strictObject({}) } });
const catalog = {
  datasets: part('folder'),
  generators: part('puppetry'),
  detectors: part('spectrum'),
  perturbations: {},
};
const readers: [string, (file: string) => unknown, Reader][] = [
  [
    'an experiment',
    (path) => readExperiment(path, [], catalog),
    {
      good: 'name: a\ndataset: { name: folder }\ndetectors: [{ name: spectrum }]\n',
      number: 'seed',
      map: 'bootstrap',
    },
  ],
  ['a policy', readPolicy, { good: 'onFailure: fail-closed\n', number: 'releasesNeeded', map: 'actions' }],
];

/** What the reader says of it, without the file's name; undefined where it takes it. Nothing else may happen. */
function toldOf(read: (file: string) => unknown, text: string | Uint8Array): string | undefined {
  writeFileSync(file, text);
  try {
    read(file);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).exitCode).toBe(2);
    const told = (error as UserError).message;
    // Every mistake at a place that is in the file, and with a key.
    const [, line, column] = /^\S+hostile\.yaml:(\d+):(\d+) [^]*: /.exec(told) ?? [];
    const at = readFileSync(file, 'utf8').split('\n')[Number(line) - 1];
    expect(Number(column), told).toBeGreaterThan(0);
    expect(Number(column), told).toBeLessThanOrEqual(at!.length + 1);
    return told.replaceAll(file, '');
  } finally {
    expect(readdirSync(folder)).toEqual(['hostile.yaml']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  }
}

describe.each(readers)('%s', (_, read, reader) => {
  const fixtures = hostileYaml(reader);
  test('there are 60 at least', () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(60);
    expect(toldOf(read, reader.good)).toBeUndefined();
  });

  // A second is what one may take; this machine may be busy with others.
  test.each(fixtures)('$what', { timeout: 5000 }, ({ text, told, accepted }) => {
    const said = toldOf(read, text);
    if (accepted) expect(said).toBeUndefined();
    else expect(said).toMatch(told);
  });

  test('of each mistake the column is that of its key', () => {
    const first = `"${reader.map}": {  nothing: 1,`;
    const line = reader.good.split('\n').length + 1;
    expect(toldOf(read, `${reader.good}  # behind\n${first}\n  "neither" : 2 }\n`)!.split('\n')).toEqual([
      expect.stringContaining(`:${line}:${first.indexOf('nothing') + 1} ${reader.map}.nothing: `) as string,
      expect.stringContaining(`:${line + 1}:3 ${reader.map}.neither: `) as string,
    ]);
  });

  test('files of random pieces are taken or refused', { timeout: 600_000 }, () => {
    const piece = fc.oneof(
      fc.constantFrom(...yamlPieces),
      fc.constantFrom(...reader.good.split(/(?<=\W)/)),
      fc.string({ maxLength: 5 }),
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, fc.boolean(), (random, behind) => {
        toldOf(read, behind ? reader.good + random : random);
      }),
      { numRuns: night ? 5000 : 150, seed: 1 },
    );
  });
});
