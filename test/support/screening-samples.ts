/** Files of every status for the tests of the review page, with names that are out for harm. */
import { createHash } from 'node:crypto';
import type { Finding, Localised, Media, Quarantined, Verdict } from '../../src/screening/types.ts';

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
const bundle = sha256Of('bundle');

/** Sets `window.hacked` wherever it is read as markup. */
export const hostileName = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>.mp4';
export const hostileClaim = '<svg onload="window.hacked=1"> made by "Nobody"';
/** The bidirectional override makes it look as if it ended in .mp4. */
export const turnedName = 'invoice-\u202e4pm.exe';
export const longName = `${'interview-with-the-mayor-'.repeat(9)}final.mp4`;

const stretches: Localised[] = [
  { start: 0.4, end: 1.2, box: { x: 0.38, y: 0.3, width: 0.24, height: 0.42 }, score: 0.71 },
  { start: 1.2, end: 2.6, box: { x: 0.4, y: 0.52, width: 0.2, height: 0.16 }, score: 0.93 },
  { start: 3.1, end: 4, box: null, score: 0.44 },
];

/** What the detectors say of a file outside of what they were tested on: their scores count for nothing. */
const silent: Finding['models'] = [
  { name: 'spectrum', status: 'SCORED', score: null },
  { name: 'lip-motion', status: 'NOT_APPLICABLE', score: null },
];

export const sampleCalibration: NonNullable<Finding['calibration']> = {
  bundle,
  threshold: 0.5,
  suspiciousFrom: 0.34,
  fpr: { stated: 0.01, upper: 0.0334, identities: 88 },
  genuine: { asHigh: 2, tested: 240 },
  detection: [
    { maker: 'puppetry', seen: true, found: 118, tested: 120 },
    { maker: 'self-blend', seen: true, found: 110, tested: 120 },
    { maker: 'lip-sync', seen: false, found: 61, tested: 120 },
    { maker: 'gan', seen: false, found: 84, tested: 120 },
  ],
};

const credentials: Partial<Record<Verdict, Finding['provenance']['credentials']>> = {
  SUSPICIOUS: 'damaged',
  UNABLE_TO_EVALUATE: 'not-examined',
};

/** A finding of that status, as a bundle would give it. */
export function findingOf(status: Verdict, changes: Partial<Finding> = {}): Finding {
  const score = {
    NO_SIGNS_FOUND: 0.12,
    SUSPICIOUS: 0.41,
    MANIPULATED: 0.87,
    NOT_APPLICABLE: null,
    UNABLE_TO_EVALUATE: null,
  }[status];
  const scored = score !== null;
  const reasons: Record<Verdict, Finding['reasons']> = {
    NO_SIGNS_FOUND: [],
    SUSPICIOUS: [
      {
        code: 'DETECTOR_ABOVE_THRESHOLD',
        message: 'spectrum gave it a score that hardly any genuine file of the validation people has',
      },
    ],
    MANIPULATED: [
      {
        code: 'DETECTOR_ABOVE_THRESHOLD',
        message: 'spectrum gave it a score that hardly any genuine file of the validation people has',
      },
      {
        code: 'SOUND_NOT_EXAMINED',
        message: 'it has no sound, or less than a second of it; the picture alone was judged',
      },
    ],
    NOT_APPLICABLE: [
      {
        code: 'OUTSIDE_TESTED_PICTURE',
        message: 'the picture is not like any that this bundle was tested on, so a score would mean nothing',
      },
    ],
    UNABLE_TO_EVALUATE: [{ code: 'E_MEDIA_TRUNCATED', message: 'a part of the file is missing' }],
  };
  return {
    status,
    kind: status === 'UNABLE_TO_EVALUATE' ? null : 'clip',
    score,
    models: scored
      ? [
          { name: 'spectrum', status: 'SCORED', score: score },
          { name: 'meso-inception@cpu-128', status: 'SCORED', score: score / 2 },
          { name: 'lip-motion', status: 'NOT_APPLICABLE', score: null },
          { name: 'lfcc-lcnn', status: 'FAILED', score: null },
        ]
      : status === 'NOT_APPLICABLE'
        ? silent
        : [],
    reasons: reasons[status],
    localisation: status === 'MANIPULATED' || status === 'SUSPICIOUS' ? stretches : [],
    provenance:
      status === 'MANIPULATED'
        ? {
            credentials: 'present-signer-not-verified',
            claims: ['made with Example Camera 2.1', hostileClaim],
          }
        : { credentials: credentials[status] ?? 'absent', claims: [] },
    calibration: scored ? sampleCalibration : null,
    bundle,
    fingerprints: [],
    seconds: 2.1,
    ...changes,
  };
}

