/**
 * The manifest of models that are brought along: a YAML file that says of each which file it is, under what licence it may be used, how a
 * picture is prepared for it and what its output means. Published models differ in all of these, and none of it can be read from the file.
 */
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { LineCounter } from 'yaml';
import { z } from 'zod';
import { didYouMean, UserError } from '../errors.ts';
import {
  collect,
  forbidden,
  type Mistake,
  parseYaml,
  type Path,
  placeOf,
  refuseMistakes,
  toValue,
} from '../yaml.ts';

const perChannel = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().positive();
const spread = z.tuple([positive, positive, positive]);

/** A square of RGB bytes becomes (byte / divideBy − mean) / std, in the order of the model's own channels. */
const input = z.strictObject({
  name: z.string().min(1),
  layout: z.enum(['NCHW', 'NHWC']),
  /** Side of the square it takes, in pixels. */
  sizePx: z.int().min(1).max(4096),
  /** Share of the largest square in the middle of the frame that it is shown, along each side. */
  shown: z.number().gt(0).max(1).default(1),
  colours: z.enum(['RGB', 'BGR']).default('RGB'),
  divideBy: positive.default(255),
  mean: perChannel.default([0, 0, 0]),
  std: spread.default([1, 1, 1]),
});
const score = z.strictObject({
  name: z.string().min(1),
  /** One value, or one for each of two classes. */
  meaning: z.enum(['logit', 'probability']),
  /** Which class, or which end of the one value, means fake. Data sets disagree, so it has no default. */
  fakeIs: z.literal([0, 1]),
});
/** A square as that of the input, in its layout and colours: byte = (value · std + mean) · divideBy. */
const picture = z.strictObject({
  name: z.string().min(1),
  meaning: z.literal('picture'),
  divideBy: positive.default(255),
  mean: perChannel.default([0, 0, 0]),
  std: spread.default([1, 1, 1]),
});
const entry = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,60}$/, 'expected lower-case letters, digits and hyphens'),
  /** Beside the manifest or in a folder below. One file, weights inside. */
  file: z
    .string()
    .refine(
      (path) => !isAbsolute(path) && !normalize(path).startsWith('..'),
      'must lie beside the manifest or below',
    ),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected the 64 hexadecimal digits of its SHA-256'),
  licence: z
    .string('state the licence under which you use it; a model without one is refused')
    .refine((text) => !/^(unknown|none)?$/i.test(text.trim()), 'state the licence under which you use it'),
  source: z.string().min(1, 'state where it comes from'),
  input,
  output: z.discriminatedUnion('meaning', [score, picture], {
    error: 'expected a meaning: logit, probability or picture',
  }),
});
const shape = z.strictObject({ models: z.array(z.looseObject({ name: z.string() })) });

/** A model takes some sixty. */
const mostParts = 10_000;

export type ModelEntry = z.infer<typeof entry>;
export type PictureInput = ModelEntry['input'];
export type PictureOutput = z.infer<typeof picture>;
export type ScoreOutput = z.infer<typeof score>;

/**
 * The entry of one model, and the path of its file. The other entries are not looked at.
 * @throws UserError (exit 2) with every field that is missing or wrong as `manifest:line:column key: reason`.
 */
export function readManifest(manifest: string, name: string): { entry: ModelEntry; path: string } {
  const lines = new LineCounter();
  const document = parseYaml(manifest, lines, {
    what: 'a manifest',
    examples: 'models/README.md shows how it is written',
    mostParts,
  });
  const value = toValue(document, manifest);
  const checked = <Value>(schema: z.ZodType<Value>, part: unknown, base: Path): Value => {
    const mistakes: Mistake[] = [];
    forbidden(part, base, mistakes);
    const parsed = schema.safeParse(part);
    if (!parsed.success) collect(parsed.error, base, schema, part, mistakes);
    refuseMistakes(mistakes, (path) => `${manifest}:${placeOf(document, path, lines)}`);
    return parsed.data!;
  };
  const { models } = checked(shape, value, []);
  const known = models.map((model) => model.name);
  const named = known.filter((one) => one === name).length;
  if (named !== 1) throw new UserError(`${manifest}: ${notOne(name, named, known)}`);
  const place = known.indexOf(name);
  const found = checked(entry, models[place], ['models', place]);
  return { entry: found, path: join(dirname(manifest), found.file) };
}

/** @throws UserError when the content of the file is not the one that the manifest means. */
export function requireContent(path: string, sha256: string, { name, sha256: expected }: ModelEntry): void {
  if (sha256 === expected) return;
  throw new UserError(
    `${path}: its SHA-256 is ${sha256}, the manifest has ${expected} for "${name}". Get the right file, or, if you trust this one, write its hash into the manifest`,
  );
}

function notOne(name: string, count: number, known: string[]): string {
  if (count > 1) return `model "${name}" stands there ${count} times`;
  if (name === '') return `no model is named. Set "model" to one of: ${known.join(', ') || 'none yet'}`;
  const close = didYouMean(name, known);
  return `there is no model "${name}"${close ? `; did you mean "${close}"?` : '.'} Known: ${known.join(', ') || 'none'}`;
}
