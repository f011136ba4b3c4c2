/** What the detectors were measured to do at the border that the status of a file is about. */
import { call } from './api.js';

/**
 * `{calls, detection, fpr}` as in a finding's calibration, where `calls` says in words what lies above the border; null where it is not known here. A finding has the rates at the border of manipulated;
 * those at the border of suspicious, where one begins to say anything, stand in the card of the bundle that judged it.
 */
export async function measuredFor(media, signal) {
  if (!media?.calibration) return null;
  const { status, kind, calibration } = media;
  if (status === 'MANIPULATED') return { calls: 'manipulated', ...calibration };
  const rule = await ruleOf(calibration.bundle, kind, signal);
  if (!rule) return null;
  return {
    calls: 'suspicious or manipulated',
    fpr: rule.suspicious.rate,
    detection: detectionOf(rule.fakes, (row) => row.manipulated + row.suspicious),
  };
}

/** Fakes of a card as a finding's calibration has them; `found` gives how many of a row were. */
export const detectionOf = (fakes, found) =>
  fakes.map((row) => ({ maker: row.maker, seen: row.seen, tested: row.tested, found: found(row) }));

/** Of another bundle than the one in use now, and where there is no card, nothing is known. */
async function ruleOf(bundle, kind, signal) {
  try {
    const { id, kinds } = await call('/v1/bundle', { signal });
    return id === bundle ? kinds?.[kind] : undefined;
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}
