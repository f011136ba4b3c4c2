/**
 * The key under which a job's result is cached: a hash of everything the result depends on — the job's input (files by
 * content, not by path), the source code that runs, and the versions of packages, ffmpeg and Node.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Job } from '../types.ts';

/** What a job's result depends on beside its input. */
export type JobParts = {
  name: string;
  code: string;
  packages: Record<string, string>;
  node: string;
  tools: Record<string, string>;
};

/** `tools` names versions that lie outside the repository (ffmpeg). */
export function jobParts<I, O>(job: Job<I, O>, tools: Record<string, string>): JobParts {
  const code = codeHash(job.module);
  return { name: job.name, code, packages: packageVersions(), node: process.version, tools };
}

/** Hash of a job and its input; `tools` as in `jobParts`. */
export function jobKey<I, O>(job: Job<I, O>, input: I, tools: Record<string, string>): string {
  return createHash('sha256')
    .update(canonicalJson({ ...jobParts(job, tools), input }))
    .digest('hex');
}

/** JSON with sorted keys; in `{path, sha256}` the path is left out, because the content is what counts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const record = value as Record<string, unknown>;
  const isFile = typeof record['sha256'] === 'string' && typeof record['path'] === 'string';
  const keys = Object.keys(record).filter((key) => record[key] !== undefined && !(isFile && key === 'path'));
  return `{${keys
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`)
    .join(',')}}`;
}

const codeHashes = new Map<string, string>();

/** Hash of a module and of every file of this repository that it imports, directly or not. Types do not run and are left out. */
export function codeHash(moduleUrl: string): string {
  const known = codeHashes.get(moduleUrl);
  if (known) return known;
  const sources = new Map<string, string>();
  collectSources(moduleUrl, sources);
  const hash = createHash('sha256');
  for (const source of [...sources.values()]
    .map((text) => createHash('sha256').update(text).digest('hex'))
    .toSorted())
    hash.update(source);
  const digest = hash.digest('hex');
  codeHashes.set(moduleUrl, digest);
  return digest;
}

const typeImport = /^(?:import|export) type\b[\s\S]*?from '[^']+';$/gm;
const relativeImport = /(?:\bfrom|\bimport|new URL)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

function collectSources(url: string, sources: Map<string, string>): void {
  if (sources.has(url)) return;
  const text = readFileSync(fileURLToPath(url), 'utf8');
  sources.set(url, text);
  if (!/\.[mc]?[jt]s$/.test(url)) return;
  for (const [, path] of text.replace(typeImport, '').matchAll(relativeImport))
    collectSources(new URL(path!, url).href, sources);
}

let versions: Record<string, string> | undefined;

function packageVersions(): Record<string, string> {
  if (!versions) {
    const manifest = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as Record<string, Record<string, string>>;
    versions = { ...manifest['dependencies'], ...manifest['optionalDependencies'] };
  }
  return versions;
}
