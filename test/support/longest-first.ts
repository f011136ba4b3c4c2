/** Which test files begin first: a long one that begins last keeps one core idle. A fresh clone knows no times of its own, and vitest would go by the size of the files. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take longest, longest first. */
const longest = [
  'smoke',
  'contracts/generators',
  'core/crash',
  'contracts/detectors',
  'queue/bullmq',
  'screening/grid',
  'records/mlflow-outbox',
  'generators/puppetry',
  'queue/slurm',
  'export/export',
  'contracts/perturbations',
  'contracts/datasets',
  'preprocess',
  'screening/page',
  'generators/grid-puppets',
  'records/mlflow',
  'screening/page-looks',
  'media/formats',
  'odd-media',
  'generators/face-swap-nets',
  'generators/variants',
  'generators/gan',
  'detectors/av-sync',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(relative('test', moduleId).replace(/\.test\.ts$/, ''));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
