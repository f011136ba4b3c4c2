/**
 * The record of one run, `results/runs/<id>/record.json`: everything the leaderboard and the report are drawn from.
 * Numbers are numbers; what is undefined is `{ "value": null, "reason": "…" }`; what was not run is listed with its reason.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { atomicWrite } from '../files.ts';
import type { Item } from '../types.ts';

export const schemaVersion = 1;
/** What `trainedOn` says of a detector that saw no fakes. */
export const genuineAlone = 'genuine clips';

const count = z.int().nonnegative();
const measured = z.union([
  z.object({ value: z.null(), reason: z.string() }),
  z.object({ value: z.number(), low: z.null(), high: z.null(), reason: z.string() }),
  z.object({ value: z.number(), low: z.number().exactOptional(), high: z.number().exactOptional() }),
]);

/** Real and fake items with a score; items that broke; items to which the detector's question does not fit. */
const counts = z.object({ real: count, fake: count, failed: count, notApplicable: count });

const result = z.object({
  /** Label of the detector as trained here, e.g. `meso-inception@cpu-128`; one name per trained network. */
  detector: z.string(),
  /** Label of the generator whose fakes are judged; `none` where only real clips are (no AUC then). */
  generator: z.string(),
  /** `none` for clean. */
  perturbation: z.string(),
  level: z.number(),
  /** What the level is, in words with units. */
  severity: z.string().exactOptional(),
  /** Which fakes are judged: those driven by the target's own other sentence, by someone else's, or (null) all of them. */
  driving: z.enum(['same-person', 'other-person']).nullable().default(null),
  /**
   * Labels, joined by `+`, of the generators whose fakes it was trained on; `genuineAlone` where it saw no fakes; null for a detector
   * that is not trained.
   */
  trainedOn: z.string().nullable(),
  counts,
  metrics: z.object({
    auc: measured,
    eer: z.intersection(measured, z.object({ method: z.string() })),
    ap: measured,
    resampling: z.object({ identities: count, replicates: count, skipped: count }),
  }),
  /** Scored items among those that were to be scored, in [0, 1]; null where there were none. */
  coverage: z.number().min(0).max(1).nullable(),
  /** How clips are called at one threshold; `chosenOn` says by what scores it was chosen. Absent where there was nothing to choose on. */
  atThreshold: z
    .object({
      threshold: z.number(),
      chosenOn: z.string(),
      /** Share of real clips called fake, and of fakes called so. */
      fpr: measured,
      tpr: measured,
      balancedAccuracy: measured,
      accuracy: measured,
    })
    .exactOptional(),
  /** Scores one by one, where there are fewer than ten identities. */
  points: z
    .array(z.object({ identity: z.string(), real: z.array(z.number()), fake: z.array(z.number()) }))
    .exactOptional(),
});

const trained = {
  name: z.string(),
  /** Name with preset and resolution, as it stands in tables. */
  label: z.string(),
  /** A control keeps the table honest and stands first in it. */
  control: z.boolean(),
  trainSeconds: z.number().nonnegative(),
  /** What training says of itself; `losses` as `[step, value][]`, or several such curves by name, is drawn in the report. */
  info: z.record(z.string(), z.unknown()),
};

const recordSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  id: z.string().min(1),
  /** Scores that another tool gave, joined to the leaderboard by `masque measure --join`. */
  imported: z.literal(true).exactOptional(),
  /** Of the files beside it that its numbers can be computed from again, by name. Absent from records made before they were hashed. */
  sha256: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)).exactOptional(),
  /** The resolved configuration, defaults filled in. */
  config: z.record(z.string(), z.unknown()),
  seed: z.int(),
  code: z.object({
    /** Null outside a git checkout. */
    commit: z.string().nullable(),
    dirty: z.boolean(),
    node: z.string(),
    /** `device` is absent in records from before it could be chosen. */
    backend: z.object({ name: z.string(), device: z.string().exactOptional(), reason: z.string() }),
    ffmpeg: z.string(),
    /** What ffmpeg was shut into (`bwrap`, `prlimit`), and why not into the rest. Absent from records made before it was. */
    sandbox: z.object({ used: z.array(z.string()), missing: z.array(z.string()) }).exactOptional(),
  }),
  startedAt: z.iso.datetime(),
  /** Of all starts that it took, when it was interrupted. */
  seconds: z.number().nonnegative(),
  /** How often it was started until it was done; absent where once. */
  starts: count.exactOptional(),
  /** Largest resident size of the main process and of any worker process. */
  peakMemory: z.object({ mainBytes: count, workerBytes: count }),
  /**
   * How free the main process stayed for signals and progress, from the reading of the configuration until this record is written: what
   * follows (leaderboard, MLflow) is not watched. Absent from records made before it was.
   */
  mainThread: z
    .object({
      /** Milliseconds of processor time between two turns of its event loop, at most. */
      longestStretchMs: measured,
      /** Milliseconds a timer due every 10 ms fired late, by the wall clock: exceeded once in a thousand times, those missed meanwhile counted. */
      delayP999Ms: measured,
      /** Absent from records made before missed ones were counted; their `delayP999Ms` is of those that fired. */
      delayMaxMs: measured.exactOptional(),
      loadedTensorFlow: z.boolean(),
    })
    .exactOptional(),
  /** Clips read, fakes made, and what failed on the way: scores, or where no detector judges fakes and published clips (causes in `failures.csv`). */
  counts: z.object({
    identities: count,
    clips: count,
    /**
     * `clips` by what they are there for; absent from older records. `genuine`: of people whose fakes and clips are judged or taught from.
     * `unknown`: without any label. `brought`: fakes that the data set brings along. `heard`: sound alone, to fit on. `measuring`: networks that measure learn from them.
     */
    clipsBy: z
      .object({
        genuine: count,
        unknown: count.exactOptional(),
        brought: count,
        heard: count,
        measuring: count,
      })
      .exactOptional(),
    /** Clips that are parts of films, to fit on and to score, and how many films those are. */
    cut: z.object({ films: count, parts: count }).exactOptional(),
    /** Jobs whose output was found and that were computed in the `seconds`; absent from older records. */
    jobs: z.object({ cached: count, computed: count }).exactOptional(),
    fakes: count,
    scores: count,
    failed: count,
    notApplicable: count,
  }),
  data: z.object({
    dataset: z.string(),
    /** Rendered and recorded people never stand in one table. */
    kind: z.enum(['synthetic', 'recorded']),
    /** Number of clips by licence. */
    licences: z.record(z.string(), count),
    /** Whether faces of this run may leave the run folder, and why. */
    shareable: z.object({ value: z.boolean(), reason: z.string() }),
    /** What its lists say that a reader must know: files that were missing, a published split that shares people. Absent from older records. */
    remarks: z.array(z.string()).default([]),
  }),
  /** Of clips in which a tracker looked for a face: frames with it, frames bridged between such, most faces at once. Absent from records of clips that came with their tracks, and older ones. */
  faces: z
    .array(
      z.object({
        clip: z.string(),
        frames: count,
        found: count,
        bridged: count,
        faces: count,
        tracked: z.boolean(),
      }),
    )
    .exactOptional(),
  generators: z.array(z.object({ ...trained, quality: z.record(z.string(), measured) })),
  detectors: z.array(
    z.object({
      ...trained,
      family: z.string(),
      judges: z.string(),
      /** Why it is not ranked: it finds what we put there ourselves. Null of the others, and in older records. */
      constructed: z.string().nullable().default(null),
      /** Label of the same detector taught by all makers of fakes; this one was taught by some. */
      variantOf: z.string().exactOptional(),
      /** Chosen on validation; absent in older records. */
      threshold: measured.exactOptional(),
      /** What was measured of it apart from its scores, as of a generator. */
      quality: z.record(z.string(), measured).default({}),
    }),
  ),
  /** Networks that measure fakes and judge nobody, and whether they can be trusted. */
  measures: z.array(z.object({ ...trained, quality: z.record(z.string(), measured) })).default([]),
  /** What the configuration expected of generators, and what came of it. Absent from older records. */
  hypotheses: z
    .array(
      z.object({
        generator: z.string(),
        against: z.string(),
        figure: z.string(),
        expect: z.enum(['higher', 'lower']),
        because: z.string(),
        difference: measured,
        verdict: z.enum(['as expected', 'contrary', 'undecided']),
      }),
    )
    .default([]),
  results: z.array(result),
  /** The clean results on parts of the items, by what the data set knows of them (`items.csv`). Absent from older records. */
  slices: z
    .array(
      z.object({
        detector: z.string(),
        generator: z.string(),
        attribute: z.string(),
        value: z.string(),
        counts: z.object({ real: count, fake: count }),
        auc: measured,
      }),
    )
    .default([]),
  /** Detectors trained on real clips against `recomposite`: what they find is the trace of the path, not of the fake. */
  probes: z.array(result),
  notRun: z.array(z.object({ what: z.string(), reason: z.string() })),
});

