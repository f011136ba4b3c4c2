/** −log of the probability (softmax) that the logits `all` give to the one that is `own`, in nats. */
export function surpriseOf(own: number, all: readonly number[] | Float32Array): number {
  const highest = Math.max(...all);
  let sum = 0;
  for (const value of all) sum += Math.exp(value - highest);
  return highest + Math.log(sum) - own;
}
