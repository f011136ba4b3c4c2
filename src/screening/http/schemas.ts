/** What goes over the wire, written once: requests are checked against it, the OpenAPI document is made of it, and tests hold the answers against it. */
import { z } from 'zod';
import { actions, bases, opinions, roles, verdicts } from '../types.ts';

const statuses = ['QUEUED', 'ANALYZING', ...verdicts] as const;
const id = z.string().regex(/^[\w-]{1,64}$/);
const instant = z.iso.datetime({ offset: true });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const share = z.number().min(0).max(1);

export const mediaId = z.strictObject({ requestId: id });
export const quarantineId = z.strictObject({ quarantineId: id });

const paging = {
  page: z.coerce.number().pipe(z.int().min(0).max(1e9)).default(0).describe('From 0 on.'),
  size: z.coerce.number().pipe(z.int().min(1).max(100)).default(10).describe('Items on a page.'),
};
export const mediaQuery = z.strictObject({
  ...paging,
  status: z.enum(statuses).optional(),
  action: z.enum(actions).optional(),
  name: z.string().max(255).optional().describe('Part of the name.'),
  since: instant.optional().describe('Received then or later.'),
  until: instant.optional().describe('Received before.'),
});
export const historyQuery = z.strictObject(paging);
export const quarantineQuery = z.strictObject({
  ...paging,
  state: z.enum(['held', 'released', 'confirmed']).optional(),
});

export const signIn = z.strictObject({ key: z.string().min(1).max(200) });
const why = z.string().trim().min(1).max(4000);
const thought = z.enum(opinions);
export const opinion = z.strictObject({
  opinion: thought.describe('What the caller thinks before the score is shown; it cannot be changed.'),
});
export const review = z.strictObject({
  basis: z
    .enum(bases)
    .describe('Why the reviewer believes it; only the first two are independent of any detector.'),
  reason: why.describe('In the words of the reviewer.'),
  opinionBefore: thought.describe(
    'What the reviewer thought before the score was shown: as it was stated, else 409; where nothing was, it is stated now.',
  ),
});
const seen = z.int().min(0);
export const decision = review.extend({
  seen: seen.describe(
    '`verdicts` of what the reviewer looked at: no release, but 409, where there are more by now.',
  ),
});
export const holding = z.strictObject({ hold: z.boolean() });
export const erasure = z.strictObject({
  reason: why.describe('In the words of who deletes; it stands in the log.'),
});

const reasons = z.array(z.strictObject({ code: z.string(), message: z.string() }));
const provenance = z
  .strictObject({
    credentials: z
      .enum(['absent', 'present-signer-not-verified', 'damaged', 'not-examined'])
      .describe(
        '`not-examined`: nobody looked, for instance as the file was held at the door, or its analysis took too long.',
      ),
    claims: z.array(z.string()).describe('As the file says it; nobody has verified it.'),
  })
  .nullable();
const kind = z
  .enum(['clip', 'photo', 'sound'])
  .nullable()
  .describe('What it was judged as; null until then, and where it could not be examined.');
const box = z.strictObject({ x: share, y: share, width: share, height: share });

