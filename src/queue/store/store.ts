/**
 * Where machines leave files and answers for each other: a folder that all of them see, or a bucket. What lies here is the
 * truth of a run that many machines compute; whatever hands out the work (Redis, Slurm) may forget everything.
 */
export type Store = {
  /** The folder or `s3://bucket/prefix`, fit to be printed. */
  address: string;
  /** What was written under that name, or undefined. */
  read(name: string): Promise<string | undefined>;
  /** Writes it whole, over what was there. */
  write(name: string, text: string): Promise<void>;
  /** Writes it whole unless something is there: the first wins. Whether it was this one. */
  create(name: string, text: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Keeps a file's content under its hash; one that is there already stays. */
  putFile(path: string, sha256: string): Promise<void>;
  /**
   * Brings the content with that hash to `path`, where nothing may lie, and looks whether it is that. False where there is
   * none; what is damaged is put aside, with a note, and counts as none.
   */
  getFile(sha256: string, path: string): Promise<boolean>;
};

/** Hashes are spread over 256 folders. */
export const spread = (kind: 'files' | 'results', hash: string): string =>
  `${kind}/${hash.slice(0, 2)}/${hash}`;
