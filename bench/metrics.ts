/**
 * Speed of the metrics, with scikit-learn beside the AUC where a Python with it is found (`MASQUE_PYTHON` or python3): `npm run -s bench -- metrics`. Medians after rounds
 * that warm up; both are given the same scores and must find the same AUC.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { delong } from '../src/metrics/delong.ts';
import { auc, eer, measureScores, type ScoredItem } from '../src/metrics/detection.ts';
import { psnr, ssim } from '../src/metrics/image.ts';
import { rankScores } from '../src/metrics/ranking.ts';
import { createRng } from '../src/random.ts';
import type { Frame } from '../src/types.ts';
import type { Part } from './bench.ts';
import { median } from './median.ts';
import { type PythonPeer, startPython } from './python.ts';

const rng = createRng(1, 'bench', 'metrics');
const scores = Float64Array.from({ length: 1_000_000 }, () => rng.normal());
const isFake = Uint8Array.from({ length: 1_000_000 }, () => rng.int(2));

const aucAlone = 'AUC of 1,000,000 scores';
const peerName = `${aucAlone}, scikit-learn`;

/** What is timed, by its name in the output. */
function works(): Record<string, () => unknown> {
  const items = (count: number, identities: number): ScoredItem[] =>
    Array.from({ length: count }, (_, i) => ({
      truth: rng.int(2) === 1 ? 'fake' : 'real',
      score: rng.normal(),
      group: `person ${i % identities}`,
    }));
  const [hundreds, many] = [items(600, 16), items(100_000, 1000)];
  const frame = (): Frame => ({
    width: 256,
    height: 256,
    data: Uint8Array.from({ length: 256 * 256 * 3 }, () => rng.int(256)),
  });
  const [a, b] = [frame(), frame()];
  const resample = (scored: ScoredItem[]): unknown =>
    measureScores(scored, { rng: createRng(2), replicates: 2000 });
  return {
    'AUC, EER and DeLong of 1,000,000 scores': () => {
      const ranking = rankScores(scores, isFake);
      return [auc(ranking), eer(ranking), delong(ranking)];
    },
    'AUC, EER, AP of 600 scores, 2000 replicates over 16 identities': () => resample(hundreds),
    'AUC, EER, AP of 100,000 scores, 2000 replicates over 1000 identities': () => resample(many),
    'PSNR and SSIM of one 256×256 frame': () => [psnr(a, b), ssim(a, b)],
  };
}

/** So many calls until all that is compiled while it runs is compiled. */
const warmUps = 8;
type Times = { seconds: number; processor: number };

function timed(work: () => unknown): Times {
  const [start, used] = [performance.now(), process.cpuUsage()];
  work();
  const { user, system } = process.cpuUsage(used);
  return { seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}

/** The part `metrics` of the bench. `processorSeconds` hold where the machine has other work, `seconds` where it has none. */
export const metrics: Part = async ({ rounds }) => {
  const folder = await mkdtemp(join(tmpdir(), 'masque-bench-'));
  const peer = await startPython('metrics.py', []);
  const notes = [
    typeof peer === 'string'
      ? `metrics: scikit-learn is skipped: ${peer}`
      : `metrics: beside ${peer.version}`,
  ];
  const found: Record<string, Times[]> = {};
  try {
    const task = { scores: join(folder, 'scores'), fake: join(folder, 'fake') };
    await writeFile(task.scores, scores);
    await writeFile(task.fake, isFake);
    // The AUC and its peer by turns, three times as often as the rest, which takes longer.
    for (let round = -warmUps; round < 3 * rounds; round++) {
      const own = timed(() => auc(rankScores(scores, isFake)));
      if (round >= 0) (found[aucAlone] ??= []).push(own);
      const theirs = typeof peer === 'string' ? undefined : await askPeer(peer, task);
      if (round >= 0 && theirs) (found[peerName] ??= []).push(theirs);
    }
    for (const [name, work] of Object.entries(works())) {
      work();
      found[name] = Array.from({ length: rounds }, () => timed(work));
    }
  } finally {
    if (typeof peer !== 'string') peer.close();
    await rm(folder, { recursive: true, force: true });
  }
  notes.push(`load average at the end: ${loadavg()[0]!.toFixed(1)}`);
  const medians = (which: keyof Times): Record<string, number> =>
    Object.fromEntries(
      Object.entries(found).map(([name, times]) => [name, median(times.map((one) => one[which]))]),
    );
  const [seconds, processorSeconds] = [medians('seconds'), medians('processor')];
  const ratio = (times: Record<string, number>): number | undefined =>
    peerName in times ? times[peerName]! / times[aucAlone]! : undefined;
  return {
    ratios: { aucVsSklearn: ratio(seconds), processorAucVsSklearn: ratio(processorSeconds) },
    seconds,
    processorSeconds,
    notes,
  };
};

/** @throws where the AUCs are not the same. */
async function askPeer(peer: PythonPeer, task: { scores: string; fake: string }): Promise<Times> {
  const theirs = JSON.parse(await peer.ask(JSON.stringify(task))) as Times & { auc: number };
  const apart = Math.abs(theirs.auc - auc(rankScores(scores, isFake)).value!);
  if (!(apart < 1e-12)) throw new Error(`the AUCs differ by ${apart}`);
  return theirs;
}
