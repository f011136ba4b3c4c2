/** What of a received file is told to whom. */
import type { Caller, Finding, Media, Page, Quarantined } from '../types.ts';
import type { Answer } from './schemas.ts';

/** Of a submitter's file: no score, and nothing that a score could be learned from, so not which detectors found something. */
function ownView({ requestId, status, action, quarantineId, sha256, ...media }: Media): Answer<'OwnMedia'> {
  const { finding, name, bytes, receivedAt } = media;
  return {
    requestId,
    status,
    reasons: (finding?.reasons ?? []).filter(({ code }) => code !== 'DETECTOR_ABOVE_THRESHOLD'),
    action,
    quarantineId,
    provenance: finding?.provenance ?? null,
    kind: finding?.kind ?? null,
    sha256,
    name,
    bytes,
    receivedAt,
  };
}

/** For reviewers. Fingerprints stay inside. */
function fullView(media: Media): Answer<'Media'> {
  const { finding, openQuarantineId, source, submitter, similar } = media;
  return { ...ownView(media), ...foundView(finding), openQuarantineId, source, submitter, similar };
}

function foundView(finding: Finding | null) {
  return {
    reasons: finding?.reasons ?? [],
    provenance: finding?.provenance ?? null,
    kind: finding?.kind ?? null,
    score: finding?.score ?? null,
    models: finding?.models ?? [],
    localisation: finding?.localisation ?? [],
    calibration: finding?.calibration ?? null,
    bundle: finding?.bundle ?? null,
    seconds: finding?.seconds ?? null,
  };
}

export const mediaView = (media: Media, { role }: Caller): Answer<'OwnMedia'> | Answer<'Media'> =>
  role === 'submitter' ? ownView(media) : fullView(media);

/** The bundle: to reviewers all that is there to be told; to submitters what they need to know, and no threshold or count of what was found. */
export const bundleView = (bundle: Answer<'BundleCard'>, { role }: Caller): Answer<'OwnBundleCard'> =>
  role === 'submitter' ? { name: bundle.name, card: { cannotJudge: bundle.card.cannotJudge } } : bundle;

/** Others' opinions are told with their reviews, and not before. */
export const quarantinedView = (
  { opinions, ...item }: Quarantined,
  { name }: Caller,
): Answer<'Quarantined'> => ({
  ...item,
  opinion: opinions.find(({ reviewer }) => reviewer === name)?.opinion ?? null,
  media: item.media.map(fullView),
  findings: item.findings.map((finding) => ({ status: finding.status, ...foundView(finding) })),
});

export function pageView<T, V>({ items, ...page }: Page<T>, view: (item: T) => V) {
  const { totalItems, totalPages, currentPage } = page;
  return {
    totalItems,
    totalPages,
    currentPage,
    currentPageItemsCount: items.length,
    items: items.map(view),
  };
}
