/**
 * The vocabulary of screening; read this first. A file that comes in is received, analysed by the detectors of a bundle, and allowed, tagged, quarantined or
 * rejected, as a policy says. People then release or confirm what is in quarantine.
 */

/** What a file is judged as. Each has thresholds of its own in the bundle. */
export type Kind = 'clip' | 'photo' | 'sound';

/** What analysis can end with. There is no "authentic": finding nothing is no proof. */
export const verdicts = [
  'NO_SIGNS_FOUND',
  'SUSPICIOUS',
  'MANIPULATED',
  'NOT_APPLICABLE',
  'UNABLE_TO_EVALUATE',
] as const;
export type Verdict = (typeof verdicts)[number];
export type Status = 'QUEUED' | 'ANALYZING' | Verdict;

/** In rising strictness. */
export const actions = ['allow', 'tag', 'quarantine', 'reject'] as const;
export type Action = (typeof actions)[number];

/** Why, for machines and in plain words for people. Never holds a path or the file's name. */
export type Reason = { code: string; message: string };

/** Where in the time of a clip, in seconds, and in its picture, in shares of width and height (null: all of it, or sound). `score` as of the file. */
export type Localised = {
  start: number;
  end: number;
  box: { x: number; y: number; width: number; height: number } | null;
  score: number;
};

/** What one detector says. `score` on the scale of `Finding.score`, which is the largest of them; null where it gave none, as `status` says, and where the file as a whole got none. */
export type ModelSays = {
  name: string;
  status: 'SCORED' | 'NOT_APPLICABLE' | 'FAILED';
  score: number | null;
};

/** Credentials found in the file; `not-examined`: nobody looked. Nobody has verified who signed them. An absent manifest says nothing. */
export type Provenance = {
  credentials: 'absent' | 'present-signer-not-verified' | 'damaged' | 'not-examined';
  /** What they and a mark in the file claim, as they say it: who made it and with what. Data of the file, so hostile. */
  claims: string[];
};

/** Against what the score was held. `fpr`: as stated, and the upper bound (95 %, one-sided, of all that a card states together) that the number of `identities` supports (`thresholdFor` says how exactly). */
export type Calibrated = {
  bundle: string;
  threshold: number;
  suspiciousFrom: number;
  fpr: { stated: number; upper: number; identities: number };
  /** Of `tested` genuine recordings of people the bundle never learned from, so many scored as high or higher. */
  genuine: { asHigh: number; tested: number };
  /** Shares of tested fakes found at the threshold, by maker; `seen`: whether the detectors learned from it. For predictive values. */
  detection: { maker: string; seen: boolean; found: number; tested: number }[];
};

/** What the detectors of one bundle say of one file. Plain data; it stands in the log of verdicts as it is. */
export type Finding = {
  status: Verdict;
  kind: Kind | null;
  /** In [0, 1], higher = more likely fake, comparable within one bundle and kind alone. Not a probability. Null unless the status is one of the first three. */
  score: number | null;
  models: ModelSays[];
  reasons: Reason[];
  localisation: Localised[];
  provenance: Provenance;
  /** Null where nothing was scored. */
  calibration: Calibrated | null;
  /** Of a bundle: its id, also where nothing was scored. */
  bundle: string;
  /** Of up to five frames, 64 bits each in 16 hex digits: near copies differ in few bits. */
  fingerprints: string[];
  /** Seconds of work. */
  seconds: number;
};

/** Judges a file by its content. `path` has an extension that its content agrees with. Never throws because of the file: what cannot be judged is UNABLE_TO_EVALUATE. Once `signal` is aborted nobody waits for it, and it ends. */
export type Analyse = (file: { path: string; sha256: string }, signal?: AbortSignal) => Promise<Finding>;

/** Who a key belongs to, and what they may. A submitter sees the own files' statuses; a reviewer sees all files with scores, and decides; an administrator also holds and deletes. */
export const roles = ['submitter', 'reviewer', 'administrator'] as const;
export type Role = (typeof roles)[number];
export type Caller = { name: string; role: Role };

/** A file as it came in. `path` lies in the vault's `incoming` folder, named by chance; `name` is what the sender called it: data, never a path. */
export type Incoming = {
  path: string;
  name: string;
  /** The content type that the sender says it has, where the door hears of one. Data too. */
  declared?: string;
  /** Where it comes from, in the sender's words: an address, "upload", "inbox". */
  source: string;
  submitter: string;
};

/** One received file. The same content may come in many times; it is analysed once a bundle. */
export type Media = {
  requestId: string;
  sha256: string;
  bytes: number;
  name: string;
  source: string;
  submitter: string;
  /** ISO 8601, UTC. */
  receivedAt: string;
  status: Status;
  finding: Finding | null;
  /** Null until there is a verdict. */
  action: Action | null;
  quarantineId: string | null;
  /** The quarantine in which its content waits for a decision now, also where this receipt came before. */
  openQuarantineId: string | null;
  /** Other files whose picture is nearly the same, with what people decided about them. They condemn nothing. */
  similar: { sha256: string; differingBits: number; decision: Decision | null }[];
};