export type RunRecord = z.infer<typeof recordSchema>;
export type RunResult = z.infer<typeof result>;
export type RunSlice = RunRecord['slices'][number];
export type RunCounts = z.infer<typeof counts>;

/** What generators and detectors learned with. */
export const trainingSeedOf = ({ config, seed }: RunRecord): number =>
  typeof config['trainingSeed'] === 'number' ? config['trainingSeed'] : seed;

/** Checks and writes `record.json` into the run's folder. A number that is not finite is a bug and throws. */
export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  const checked = recordSchema.safeParse(record);
  if (!checked.success) throw new Error(`record of run ${record.id}: ${z.prettifyError(checked.error)}`);
  await atomicWrite(join(folder, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** Reads a `record.json`. Throws UserError naming the file when it is unreadable, damaged or of another version. */
export async function readRecord(path: string): Promise<RunRecord> {
  return parseRecord(await readText(path), path);
}

/** The record in a JSON text; `where` names it in errors. */
export function parseRecord(text: string, where: string): RunRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${where}: damaged, not JSON. Delete the run folder and run the experiment again.`, {
      cause,
    });
  }
  const checked = recordSchema.safeParse(json);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new UserError(
    `${where}: not a record of version ${schemaVersion}: ${issue?.path.join('.') || '(whole file)'}: ${issue?.message}`,
  );
}

/** Scored items among those asked for: failures and items that do not fit the detector count as not covered. */
export function coverageOf({ real, fake, failed, notApplicable }: RunCounts): number | null {
  const asked = real + fake + failed + notApplicable;
  return asked === 0 ? null : (real + fake) / asked;
}

/** What the record says about the clips of a run: rendered or recorded, licences, and whether faces may be shared. */
export function describeData(
  dataset: string,
  items: readonly Pick<Item, 'licence' | 'likenessConsent'>[],
  remarks: string[] = [],
): RunRecord['data'] {
  const licences: Record<string, number> = {};
  for (const { licence } of items) licences[licence] = (licences[licence] ?? 0) + 1;
  const recorded = items.filter((item) => item.licence !== 'synthetic');
  const withoutConsent = recorded.filter((item) => !item.likenessConsent).length;
  const reason =
    recorded.length === 0
      ? 'every face is rendered; nobody is shown'
      : withoutConsent === 0
        ? 'every person shown has consented to the use of their likeness'
        : `${withoutConsent} of ${items.length} clips have no recorded consent to the use of the likeness`;
  const kind = recorded.length === 0 && items.length > 0 ? 'synthetic' : 'recorded';
  return {
    dataset,
    kind,
    licences,
    shareable: { value: items.length > 0 && withoutConsent === 0, reason },
    remarks,
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const reason =
      code === 'ENOENT' ? 'there is no record; the run was not finished' : `cannot be read (${code})`;
    throw new UserError(`${path}: ${reason}`, { cause });
  }
}
