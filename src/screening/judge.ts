/** What is concluded from what the detectors of a bundle said. */
import type { Bundle, BundleContent, KindRule } from './bundle.ts';
import { isWithin } from './domain.ts';
import type { Examined, Said } from './examine.job.ts';
import type { Calibrated, Finding, ModelSays, Reason, Verdict } from './types.ts';

type Judged = Pick<Finding, 'status' | 'kind' | 'score' | 'models' | 'reasons' | 'calibration'>;

/** The largest of the members' scores, each in deviations of genuine files above their mean; undefined where none gave one. */
export function combined({ members }: Pick<KindRule, 'members'>, said: readonly Said[]): number | undefined {
  const known = members.flatMap(({ label, mean, deviation }) => {
    const own = said.find((one) => one.label === label);
    return own && 'score' in own ? [(own.score - mean) / deviation] : [];
  });
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** Of a combined score, the share that people and programs are told: ½ where MANIPULATED begins. */
export const shown = ({ manipulated }: Pick<KindRule, 'manipulated'>, value: number): number =>
  1 / (1 + Math.exp(manipulated.value - value));

/** What of the file is not like anything that the bundle was tested on. */
export function outside({ domain }: BundleContent, { kind, features }: Examined): Reason[] {
  const wanted = { clip: ['picture', 'sound'], photo: ['picture'], sound: ['sound'] } as const;
  return wanted[kind].flatMap((what) => {
    const [known, row] = [domain[kind]?.[what], features[what]];
    if (!row) return kind === 'clip' && what === 'sound' ? [] : [reason(`NO_${what.toUpperCase()}`)];
    return known && isWithin(known, row) ? [] : [reason(`OUTSIDE_TESTED_${what.toUpperCase()}`)];
  });
}

/** The verdict on a file, without where it comes from. Outside the tested domain nothing else is said, whatever the scores are. */
export function judge({ id, content }: Pick<Bundle, 'id' | 'content'>, examined: Examined): Judged {
  const { kind, said, features, hasUnshown, hasMoreTracks } = examined;
  const rule = content.kinds[kind];
  const off = rule ? outside(content, examined) : [reason('KIND_NOT_TESTED')];
  const value = rule && combined(rule, said);
  const relevant = said.filter(({ label }) => rule?.members.some((member) => member.label === label));
  const failed = relevant.filter((one) => 'code' in one && one.code !== 'E_NOT_APPLICABLE');
  const silent = {
    kind,
    score: null,
    calibration: null,
    models: relevant.map((one): ModelSays => ({ name: one.label, status: statusOf(one), score: null })),
  };
  const status = !rule || off.length > 0 || value === undefined ? undefined : statusAt(rule, value);
  // Of the first tracks alone only a finding stands.
  if (hasMoreTracks && status !== 'MANIPULATED')
    return { ...silent, status: 'UNABLE_TO_EVALUATE', reasons: [reason('E_MORE_TRACKS')] };
  if (!rule || off.length > 0) return { ...silent, status: 'NOT_APPLICABLE', reasons: off };
  const reasons = [
    ...(kind === 'clip' && !features.sound ? [reason('SOUND_NOT_EXAMINED')] : []),
    ...(hasUnshown ? [reason('FRAMES_NOT_SHOWN')] : []),
    ...(hasMoreTracks ? [reason('TRACKS_NOT_EXAMINED')] : []),
  ];
  // The thresholds are those of the largest of all: of some alone only a finding stands.
  if (failed.length > 0 && status !== 'MANIPULATED')
    return { ...silent, status: 'UNABLE_TO_EVALUATE', reasons: [...reasons, reason('DETECTOR_FAILED')] };
  if (value === undefined)
    return { ...silent, status: 'NOT_APPLICABLE', reasons: [reason('NOTHING_TO_JUDGE')] };
  return {
    kind,
    status: status!,
    score: shown(rule, value),
    models: relevant.map((one) => modelSays(rule, one)),
    reasons: [...reasons, ...highest(rule, relevant, status!)],
    calibration: calibrated(id, rule, value),
  };
}

function statusAt({ manipulated, suspicious }: KindRule, value: number): Verdict {
  if (value > manipulated.value) return 'MANIPULATED';
  return value > suspicious.value ? 'SUSPICIOUS' : 'NO_SIGNS_FOUND';
}

const statusOf = (said: Said): ModelSays['status'] => {
  if ('score' in said) return 'SCORED';
  return said.code === 'E_NOT_APPLICABLE' ? 'NOT_APPLICABLE' : 'FAILED';
};

function modelSays(rule: KindRule, said: Said): ModelSays {
  const value = combined(rule, [said]);
  return { name: said.label, status: statusOf(said), score: value === undefined ? null : shown(rule, value) };
}

function highest(rule: KindRule, said: readonly Said[], status: Verdict): Reason[] {
  if (status === 'NO_SIGNS_FOUND') return [];
  const above = said.filter((one) => {
    const value = combined(rule, [one]);
    return value !== undefined && value > rule.suspicious.value;
  });
  return above.map(({ label }) => ({
    code: 'DETECTOR_ABOVE_THRESHOLD',
    message: `${label} gave it a score that hardly any genuine file of the validation people has`,
  }));
}

function calibrated(bundle: string, rule: KindRule, value: number): Calibrated {
  const { stated, upper, identities } = rule.manipulated.rate;
  return {
    bundle,
    threshold: 0.5,
    suspiciousFrom: shown(rule, rule.suspicious.value),
    fpr: { stated, upper, identities },
    genuine: {
      asHigh: rule.genuine.filter((score) => score >= value).length,
      tested: rule.genuine.length,
    },
    detection: rule.fakes.map(({ maker, seen, manipulated, tested }) => ({
      maker,
      seen,
      found: manipulated,
      tested,
    })),
  };
}

const words: Record<string, string> = {
  KIND_NOT_TESTED: 'this bundle was not tested on files of this kind',
  NO_PICTURE: 'there is no picture to judge',
  NO_SOUND: 'there is no sound to judge, or less than a second of it',
  OUTSIDE_TESTED_PICTURE:
    'the picture is not like any that this bundle was tested on, so a score would mean nothing',
  OUTSIDE_TESTED_SOUND:
    'the sound is not like any that this bundle was tested on, so a score would mean nothing',
  SOUND_NOT_EXAMINED: 'it has no sound, or less than a second of it; the picture alone was judged',
  FRAMES_NOT_SHOWN:
    'it holds pictures that players do not show, cut off by an edit list, kept by the codec or damaged; they were not examined',
  TRACKS_NOT_EXAMINED: 'it holds more than one picture or sound; the first of each alone was examined',
  E_MORE_TRACKS:
    'it holds more than one picture or sound; which of them is shown is the player’s choice, so it was not judged',
  DETECTOR_FAILED: 'a detector failed on this file, and the others found nothing that stands without it',
  NOT_LOCALISED: 'where in the file it was found could not be said, because looking for it failed',
  NOTHING_TO_JUDGE: 'no detector of this bundle is made for such a file',
  E_MEDIA_TRUNCATED: 'a part of the file is missing',
  E_MEDIA_TOO_LARGE: 'the file is larger or longer than may be read',
  E_FORMAT_NOT_ALLOWED: 'files of this format are not read',
  E_STREAM_MISSING: 'there is neither picture nor sound in it',
  E_NOT_READ: 'files of this kind are not examined',
  E_WORKER_CRASH: 'analysis ended unexpectedly',
  E_TIMEOUT: 'analysis took too long',
};

/** In plain words, without path and name. */
export const reason = (code: string): Reason => ({
  code,
  message: words[code] ?? 'the file could not be decoded',
});
