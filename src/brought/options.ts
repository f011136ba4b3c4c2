import { z } from 'zod';

/** What a component that runs a user's own network is told in YAML. */
export const ownNetwork = {
  /** Its name in the manifest. */
  model: z.string().default(''),
  manifest: z.string().default('models/manifest.yaml'),
};
