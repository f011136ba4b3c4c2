/**
 * What of Neural Voice Puppetry can be left out or done otherwise, to see what it is worth (E3), and where paper and published code
 * differ (Q). The defaults are ours; a label names everything that departs from them.
 */
import { z } from 'zod';

export const audioVariant = z
  .strictObject({
    /** What is heard: phone logits, or 29 mel bands of the sound itself in their place. */
    input: z.enum(['phones', 'spectrogram']).default('phones'),
    /** The temporal filter; without it each frame's own window decides. */
    filter: z.enum(['content', 'none']).default('content'),
    /** Weight of the error before the filter, beside 1 of the three errors after it. */
    unfiltered: z.number().min(0).max(1000).default(3),
    /** λ: weight of the temporal differences. */
    relative: z.number().min(0).max(1000).default(20),
    /** Where errors are measured in training: on the mesh, or in coefficients, each alike. */
    space: z.enum(['vertices', 'coefficients']).default('vertices'),
    /** A map from audio expressions for each person, or one for all. */
    maps: z.enum(['own', 'shared']).default('own'),
    /** Which of the eight windows the error before the filter is of: that of the frame itself, or the one after it, as in the published code. */
    intermediate: z.enum(['centre', 'code']).default('centre'),
  })
  .prefault({});
export type AudioVariant = z.infer<typeof audioVariant>;
export const publishedAudio: AudioVariant = audioVariant.parse({});

export const rendererVariant = z
  .strictObject({
    /** One texture, or the sum of four, each half as fine as the one before, or one that is filtered by the expression. */
    texture: z.enum(['static', 'hierarchical', 'dynamic']).default('static'),
    /** Texture decoder and composition, or one network for both. */
    stages: z.literal([1, 2]).default(2),
    /** That of the preset unless given: `dilated` is the paper's, `strided` the code's. */
    architecture: z.enum(['strided', 'dilated']).optional(),
    /** Of the dilated form: growing towards the innermost level as in the paper, or shrinking as in the code. */
    dilations: z.enum(['paper', 'code']).default('paper'),
    /** Of the strided form: no norm on the way down, as the published code has it by accident, or one on all but the outermost level. */
    downNorm: z.enum(['none', 'instance']).default('none'),
    /** Weight of the two terms on the face: over the face's pixels, or divided once more by their number, as in the code, which silences them. */
    faceTerms: z.enum(['corrected', 'code']).default('corrected'),
  })
  .prefault({});
export type RendererVariant = z.infer<typeof rendererVariant>;
export const publishedRenderer: RendererVariant = rendererVariant.parse({});

/** What departs from the defaults, for labels: `-filter-none`, `-stages-1`; nothing where all is as published. */
export function variantLabel(audio: AudioVariant, renderer: RendererVariant): string {
  const chosen = { ...audio, ...renderer };
  const usual: Record<string, unknown> = { ...publishedAudio, ...publishedRenderer };
  return Object.entries(chosen)
    .filter(([key, value]) => value !== undefined && value !== usual[key])
    .map(([key, value]) => `-${key}-${String(value).replace('.', '_')}`)
    .join('')
    .toLowerCase();
}
