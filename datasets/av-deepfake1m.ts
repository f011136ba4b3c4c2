/**
 * AV-Deepfake1M as published: `{train,val,test}_metadata.json`, each a list of clips, and the clips in `{train,val,test}/<file>`. What is
 * modified is a word or a few (`modify_type`, `fake_segments` in seconds), so that most of a fake is genuine. A part whose list is not there (the
 * labels of `test` were held back) is left out.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import type { Entry } from '../src/listed/entry.ts';
import { firstIssue, jsonValues } from '../src/listed/json.ts';
import { partNames } from '../src/listed/names.ts';
import { listedOptions } from '../src/listed/options.ts';
import type { Labels, Span, Split } from '../src/types.ts';

const options = z.strictObject(listedOptions('AV-Deepfake1M'));
type Options = z.infer<typeof options>;

const name = 'av-deepfake1m';

const labelsOf = {
  real: { video: 'real', audio: 'real', pairing: 'real' },
  visual_modified: { video: 'fake', audio: 'real' },
  audio_modified: { video: 'real', audio: 'fake' },
  both_modified: { video: 'fake', audio: 'fake' },
} satisfies Record<string, Labels>;

const segments = z.array(z.tuple([z.number(), z.number()])).default([]);
const described = z.object({
  file: z.string().min(1),
  split: z.enum(['train', 'val', 'test']).optional(),
  modify_type: z.enum(Object.keys(labelsOf) as (keyof typeof labelsOf)[]),
  audio_model: z.string().nullish(),
  fake_segments: segments,
});

export const avDeepfake1m = listedDataset<Options>({
  name,
  cite: 'Cai, Ghosh, Adatia, Hayat, Dhall, Gedeon, Stefanov: AV-Deepfake1M, ACM Multimedia 2024',
  options,
  layout: '{train,val,test}_metadata.json, {train,val,test}/<id>/<video>/<number>/<name>.mp4',
  async *entries(tree, { splits }) {
    for (const split of splits) {
      const list = `${partNames[split]}_metadata.json`;
      if (await tree.has(list)) yield* fromList(join(tree.root, list), split);
    }
  },
});

async function* fromList(path: string, split: Split): AsyncGenerator<Entry> {
  for await (const { keys, value } of jsonValues(path, 1)) {
    const found = described.safeParse(value);
    const mistake = found.success ? mistakeOf(found.data, split) : firstIssue(found.error);
    if (!found.success || mistake) throw new UserError(`${path}: clip ${Number(keys[0]) + 1}: ${mistake}`);
    yield { ...entryOf(found.data, split), listed: path };
  }
}

type Described = z.infer<typeof described>;

function mistakeOf(
  { split, fake_segments: spans, modify_type: type }: Described,
  own: Split,
): string | undefined {
  if (split !== undefined && split !== partNames[own])
    return `split ${split} in the list of ${partNames[own]}`;
  if (spans.some(([start, end]) => !(0 <= start && start < end)))
    return 'fake_segments: expected pairs of seconds, the earlier first';
  return type === 'real' && spans.length > 0 ? 'a real clip with fake_segments' : undefined;
}

function entryOf(
  { file, modify_type: type, audio_model: model, fake_segments }: Described,
  split: Split,
): Entry {
  const spans = fake_segments.map(([start, end]): Span => ({ start, end }));
  const [, person] = /(?:^|\/)(id\d+)\//.exec(file) ?? [];
  return {
    id: `${partNames[split]}/${file.replace(/\.\w+$/, '')}`,
    file: `${partNames[split]}/${file}`,
    sources: [person ?? file.split('/').slice(0, -1).join('/')],
    labels: { ...labelsOf[type], ...(spans.length > 0 ? { spans } : {}) },
    origin: type === 'real' ? name : type,
    split,
    ...(model ? { attributes: { 'audio model': model } } : {}),
  };
}