const pad = (n: number): string => String(n).padStart(2, '0');

/** A received file. The n-th of the day, so that lists have an order. */
export function mediaOf(
  n: number,
  name: string,
  status: Media['status'],
  changes: Partial<Media> = {},
): Media {
  const finding = status === 'QUEUED' || status === 'ANALYZING' ? null : findingOf(status);
  const action =
    finding &&
    (
      {
        NO_SIGNS_FOUND: 'allow',
        SUSPICIOUS: 'tag',
        MANIPULATED: 'quarantine',
        NOT_APPLICABLE: 'tag',
        UNABLE_TO_EVALUATE: 'quarantine',
      } as const
    )[finding.status];
  return {
    requestId: `request-${n}`,
    sha256: sha256Of(`file ${n}`),
    bytes: 1_234_567 + 98_765 * n,
    name,
    source: n % 2 ? 'upload' : 'inbox',
    submitter: n % 3 ? 'newsroom' : 'press-office',
    receivedAt: `2026-11-${pad(27 - Math.floor(n / 24))}T${pad(23 - (n % 24))}:14:00.000Z`,
    status,
    finding,
    action,
    quarantineId: action === 'quarantine' ? `quarantine-${n}` : null,
    openQuarantineId: action === 'quarantine' ? `quarantine-${n}` : null,
    similar: [],
    ...changes,
  };
}

/** One of every status, hostile names, and enough more for pages. */
export function sampleMedia(): Media[] {
  const near = { sha256: sha256Of('near'), differingBits: 3, decision: 'confirmed' as const };
  const first = [
    mediaOf(0, 'statement-of-the-minister.mp4', 'MANIPULATED', {
      similar: [near, { ...near, sha256: sha256Of('other'), differingBits: 7, decision: null }],
    }),
    mediaOf(1, hostileName, 'MANIPULATED'),
    mediaOf(2, 'street-scene.mp4', 'SUSPICIOUS'),
    mediaOf(3, 'birthday.mp4', 'NO_SIGNS_FOUND'),
    mediaOf(4, 'drawing.png', 'NOT_APPLICABLE'),
    mediaOf(5, turnedName, 'UNABLE_TO_EVALUATE'),
    mediaOf(6, longName, 'QUEUED'),
    mediaOf(7, 'مقابلة مع الوزير.mp4', 'ANALYZING'),
    mediaOf(8, 'voice-message.wav', 'MANIPULATED', {
      finding: findingOf('MANIPULATED', {
        kind: 'sound',
        localisation: [{ start: 0.5, end: 2, box: null, score: 0.8 }],
      }),
    }),
    mediaOf(9, 'portrait.jpg', 'SUSPICIOUS', {
      finding: findingOf('SUSPICIOUS', {
        kind: 'photo',
        localisation: [{ start: 0, end: 0, box: stretches[0]!.box, score: 0.6 }],
      }),
    }),
  ];
  const more = Array.from({ length: 40 }, (_, i) => mediaOf(10 + i, `clip-${pad(i)}.mp4`, 'NO_SIGNS_FOUND'));
  return [...first, ...more];
}

