/** The data sets of a run as MLflow's inputs (`runs/log-inputs`). */
import { createHash } from 'node:crypto';
import type { RunRecord } from '../record.ts';
import type { TestClip } from '../test-clips.ts';
import type { Entry } from './runs.ts';

/** The fields that `runs/log-inputs` takes. */
export type DatasetInput = {
  tags: Entry[];
  dataset: { name: string; digest: string; source_type: string; source: string; profile?: string };
};
/** As the resolved configuration has it. */
type Choice = { name: string; options?: unknown };

/** MLflow takes 36 characters. */
const digestLength = 32;
const maxSourceLength = 65_535;

/**
 * The data set that was judged, and the one that was learned from where that is another. Their digest changes with their options and seed, that of the first
 * with the content of its genuine test clips too.
 */
export function datasetsOf(record: RunRecord, clips: readonly TestClip[]): DatasetInput[] {
  const { config, seed, data, counts } = record;
  const judged = config['dataset'] as Choice | undefined;
  const school = (config['training'] as { dataset: Choice } | undefined)?.dataset;
  const genuine = clips.flatMap(({ truth, sha256 }) => (truth === 'real' ? [sha256] : [])).toSorted();
  const learned = record.detectors.length > 0 && !school;
  return [
    inputOf({ name: data.dataset, options: judged?.options }, learned ? 'train, test' : 'test', {
      seed,
      content: genuine,
      profile: {
        clips: counts.clips,
        identities: counts.identities,
        kind: data.kind,
        licences: data.licences,
      },
    }),
    ...(school ? [inputOf(school, 'train', { seed })] : []),
  ];
}

function inputOf(
  { name, options = {} }: Choice,
  context: string,
  { seed, content = [], profile }: { seed: number; content?: string[]; profile?: object },
): DatasetInput {
  const source = JSON.stringify({ dataset: name, options, seed });
  const hash = createHash('sha256').update(JSON.stringify({ name, options, seed, content }));
  return {
    tags: [{ key: 'mlflow.data.context', value: context }],
    dataset: {
      name,
      digest: hash.digest('hex').slice(0, digestLength),
      source_type: 'masque',
      source: source.length <= maxSourceLength ? source : JSON.stringify({ dataset: name, seed }),
      ...(profile ? { profile: JSON.stringify(profile) } : {}),
    },
  };
}
