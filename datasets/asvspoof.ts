/**
 * ASVspoof, logical access: recordings, bona fide (real) or spoofed (fake) by an attack (`A01` …). Editions and their protocols, columns apart by
 * spaces whatever the file is called:
 *
 * | `edition` | a line |
 * |---|---|
 * | `2019-la` | `LA_0079 LA_T_1004644 - A01 spoof` |
 * | `2021-la` | `LA_0009 LA_E_9332881 alaw ita_tx A07 spoof notrim eval` |
 * | `2021-df` | `LA_0023 DF_E_2000011 nocodec asvspoof A14 spoof notrim progress traditional_vocoder - - - -` |
 * | `5` | `T_4850 T_0000000000 F - - - AC3 A05 spoof -` |
 *
 * Bona fide lines have `-` or `bonafide` where the attack stands. 2021 has no parts to learn from, and its evaluation has phases, of which only
 * `eval` is reported in papers. Scores of ASVspoof's own tools are higher for bona fide; ours, as everywhere here, for fakes.
 */
import { z } from 'zod';
import { UserError } from '../src/errors.ts';
import { listedDataset } from '../src/listed/dataset.ts';
import type { Entry } from '../src/listed/entry.ts';
import { linesIn } from '../src/listed/lines.ts';
import { eachOnce, listedOptions } from '../src/listed/options.ts';
import { requireFile } from '../src/listed/tree.ts';
import { trialInColumns } from '../src/score-files/key.ts';
import { quoted } from '../src/shown.ts';
import type { Attributes, Split } from '../src/types.ts';

const options = z.strictObject({
  ...listedOptions('ASVspoof'),
  /** YAML may have the last one as a number. */
  edition: z.preprocess(
    (value) => (value === 5 ? '5' : value),
    z.enum(['2019-la', '2021-la', '2021-df', '5']).default('2019-la'),
  ),
  /** Of 2021. */
  phases: eachOnce(['progress', 'eval', 'hidden', 'hidden_track']).default(['eval']),
});
type Options = z.infer<typeof options>;

/** Where the lists of a part may lie, and the folders of its recordings. */
type Part = { lists: string[]; folders: string[] };
type Edition = { columns: string[]; parts: Partial<Record<Split, Part>> };

const part2019 = (part: string, list: string): Part => ({
  lists: [`ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.${list}.txt`],
  folders: [`ASVspoof2019_LA_${part}/flac`],
});
const part2021 = (kind: string): Part => ({
  lists: [`keys/${kind}/CM/trial_metadata.txt`, `${kind}/CM/trial_metadata.txt`, 'trial_metadata.txt'],
  folders: [`ASVspoof2021_${kind}_eval/flac`, 'flac'],
});
const part5 = (list: string, ...folders: string[]): Part => ({
  lists: [`ASVspoof5_protocols/ASVspoof5.${list}.tsv`, `ASVspoof5.${list}.tsv`],
  folders,
});

const editions: Record<Options['edition'], Edition> = {
  '2019-la': {
    columns: ['speaker', 'file', '', 'attack', 'key'],
    parts: {
      train: part2019('train', 'train.trn'),
      validation: part2019('dev', 'dev.trl'),
      test: part2019('eval', 'eval.trl'),
    },
  },
  '2021-la': {
    columns: ['speaker', 'file', 'codec', 'transmission', 'attack', 'key', 'trim', 'phase'],
    parts: { test: part2021('LA') },
  },
  '2021-df': {
    columns: [
      'speaker',
      'file',
      'codec',
      'corpus',
      'attack',
      'key',
      'trim',
      'phase',
      'vocoder',
      '',
      '',
      '',
      '',
    ],
    parts: { test: part2021('DF') },
  },
  '5': {
    columns: ['speaker', 'file', 'gender', 'codec', 'codec quality', '', '', 'attack', 'key', ''],
    parts: {
      train: part5('train', 'flac_T'),
      validation: part5('dev.track_1', 'flac_D'),
      test: part5('eval.track_1', 'flac_E_eval', 'flac_E'),
    },
  },
};
/** What results can be sliced by, of what columns say. */
const sliced = ['codec', 'transmission', 'corpus', 'trim', 'vocoder', 'gender', 'codec quality'];

const name = 'asvspoof';
const layout =
  'ASVspoof2019_LA_cm_protocols and ASVspoof2019_LA_{train,dev,eval}/flac; keys/{LA,DF}/CM/trial_metadata.txt and ASVspoof2021_{LA,DF}_eval/flac; or ASVspoof5_protocols and flac_{T,D,E_eval} (dataset.edition says which)';

export const asvspoof = listedDataset<Options>({
  name,
  cite: 'Wang et al.: ASVspoof 2019, CSL 2020; Liu et al.: ASVspoof 2021, TASLP 2023; Wang et al.: ASVspoof 5, 2024',
  options,
  layout,
  async *entries(tree, { edition, splits, phases }) {
    const { columns, parts } = editions[edition];
    for (const split of splits) {
      const part = parts[split];
      if (!part) continue;
      const path = await requireFile({ name, layout }, tree, ...part.lists);
      const folder = await firstFolder(part.folders, tree.files);
      for await (const { line, text } of linesIn(path)) {
        const fields = text.trim().split(/\s+/);
        const trial = fields.length === columns.length ? trialInColumns(fields, line) : undefined;
        const field = (column: string): string | undefined => fields[columns.indexOf(column)];
        if (!trial || !/^(bonafide|spoof)$/.test(field('key')!)) {
          const wrong =
            fields.length === columns.length
              ? `the ${columns.indexOf('key') + 1}th word is ${quoted(field('key')!)}, expected bonafide or spoof`
              : `${fields.length} words; edition ${edition} has ${columns.length}`;
          throw new UserError(`${path}:${line}: ${wrong}. Another edition? Set dataset.edition`);
        }
        if (columns.includes('phase') && !(phases as string[]).includes(field('phase')!)) continue;
        yield {
          id: trial.id,
          file: `${folder}/${trial.id}.flac`,
          sources: [trial.group!],
          labels: { audio: trial.truth },
          origin: trial.truth === 'real' ? name : field('attack')!,
          split,
          listed: `${path}:${line}`,
          attributes: known(field),
        } satisfies Entry;
      }
    }
  },
});

async function firstFolder(
  folders: readonly string[],
  files: (folder: string) => Promise<string[]>,
): Promise<string> {
  for (const folder of folders) if ((await files(folder)).length > 0) return folder;
  return folders[0]!;
}

/** A dash says that there is none. */
function known(field: (column: string) => string | undefined): Attributes {
  return Object.fromEntries(
    sliced.flatMap((column) => {
      const value = field(column);
      return value === undefined || value === '-' ? [] : [[column, value] as const];
    }),
  );
}
