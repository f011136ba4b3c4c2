/**
 * Resolves once the event loop has turned: signals, timers and messages have had their go. To be awaited between the
 * pieces of a long work in the main process, one after another: those asked for at once share one turn.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
