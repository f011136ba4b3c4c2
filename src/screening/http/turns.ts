/** Work that takes a millisecond or more, one piece in each round of the event loop: what is answered at once, as /health, need not wait for two hundred of them. */

/** Resolves when it is the caller's turn, in the order of asking. */
export function openTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => (last = last.then(() => new Promise((resolve) => void setImmediate(resolve))));
}
