/**
 * The mark that every fake carries from the moment it is written: a comment in its container (`provenanceComment`, given
 * to the encoder) and a manifest beside it. Detectors never see either, but for `provenance`; they get pixels and samples.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { ItemError } from '../errors.ts';
import { atomicWrite, sha256OfFile } from '../files.ts';
import { requireSuccess } from './failure.ts';
import { runFfprobe } from './ffmpeg.ts';
import { inputFile } from './formats.ts';

const manifest = z.object({
  createdBy: z.literal('masque'),
  masqueVersion: z.string(),
  /** Name of the media file and the SHA-256 of its content. */
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Which generator, with preset and resolution: `puppetry@cpu-96`. */
  generator: z.string(),
  options: z.unknown(),
  /** SHA-256 of each file of the trained model, by name. */
  model: z.record(z.string(), z.string()),
  /** Identities and recordings that went into it. */
  sources: z.array(z.string()),
  /** SHA-256 of each media file that went into it. */
  sourceFiles: z.array(z.string()),
  licence: z.string(),
  likenessConsent: z.object({ basis: z.string(), scope: z.string() }).optional(),
  /** Of a copy that has left the run folder. */
  exported: z
    .object({
      /** SHA-256 of the fake in the run folder. */
      from: z.string(),
      /** Whether the picture says what it is; if not, why. */
      label: z.union([z.literal('visible'), z.object({ none: z.string() })]),
    })
    .optional(),
});

export type Provenance = z.infer<typeof manifest>;
/** What a generator knows of its fake. */
export type ProvenanceFacts = Pick<
  Provenance,
  'generator' | 'options' | 'model' | 'sources' | 'sourceFiles' | 'licence' | 'likenessConsent' | 'exported'
>;

/** Where the manifest of a media file lies: beside it. */
export function provenancePath(mediaPath: string): string {
  return `${mediaPath}.provenance.json`;
}

/** The container's comment, for `encodeClip`: says in words that the file is a fake and who made it. */
export function provenanceComment(generator: string): string {
  return `Synthetic media (deepfake) made with masque, generator ${generator}, for detection research`;
}

const commentPattern =
  /^Synthetic media \(deepfake\) made with masque, generator (.+), for detection research$/;

/**
 * The generator named by the comment in a file's container (`provenanceComment`), or undefined where there is none. Anyone can write
 * or strip it. @throws ItemError as `inputFile`, and where the file cannot be read.
 */
export async function readMark(mediaPath: string): Promise<string | undefined> {
  const input = await inputFile(mediaPath);
  // ffprobe is not asked about photos, which carry no mark yet.
  if (input.kind === 'photo') return undefined;
  const { stdout, ...ending } = await runFfprobe(input, [
    '-show_entries',
    'format_tags=comment',
    '-of',
    'json',
  ]);
  requireSuccess(mediaPath, ending);
  // A comment beyond the limit of what is read leaves no whole JSON, and is not ours.
  const told = parseJson(stdout) as { format?: { tags?: Record<string, string> } } | undefined;
  const comment = Object.values(told?.format?.tags ?? {})[0] ?? '';
  return commentPattern.exec(comment)?.[1];
}

/** Writes the manifest of a finished media file beside it and returns it. */
export async function writeProvenance(mediaPath: string, facts: ProvenanceFacts): Promise<Provenance> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const { generator, options, model, sources, sourceFiles, licence, likenessConsent, exported } = facts;
  const provenance: Provenance = {
    createdBy: 'masque',
    masqueVersion: version,
    file: basename(mediaPath),
    sha256: await sha256OfFile(mediaPath),
    generator,
    options,
    model,
    sources,
    sourceFiles,
    licence,
    ...(likenessConsent ? { likenessConsent } : {}),
    ...(exported ? { exported } : {}),
  };
  await atomicWrite(provenancePath(mediaPath), `${JSON.stringify(provenance, undefined, 2)}\n`);
  return provenance;
}

/**
 * The manifest of a media file, or undefined when there is none beside it.
 * @throws ItemError E_PROVENANCE when it is damaged or belongs to other content.
 */
export async function readProvenance(mediaPath: string): Promise<Provenance | undefined> {
  const path = provenancePath(mediaPath);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = manifest.safeParse(parseJson(text));
  if (!parsed.success)
    throw new ItemError('E_PROVENANCE', `${path}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
  if (parsed.data.sha256 !== (await sha256OfFile(mediaPath)))
    throw new ItemError(
      'E_PROVENANCE',
      `${path}: written for other content than that of ${basename(mediaPath)}`,
    );
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
