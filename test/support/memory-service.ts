/** Screening without a disk behind it: enough of a `Service` for the doors to be tested against. Analyses when told to, by the first byte of the content. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Event,
  type Filter,
  type Finding,
  type Media,
  type Page,
  type Quarantined,
  Refused,
  type Service,
} from '../../src/screening/types.ts';

/** `F…` is manipulated, `S…` suspicious, `U…` cannot be judged, all else has no signs. */
export function findingOf(first: string): Finding {
  const status =
    first === 'F'
      ? 'MANIPULATED'
      : first === 'S'
        ? 'SUSPICIOUS'
        : first === 'U'
          ? 'UNABLE_TO_EVALUATE'
          : 'NO_SIGNS_FOUND';
  const score = status === 'UNABLE_TO_EVALUATE' ? null : ({ F: 0.97, S: 0.7 }[first] ?? 0.1);
  return {
    status,
    kind: 'clip',
    score,
    models: [{ name: 'spectrum', status: score === null ? 'FAILED' : 'SCORED', score }],
    reasons: [
      { code: 'TOLD', message: `it begins with ${first}` },
      ...(status === 'MANIPULATED' ? [{ code: 'DETECTOR_ABOVE_THRESHOLD', message: 'toy' }] : []),
    ],
    localisation:
      score === null ? [] : [{ start: 0, end: 1, box: { x: 0.2, y: 0.1, width: 0.5, height: 0.5 }, score }],
    provenance: { credentials: 'absent', claims: [] },
    calibration:
      score === null
        ? null
        : {
            bundle: 'bundle-1',
            threshold: 0.9,
            suspiciousFrom: 0.6,
            fpr: { stated: 0.01, upper: 0.05, identities: 60 },
            genuine: { asHigh: 1, tested: 100 },
            detection: [{ maker: 'puppetry', seen: true, found: 90, tested: 100 }],
          },
    bundle: 'bundle-1',
    fingerprints: ['0123456789abcdef'],
    seconds: 0.5,
  };
}

export type MemoryService = Service & {
  /** Analyses all that waits. */
  analyse(): void;
  submitted: number;
};