export type Decision = 'released' | 'confirmed';
/** Why a reviewer believes what they decide. Only the first two are independent of any detector. */
export const bases = ['original-found', 'admission', 'opinion'] as const;
export type Basis = (typeof bases)[number];

export const opinions = ['real', 'fake', 'unsure'] as const;
/** What a reviewer thinks before the score is shown. */
export type Opinion = (typeof opinions)[number];

/** What a reviewer thought before the score was shown, and what they decided. */
export type Review = {
  reviewer: string;
  decision: Decision;
  basis: Basis;
  /** Their words, not empty. */
  reason: string;
  /** As they stated it, or stated now where they had not. */
  opinionBefore: Opinion;
};

/** A review as it is given. */
export type Said = Review & {
  /** Of `Quarantined.verdicts`, what the reviewer looked at; where there are more by now, nothing is released. Undefined: all that there are. */
  seen?: number | undefined;
};

/** One content in quarantine; held until enough reviewers have released it. */
export type Quarantined = {
  quarantineId: string;
  sha256: string;
  since: string;
  state: 'held' | Decision;
  /** A release counts where its `seen` is `verdicts` still. */
  reviews: (Review & { at: string; seen: number })[];
  opinions: { reviewer: string; opinion: Opinion; at: string }[];
  /** Of different people, before it is let go. */
  releasesNeeded: number;
  legalHold: boolean;
  /** Whether its bytes are still there; the hash always is. */
  kept: boolean;
  /** The newest receipts. */
  media: Media[];
  /** All that was said of the content, each thing once however often it came in: by bundles, the newest first, then at the door of how it came in. */
  findings: Finding[];
  /** How many these are so far: what a reviewer must have seen to release it. */
  verdicts: number;
};

export type Page<T> = { totalItems: number; totalPages: number; currentPage: number; items: T[] };
export type Paging = { page: number; size: number };
export type Filter = Paging & {
  status?: Status;
  action?: Action;
  /** Part of the name. */
  name?: string;
  submitter?: string;
  since?: string;
  until?: string;
};

/** Something that happened, as told to webhooks. No names, no pictures. */
export type Event = {
  /** The same however often it is told. */
  id: string;
  event: 'verdict' | 'released' | 'confirmed';
  requestId: string;
  sha256: string;
  status: Status;
  action: Action | null;
  quarantineId: string | null;
  at: string;
};

/** Receives, analyses, keeps and decides: everything the doors (HTTP, folder, command line) need. What it has answered is on the disk. */
export type Service = {
  /** A folder for files being received, on the vault's disk. */
  incoming: string;
  /**
   * Takes the file over (it is gone from `incoming` afterwards). What its sender says to be what it is not, and what is two things at once, is held without being analysed.
   * @throws Refused `busy` where the queue is full, `unfit` for markup, of which nothing is kept.
   */
  submit(file: Incoming): Promise<Media>;
  /** @throws Refused `busy` where `submit` would. To be asked before a body is read. */
  requireRoom(): void;
  media(requestId: string): Media | undefined;
  list(filter: Filter): Page<Media>;
  quarantined(quarantineId: string): Quarantined | undefined;
  quarantine(filter: Paging & { state?: Quarantined['state'] }): Page<Quarantined>;
  /** Where the bytes are. @throws Refused `gone` once they are deleted. */
  fileOf(sha256: string): string;
  /** Keeps what `by` thinks before the score is shown; it cannot be changed. @throws Refused `conflict` where they said something else before, or it is decided already. */
  opinion(quarantineId: string, by: string, opinion: Opinion): Promise<Quarantined>;
  /** @throws Refused `conflict` where it is decided already, or by the same reviewer, or released where something was said that the reviewer has not seen, or against the opinion stated. */
  review(quarantineId: string, review: Said): Promise<Quarantined>;
  /** @throws Refused `conflict` where a hold is set and the bytes are deleted. */
  hold(quarantineId: string, by: string, hold: boolean): Promise<Quarantined>;
  /** Deletes the bytes and keeps the hash. `reason`: in the words of who does it. @throws Refused `conflict` under legal hold. */
  erase(sha256: string, by: string, reason: string): Promise<void>;
  /** The audit entries of one content, newest first. */
  history(sha256: string, paging: Paging): Page<{ at: string; what: string; [detail: string]: unknown }>;
  health(): { status: 'ok' | 'degraded'; waiting: number; analysing: number; bundle: string };
  /** Tells of what happens from now on, and of what happened and was told to nobody: also before a process was killed. At least once; twice under one `id` where it was killed just then. */
  on(listener: (event: Event) => void): void;
  /** Stops taking files; what is under way goes back into the queue. */
  close(): Promise<void>;
};

/** Why a door must say no. `retryAfterSeconds` of `busy`. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly why: 'busy' | 'gone' | 'conflict' | 'unfit';
  readonly retryAfterSeconds: number | undefined;
  constructor(why: 'busy' | 'gone' | 'conflict' | 'unfit', message: string, retryAfterSeconds?: number) {
    super(message);
    this.why = why;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