const accepted = z.strictObject({ requestId: id, status: z.enum(statuses) });
const ownMedia = z.strictObject({
  requestId: id,
  status: z
    .enum(statuses)
    .describe('NO_SIGNS_FOUND is no proof: there is no status that says a file is authentic.'),
  reasons,
  action: z.enum(actions).nullable(),
  quarantineId: id.nullable(),
  provenance,
  kind,
  sha256,
  name: z.string().describe('As the sender called it.'),
  bytes: z.int().min(0),
  receivedAt: instant,
});
/** What a bundle says, beside what submitters are told of it too. */
const found = {
  score: share
    .nullable()
    .describe(
      'Higher: more likely fake. Comparable within a bundle and a kind alone; not a probability. Null where nothing was judged.',
    ),
  models: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['SCORED', 'NOT_APPLICABLE', 'FAILED']),
      score: share.nullable(),
    }),
  ),
  localisation: z.array(
    z.strictObject({ start: z.number(), end: z.number(), box: box.nullable(), score: share }),
  ),
  calibration: z
    .strictObject({
      bundle: z.string(),
      threshold: z.number(),
      suspiciousFrom: z.number(),
      fpr: z.strictObject({ stated: share, upper: share, identities: z.int() }),
      genuine: z.strictObject({ asHigh: z.int(), tested: z.int() }),
      detection: z.array(
        z.strictObject({ maker: z.string(), seen: z.boolean(), found: z.int(), tested: z.int() }),
      ),
    })
    .nullable(),
  bundle: z.string().nullable(),
  seconds: z.number().nullable().describe('Of work.'),
};
const media = ownMedia.extend({
  ...found,
  openQuarantineId: id
    .nullable()
    .describe('Where its content waits for a decision, also where this file came before.'),
  source: z.string(),
  submitter: z.string(),
  similar: z.array(
    z.strictObject({
      sha256,
      differingBits: z.int(),
      decision: z.enum(['released', 'confirmed']).nullable(),
    }),
  ),
});
const quarantined = z.strictObject({
  quarantineId: id,
  sha256,
  since: instant,
  state: z.enum(['held', 'released', 'confirmed']),
  reviews: z.array(
    review.extend({
      reviewer: z.string(),
      decision: z.enum(['released', 'confirmed']),
      at: instant,
      seen: seen.describe('A release counts where it is `verdicts` still.'),
    }),
  ),
  opinion: thought.nullable().describe('What the caller thought before the score was shown.'),
  releasesNeeded: z.int(),
  legalHold: z.boolean(),
  kept: z.boolean().describe('Whether its bytes are still there.'),
  media: z.array(media).describe('The newest of the files that have it.'),
  findings: z
    .array(z.strictObject({ status: z.enum(verdicts), reasons, provenance, kind, ...found }))
    .describe(
      'All that was said of it, each thing once: of its content, the newest first, then of how it came in.',
    ),
  verdicts: z.int().describe('How many findings there are so far.'),
});
/** What a submitter is told of the bundle: nothing by which a file could be made to pass. */
const ownBundleCard = z.strictObject({
  name: z.string(),
  card: z.strictObject({ cannotJudge: z.array(z.string()) }),
});
const bundleCard = z.looseObject({
  id: z.string(),
  name: z.string(),
  card: z.looseObject({ cannotJudge: z.array(z.string()) }),
});
const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    totalItems: z.int(),
    totalPages: z.int(),
    currentPage: z.int(),
    currentPageItemsCount: z.int(),
    items: z.array(item),
  });

/** Every answer by its name in the OpenAPI document. */
export const answers = {
  Accepted: accepted,
  OwnMedia: ownMedia,
  Media: media,
  MediaPage: pageOf(media),
  OwnMediaPage: pageOf(ownMedia),
  Quarantined: quarantined,
  QuarantinePage: pageOf(quarantined),
  HistoryPage: pageOf(z.looseObject({ at: instant, what: z.string() })),
  AuditHead: z.strictObject({ number: z.int(), head: z.string() }),
  BundleCard: bundleCard,
  OwnBundleCard: ownBundleCard,
  Rows: z.array(z.looseObject({})),
  Session: z.strictObject({
    name: z.string(),
    role: z.enum(roles),
    token: z.string().describe('For the header X-CSRF-TOKEN.'),
  }),
  Health: z.strictObject({
    status: z.enum(['ok', 'degraded']),
    waiting: z.int(),
    analysing: z.int(),
    bundle: z.string(),
  }),
  Problem: z.strictObject({ code: z.string(), message: z.string(), requestId: z.string() }),
} as const;
export type AnswerName = keyof typeof answers;
export type Answer<Name extends AnswerName> = z.infer<(typeof answers)[Name]>;