/** `capacity`: so many may wait. `automatic`: analysed once received, or with `everyMs` one after the other, each so long after the one before. */
export function memoryService(
  folder: string,
  { capacity = 1000, automatic = true, everyMs = 0, releasesNeeded = 1 } = {},
): MemoryService {
  const incoming = join(folder, 'incoming');
  const kept = join(folder, 'kept');
  for (const made of [incoming, kept]) mkdirSync(made, { recursive: true });
  const all = new Map<string, Media>();
  const held = new Map<string, Quarantined>();
  const erased = new Set<string>();
  const past: { sha256: string; at: string; what: string }[] = [];
  const listeners: ((event: Event) => void)[] = [];
  const now = (): string => new Date().toISOString();
  const waiting = (): Media[] => [...all.values()].filter(({ status }) => status === 'QUEUED');
  const tell = (event: Event['event'], media: Media): void => {
    const { requestId, sha256, status, action, quarantineId } = media;
    for (const listener of listeners)
      listener({ id: randomUUID(), event, requestId, sha256, status, action, quarantineId, at: now() });
  };
  const requireRoom = (): void => {
    if (waiting().length >= capacity) throw new Refused('busy', 'the queue is full', 7);
  };
  const itemOf = (id: string): Quarantined => {
    const media = [...all.values()].filter(({ quarantineId }) => quarantineId === id);
    return { ...held.get(id)!, media, findings: [media[0]!.finding!] };
  };

  function judge(media: Media): void {
    const finding = findingOf(readFileSync(join(kept, media.sha256)).toString('latin1', 0, 1));
    const action =
      finding.status === 'NO_SIGNS_FOUND' ? 'allow' : finding.status === 'SUSPICIOUS' ? 'tag' : 'quarantine';
    Object.assign(media, { finding, status: finding.status, action });
    if (action === 'quarantine') {
      const quarantineId = `q-${media.sha256.slice(0, 16)}`;
      media.quarantineId = media.openQuarantineId = quarantineId;
      const { sha256 } = media;
      if (!held.has(quarantineId))
        held.set(quarantineId, {
          quarantineId,
          sha256,
          since: now(),
          state: 'held',
          reviews: [],
          opinions: [],
          releasesNeeded,
          legalHold: false,
          kept: true,
          media: [],
          findings: [],
          verdicts: 1,
        });
    }
    past.push({ sha256: media.sha256, at: now(), what: 'verdict' });
    tell('verdict', media);
  }

  if (everyMs > 0) setInterval(() => waiting().slice(0, 1).forEach(judge), everyMs).unref();
  const service: MemoryService = {
    incoming,
    submitted: 0,
    requireRoom,
    async submit({ path, name, source, submitter }) {
      requireRoom();
      const bytes = readFileSync(path);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      renameSync(path, join(kept, sha256));
      const media: Media = {
        requestId: randomUUID(),
        sha256,
        bytes: bytes.length,
        name,
        source,
        submitter,
        receivedAt: now(),
        status: 'QUEUED',
        finding: null,
        action: null,
        quarantineId: null,
        openQuarantineId: null,
        similar: [],
      };
      all.set(media.requestId, media);
      service.submitted++;
      if (automatic && everyMs === 0) setImmediate(() => judge(media));
      return { ...media };
    },
    media: (requestId) => all.get(requestId),
    list(filter: Filter) {
      const matches = [...all.values()]
        .reverse()
        .filter(
          (media) =>
            (filter.status ?? media.status) === media.status &&
            (filter.action ?? media.action) === media.action &&
            (filter.submitter ?? media.submitter) === media.submitter &&
            media.name.includes(filter.name ?? '') &&
            (!filter.since || media.receivedAt >= new Date(filter.since).toISOString()) &&
            (!filter.until || media.receivedAt < new Date(filter.until).toISOString()),
        );
      return pageOf(matches, filter);
    },
    quarantined: (id) => (held.has(id) ? itemOf(id) : undefined),
    quarantine(filter) {
      const items = [...held.keys()].map(itemOf).filter(({ state }) => (filter.state ?? state) === state);
      return pageOf(items, filter);
    },
    fileOf(sha256) {
      if (erased.has(sha256)) throw new Refused('gone', 'its bytes were deleted');
      return join(kept, sha256);
    },
    async opinion(id, reviewer, opinion) {
      const { opinions } = held.get(id)!;
      const earlier = opinions.find((one) => one.reviewer === reviewer);
      if (earlier && earlier.opinion !== opinion) throw new Refused('conflict', 'you thought otherwise');
      if (!earlier) opinions.push({ reviewer, opinion, at: now() });
      return itemOf(id);
    },
    async review(id, review) {
      const item = held.get(id)!;
      if (item.state !== 'held') throw new Refused('conflict', 'it is decided already');
      if (item.reviews.some(({ reviewer }) => reviewer === review.reviewer))
        throw new Refused('conflict', 'you have decided already');
      await service.opinion(id, review.reviewer, review.opinionBefore);
      item.reviews.push({ ...review, seen: review.seen ?? 1, at: now() });
      const same = item.reviews.filter(({ decision }) => decision === review.decision).length;
      if (review.decision === 'confirmed' || same >= item.releasesNeeded) {
        item.state = review.decision;
        for (const media of itemOf(id).media) {
          media.openQuarantineId = null;
          tell(review.decision, media);
        }
      }
      past.push({ sha256: item.sha256, at: now(), what: review.decision });
      return itemOf(id);
    },
    async hold(id, _, legalHold) {
      held.get(id)!.legalHold = legalHold;
      return itemOf(id);
    },
    async erase(sha256) {
      const item = [...held.values()].find((one) => one.sha256 === sha256);
      if (item?.legalHold) throw new Refused('conflict', 'it is under legal hold');
      erased.add(sha256);
      if (item) item.kept = false;
    },
    history: (sha256, paging) =>
      pageOf(
        past
          .filter((entry) => entry.sha256 === sha256)
          .map(({ at, what }) => ({ at, what }))
          .toReversed(),
        paging,
      ),
    health: () => ({ status: 'ok', waiting: waiting().length, analysing: 0, bundle: 'bundle-1' }),
    on: (listener) => void listeners.push(listener),
    async close() {},
    analyse: () => waiting().forEach(judge),
  };
  return service;
}

function pageOf<T>(items: T[], { page, size }: { page: number; size: number }): Page<T> {
  return {
    totalItems: items.length,
    totalPages: Math.ceil(items.length / size),
    currentPage: page,
    items: items.slice(page * size, (page + 1) * size),
  };
}
