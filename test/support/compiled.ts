/** Programs of the tests compiled to JavaScript once: those that are started hundreds of times begin in a third of the time then. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transformWithEsbuild } from 'vite';
import { afterAll, beforeAll } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const relativeImport = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;
let compiled: string;

/** Compiles the programs, paths in the repository, with all that they import, and the worker process, before the tests of the file. Packages stay where they are. */
export function useCompiled(...programs: string[]): void {
  beforeAll(async () => {
    compiled = mkdtempSync(join(tmpdir(), 'masque-compiled-'));
    symlinkSync(join(root, 'node_modules'), join(compiled, 'node_modules'));
    const done = new Set<string>();
    for (const program of [...programs, 'src/queue/worker.ts']) await compile(program, done);
    writeFileSync(join(compiled, 'package.json'), '{ "type": "module" }');
    write('src/queue/worker-entry.mjs', "await import('./worker.js');");
  });
  afterAll(() => rmSync(compiled, { recursive: true, force: true }));
}

/** Where a program lies compiled. */
export const compiledPath = (program: string): string => join(compiled, program.replace(/\.ts$/, '.js'));

async function compile(path: string, done: Set<string>): Promise<void> {
  if (done.has(path)) return;
  done.add(path);
  const { code } = await transformWithEsbuild(readFileSync(join(root, path), 'utf8'), path, {
    sourcemap: false,
  });
  write(path.replace(/\.ts$/, '.js'), code.replaceAll(/(["']\.{1,2}\/[^"']+)\.ts(["'])/g, '$1.js$2'));
  for (const [, imported] of code.matchAll(relativeImport))
    await compile(join(dirname(path), imported!), done);
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(compiled, path)), { recursive: true });
  writeFileSync(join(compiled, path), content);
}
