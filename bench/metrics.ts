/** Speed of the metrics: `npm run -s bench -- metrics`, or alone `npx tsx bench/metrics.ts`. They have no peer here. */
import { auc, eer, measureScores, type ScoredItem } from '../src/metrics/detection.ts';
import { psnr, ssim } from '../src/metrics/image.ts';
import { rankScores } from '../src/metrics/ranking.ts';
import { createRng } from '../src/random.ts';
import type { Frame } from '../src/types.ts';

/** Seconds of each measurement, the best of three runs; names say what was measured. */
export function benchMetrics(): Record<string, number> {
  const rng = createRng(1, 'bench', 'metrics');
  const million = Float64Array.from({ length: 1_000_000 }, () => rng.normal());
  const labels = Uint8Array.from({ length: 1_000_000 }, () => rng.int(2));
  const items = (count: number, identities: number): ScoredItem[] =>
    Array.from({ length: count }, (_, i) => ({
      truth: rng.int(2) === 1 ? 'fake' : 'real',
      score: rng.normal(),
      group: `person ${i % identities}`,
    }));
  const hundreds = items(600, 16);
  const many = items(100_000, 1000);
  const frame = (): Frame => ({
    width: 256,
    height: 256,
    data: Uint8Array.from({ length: 256 * 256 * 3 }, () => rng.int(256)),
  });
  const [a, b] = [frame(), frame()];
  const bootstrap = (scored: ScoredItem[]) => measureScores(scored, { rng: createRng(2), replicates: 2000 });
  return {
    'AUC and EER of 1,000,000 scores': bestOfThree(() => {
      const ranking = rankScores(million, labels);
      return [auc(ranking), eer(ranking)];
    }),
    'AUC, EER, AP of 600 scores, 2000 replicates over 16 identities': bestOfThree(() => bootstrap(hundreds)),
    'AUC, EER, AP of 100,000 scores, 2000 replicates over 1000 identities': bestOfThree(() =>
      bootstrap(many),
    ),
    'PSNR and SSIM of one 256×256 frame': bestOfThree(() => [psnr(a, b), ssim(a, b)]),
  };
}

function bestOfThree(work: () => unknown): number {
  const seconds = Array.from({ length: 3 }, () => {
    const start = performance.now();
    work();
    return (performance.now() - start) / 1000;
  });
  return Math.min(...seconds);
}

/** The part `metrics` of the bench. */
export async function metrics(): Promise<{
  ratios: Record<string, number>;
  seconds: Record<string, number>;
  notes: string[];
}> {
  const notes = ['metrics: scikit-learn, the peer, is not called; the seconds stand alone'];
  return { ratios: {}, seconds: benchMetrics(), notes };
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(benchMetrics(), null, 2));
