/** What is known of the people and clips of `talking-heads`, in few classes each, so that slices hold several people. */
import type { Attributes, Clip } from '../../src/types.ts';
import type { Options } from './options.ts';
import { headOf } from './person.ts';

/** Between the cheekbones of an average adult, mm (Farkas 1994, means of women and men); `shape.faceWidth` is the difference from it. */
const cheekboneWidth = 134;
/** Median over people, px. */
const middleFacePx = 105;

/**
 * Of the person seen: skin tone (thirds of the scale of `src/head/skin.ts`), sex (the half of the scale that hair and beard follow), age (thirds of `shape.age`), size of the
 * face as the camera sees it at rest; and the language heard.
 */
export function attributesOf(options: Options, seed: number): (clip: Clip) => Attributes {
  return ({ sources, split, use }) => {
    const { shape, skin, camera, restAt } = headOf(seed, sources[0]!);
    const facePx = ((cheekboneWidth + shape.faceWidth) * camera.focalPx) / restAt[2];
    const isForeign = options.testLanguage === 'second' && split === 'test' && use === 'score';
    return {
      'skin tone': third(skin.tone / 6, ['light', 'medium', 'dark']),
      sex: shape.masculinity < 0.5 ? 'female' : 'male',
      age: third(shape.age, ['young', 'middle', 'old']),
      'face width': facePx < middleFacePx ? `below ${middleFacePx} px` : `${middleFacePx} px and more`,
      language: isForeign ? 'second' : 'first',
    };
  };
}

const third = (share: number, names: readonly [string, string, string]): string =>
  names[Math.min(2, Math.floor(3 * share))]!;
