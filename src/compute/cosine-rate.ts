/** The learning rate of a step, 1 to `steps`: falling from `highest` to 0 along half a cosine (Loshchilov & Hutter, arXiv 1608.03983). */
export const cosineRate = (highest: number, step: number, steps: number): number =>
  highest * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps));
