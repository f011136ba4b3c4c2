/** What a GAN learned from, as far as its fakes must tell. */
import { mixOf, type Terms } from '../../src/pairs.ts';
import type { Clip } from '../../src/types.ts';

/** Who is in the footage, on what terms, and the SHA-256 of each file. */
export type Material = Terms & { files: string[] };

/** The clips that portraits are learned from: the `fit` footage of the training people, where a track says where the face is. */
export const footageOf = (clips: readonly Clip[]): Clip[] =>
  clips.filter(({ split, use, media, track }) => split === 'train' && use === 'fit' && media.video && track);

/** @param footage At least one clip. */
export const materialOf = (footage: readonly Clip[]): Material => ({
  ...mixOf(...(footage as [Clip, ...Clip[]])),
  files: footage.map(({ media }) => media.sha256),
});
