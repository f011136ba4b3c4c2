import type { Hairline } from './hairline.ts';
import type { Rgb } from './part.ts';

export type HairLook = {
  hairline: Hairline;
  colour: Rgb;
  seed: string;
};
