/** What taking one file apart may cost, in all its depths together. */
import type { Reason } from './types.ts';

export type Limits = {
  /** Written in all. */
  bytes: number;
  /** Looked at in all: files, folders, links, whatever stands in an archive; parts of mails. */
  entries: number;
  /** Archives and mails in each other. */
  depth: number;
  /** Unpacked to packed, of one archive. Media hardly shrink; texts to a tenth. */
  ratio: number;
};
export const unpackingLimits: Limits = { bytes: 1 << 30, entries: 1000, depth: 3, ratio: 100 };

/** A cap was reached: what is left is not looked at. */
export class OverLimit extends Error {
  override readonly name = 'OverLimit';
  readonly reason: Reason;
  constructor(code: string, message: string) {
    super(message);
    this.reason = { code, message };
  }
}

export type Budget = {
  limits: Limits;
  /** To be asked before so many bytes are written. @throws OverLimit */
  takeBytes(count: number): void;
  /** To be asked before `count` entries are looked at. @throws OverLimit */
  takeEntries(count: number): void;
};

export function createBudget(limits: Limits = unpackingLimits): Budget {
  let [bytes, entries] = [0, 0];
  return {
    limits,
    takeBytes(count) {
      if (bytes + count > limits.bytes)
        throw new OverLimit('E_UNPACKED_TOO_LARGE', `It unpacks to more than ${limits.bytes} bytes.`);
      bytes += count;
    },
    takeEntries(count) {
      if (entries + count > limits.entries)
        throw new OverLimit('E_TOO_MANY_PARTS', `It has more than ${limits.entries} parts.`);
      entries += count;
    },
  };
}
