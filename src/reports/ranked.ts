/** Who is compared with whom. */
import type { RunRecord } from '../records/record.ts';

export type RankedDetector = RunRecord['detectors'][number];

/** The detectors of the results that are neither controls nor constructed cues. Probes stand apart, and so do those trained on less for a comparison. */
export function rankedDetectors({
  detectors,
  results,
}: Pick<RunRecord, 'detectors' | 'results'>): RankedDetector[] {
  const judging = new Set(results.map(({ detector }) => detector));
  return detectors.filter(
    ({ label, control, constructed, variantOf }) =>
      judging.has(label) && !control && !constructed && variantOf === undefined,
  );
}
