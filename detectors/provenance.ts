import { z } from 'zod';
import { readC2pa } from '../src/media/c2pa.ts';
import { readMark } from '../src/media/provenance.ts';
import type { Detector } from '../src/types.ts';

const options = z.strictObject({});

/** Source types of the IPTC that say a model made it, wholly or in part. */
const generative = ['trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia', 'compositeSynthetic'];

/**
 * What does the file say of its own origin? 1: it carries the mark of masque. 0.5: a C2PA manifest says that a model made it; the
 * signer was not verified. 0: nothing of the kind, which is no evidence: marks are stripped by any new encode. It reads the container
 * and no pixel, as no other detector may but `metadata`.
 */
export const provenance: Detector<z.infer<typeof options>> = {
  name: 'provenance',
  cite: 'C2PA Technical Specification 2.1 (manifest found in the container, signer not verified) and the mark that masque writes',
  family: 'provenance',
  judges: 'any',
  needs: 'container',
  constructed:
    'every fake of masque is marked when it is written, and genuine clips are not; of a C2PA manifest the signer was not verified, and the absence of marks is no evidence',
  options,
  label: () => 'provenance',
  async load() {
    return {
      async score({ clip: { media } }) {
        if (await readMark(media.path)) return 1;
        const manifest = await readC2pa(media.path);
        return manifest?.sourceTypes.some((type) => generative.includes(type)) ? 0.5 : 0;
      },
    };
  },
};
