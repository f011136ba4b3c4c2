/** An arrow of the architecture never points back: `src` imports no other folder, components import only `src`. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const allowed: Record<string, string[]> = {
  src: ['src'],
  datasets: ['datasets', 'src'],
  generators: ['generators', 'src'],
  detectors: ['detectors', 'src'],
  experiments: ['experiments', 'datasets', 'generators', 'detectors', 'src'],
};

function importsOf(folder: string): { file: string; target: string }[] {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return files
    .filter((entry) => entry.isFile() && /\.m?[tj]s$/.test(entry.name))
    .flatMap((entry) => {
      const file = join(entry.parentPath, entry.name);
      const paths = readFileSync(file, 'utf8').matchAll(
        /(?:\bfrom|\bimport|new URL)\s*\(?\s*'(\.{1,2}\/[^']+)'/g,
      );
      return [...paths].map(([, path]) => ({
        file: relative(root, file),
        target: relative(root, resolve(dirname(file), path!)),
      }));
    });
}

test.each(Object.entries(allowed))('%s imports only %s', (folder, targets) => {
  const wrong = importsOf(folder).filter(
    ({ target }) => target.includes(sep) && !targets.includes(target.split(sep)[0]!),
  );
  expect(wrong).toEqual([]);
});

test('the check sees imports at all', () => {
  expect(importsOf('src').length).toBeGreaterThan(10);
});

test('the main process never loads TensorFlow.js by a plain import', () => {
  const heavy = /^import (?!type).*'(@tensorflow\/[^']+|onnxruntime-node|sharp)'/m;
  const files = Object.keys(allowed).flatMap((folder) => importsOf(folder).map(({ file }) => file));
  expect([...new Set(files)].filter((file) => heavy.test(readFileSync(join(root, file), 'utf8')))).toEqual(
    [],
  );
});
