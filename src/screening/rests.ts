/** How a queue bears with a machine that fails (a full disk, a tool that does not start): it rests, longer each time, and tells a machine that fails with one file from one that fails with all. */

export type Rests = {
  /** Whether the machine has not failed since it last judged a file, or nothing waits any more. */
  isFine(): boolean;
  isResting(): boolean;
  /** It failed with this content. Rests if need be, and returns for how many ms nothing is begun. */
  failed(sha256: string): number;
  /** With which it failed since it last judged one: to be tried after all others. */
  lastOnes(): string[];
  /** How often it failed with this content, judging others in between. */
  failures(sha256: string): number;
  /** It judged a file, or nothing waits: whatever it was, it is over. */
  over(): void;
  /** The content has its verdict. */
  forget(sha256: string): void;
  close(): void;
};

const firstMs = 1000;
const longestMs = 30_000;

/** `goOn` is called after each rest. */
export function openRests(goOn: () => void): Rests {
  const counts = new Map<string, number>();
  const now = new Set<string>();
  let ms = 0;
  let resting: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(resting);
    resting = undefined;
  };
  return {
    isFine: () => ms === 0,
    isResting: () => resting !== undefined,
    failed(sha256) {
      if (!now.has(sha256)) counts.set(sha256, (counts.get(sha256) ?? 0) + 1);
      now.add(sha256);
      if (resting) return ms;
      ms = Math.min(longestMs, Math.max(firstMs, 2 * ms));
      resting = setTimeout(() => {
        end();
        goOn();
      }, ms);
      return ms;
    },
    lastOnes: () => [...now],
    failures: (sha256) => counts.get(sha256) ?? 0,
    over() {
      now.clear();
      ms = 0;
      end();
    },
    forget: (sha256) => void counts.delete(sha256),
    close: end,
  };
}
