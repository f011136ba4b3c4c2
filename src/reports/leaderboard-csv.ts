/** The leaderboard as CSV. */
import { formatCsv } from '../records/csv.ts';
import type { Measured } from '../types.ts';
import { intervalOf, reasonOf } from './format.ts';
import type { LeaderboardRow } from './leaderboard-rows.ts';

/** Every row, perturbed ones too, with numbers as they are. An empty rank is that of what is not ranked. */
export function toCsv(rows: readonly LeaderboardRow[]): string {
  const header =
    'data,dataset,run,detector,control,constructed,generator,controlGenerator,perturbation,level,driving,trainedOn,auc,aucLow,aucHigh,eer,eerLow,eerHigh,eerMethod,ap,apLow,apHigh,real,fake,failed,notApplicable,coverage,reason,rank,imported,verified,variantOf';
  const lines = rows.map((row) => {
    const { auc, eer, ap } = row.metrics;
    const names = [
      row.data,
      row.dataset,
      row.run,
      row.detector,
      String(row.control),
      String(row.constructed),
      row.generator,
      String(row.controlGenerator),
    ];
    const { real, fake, failed, notApplicable } = row.counts;
    const figures = [
      ...triple(auc),
      ...triple(eer),
      eer.method,
      ...triple(ap),
      real,
      fake,
      failed,
      notApplicable,
      row.coverage ?? '',
    ];
    return [
      ...names,
      row.perturbation,
      row.level,
      row.driving ?? 'all',
      row.trainedOn ?? '',
      ...figures,
      reasonOf(auc) ?? '',
      row.rank.value ?? '',
      row.imported,
      row.verified,
      row.variantOf ?? '',
    ].map(String);
  });
  return formatCsv([header.split(','), ...lines]);
}

function triple(measured: Measured): (number | '')[] {
  const interval = intervalOf(measured);
  return [measured.value ?? '', interval?.low ?? '', interval?.high ?? ''];
}