/** What of these files is in quarantine. */
export function sampleQuarantine(media: readonly Media[]): Quarantined[] {
  const held = media.filter(({ quarantineId }) => quarantineId);
  return held.map((one) => ({
    quarantineId: one.quarantineId!,
    sha256: one.sha256,
    since: one.receivedAt,
    state: 'held',
    reviews: [],
    opinions: [],
    releasesNeeded: 2,
    legalHold: false,
    kept: true,
    media: [one],
    findings: [one.finding!],
    verdicts: 1,
  }));
}

/** As `bundle.json` has it, as far as the page reads it. */
export const sampleBundle = {
  id: bundle,
  name: 'grid-and-rendered',
  run: 'screening-1a2b3c',
  members: [{ label: 'spectrum' }, { label: 'meso-inception@cpu-128' }, { label: 'lip-motion' }],
  card: {
    trainedOn: [
      'rendered people: 320 clips of 80 people',
      'GRID: 210 clips of 21 people, in English, in a studio',
    ],
    testedOn: ['recordings of 88 people whom neither detectors nor thresholds had seen'],
    cannotJudge: [
      'faces smaller than 48 pixels',
      'films with several people',
      'languages other than English: not tested',
    ],
  },
  kinds: {
    clip: {
      manipulated: { value: 3.1, rate: { stated: 0.01, upper: 0.0334, identities: 88, above: 0 } },
      suspicious: { value: 2.2, rate: { stated: 0.05, upper: 0.101, identities: 88, above: 4 } },
      real: {
        tested: 240,
        manipulated: 1,
        suspicious: 9,
        notJudged: 4,
        people: { tested: 88, manipulated: 1, suspicious: 7, notJudged: 0 },
      },
      fakes: sampleCalibration.detection.map(({ found, ...row }) => ({
        ...row,
        manipulated: found,
        suspicious: 10,
        notJudged: 2,
      })),
    },
  },
};

export const sampleRuns = [
  {
    id: 'baseline-9f8e7d6c',
    startedAt: '2026-11-20T08:00:00.000Z',
    config: 'configs/baseline.yaml',
    seconds: 5321.4,
    counts: { samples: 640, fakes: 320, scores: 3840, failed: 0 },
  },
  {
    id: 'smoke-11aa22bb',
    startedAt: '2026-11-21T09:30:00.000Z',
    config: 'configs/smoke.yaml',
    seconds: 41.2,
    counts: { samples: 24, fakes: 12, scores: 96, failed: 2 },
  },
];

const auc = (value: number): object => ({ value, low: value - 0.03, high: Math.min(1, value + 0.02) });
export const sampleLeaderboard = [
  {
    data: 'recorded',
    detector: 'spectrum',
    generator: 'puppetry',
    perturbation: 'none',
    rank: { value: 1.2, among: [] },
    metrics: { auc: auc(0.94), eer: { value: 0.121 } },
    run: 'baseline-9f8e7d6c',
  },
  {
    data: 'recorded',
    detector: 'chance',
    generator: 'puppetry',
    perturbation: 'none',
    rank: { value: null, reason: 'a control' },
    metrics: { auc: auc(0.5), eer: { value: null, reason: 'too few clips' } },
    run: 'baseline-9f8e7d6c',
  },
  {
    data: 'synthetic',
    detector: 'meso-inception@cpu-128',
    generator: 'gan',
    perturbation: 'none',
    rank: { value: 2, among: [] },
    metrics: { auc: auc(0.88), eer: { value: 0.2 } },
    run: 'smoke-11aa22bb',
  },
  {
    data: 'synthetic',
    detector: 'spectrum',
    generator: 'gan',
    perturbation: 'jpeg',
    rank: { value: null, reason: 'perturbed' },
    metrics: { auc: auc(0.6), eer: { value: 0.4 } },
    run: 'smoke-11aa22bb',
  },
];
