/** Everything an experiment can name, joined from the folders; and `masque catalog`, which prints it. */
import { existsSync } from 'node:fs';
import { asvspoof } from '../datasets/asvspoof.ts';
import { avDeepfake1m } from '../datasets/av-deepfake1m.ts';
import { celebDf } from '../datasets/celeb-df.ts';
import { deepfakebench } from '../datasets/deepfakebench.ts';
import { deeperforensics } from '../datasets/deeperforensics.ts';
import { dfdc } from '../datasets/dfdc.ts';
import { faceforensics } from '../datasets/faceforensics.ts';
import { fakeavceleb } from '../datasets/fakeavceleb.ts';
import { talkingHeads } from '../datasets/talking-heads/index.ts';
import { folder } from '../datasets/folder/index.ts';
import { nvpCorpus } from '../datasets/nvp-corpus/index.ts';
import { reviewed } from '../datasets/reviewed.ts';
import { detectors } from '../detectors/index.ts';
import { faceSwap } from '../generators/face-swap/index.ts';
import { gan } from '../generators/gan/index.ts';
import { onnx } from '../generators/onnx.ts';
import { puppetry } from '../generators/puppetry/index.ts';
import { recomposite } from '../generators/recomposite.ts';
import { selfBlend } from '../generators/self-blend.ts';
import { vocoder } from '../generators/vocoder/index.ts';
import { perturbations } from '../src/perturbations/index.ts';
import { codeHash } from '../src/pipeline/key.ts';
import type { Component, Dataset, Detector, FileRef, Generator } from '../src/types.ts';

const datasets: Record<string, Dataset> = {
  'talking-heads': talkingHeads,
  folder,
  'nvp-corpus': nvpCorpus,
  faceforensics,
  'celeb-df': celebDf,
  dfdc,
  fakeavceleb,
  'av-deepfake1m': avDeepfake1m,
  asvspoof,
  deeperforensics,
  deepfakebench,
  reviewed,
};
const generators: Record<string, Generator> = {
  puppetry,
  recomposite,
  'face-swap': faceSwap,
  gan,
  'self-blend': selfBlend,
  vocoder,
  onnx,
};

export const catalog = {
  datasets,
  generators,
  detectors: detectors as Record<string, Detector>,
  perturbations,
};

/** The module of a detector, by content; a component's file has its name. */
export function detectorCode(name: string): FileRef {
  const candidates = [`../detectors/${name}.ts`, `../detectors/${name}/index.ts`].map(
    (path) => new URL(path, import.meta.url),
  );
  const url = candidates.find((candidate) => existsSync(candidate));
  if (!url)
    throw new Error(`detector "${name}" has no file detectors/${name}.ts and no folder detectors/${name}/`);
  return { path: url.href, sha256: codeHash(url.href) };
}

const metrics = [
  { name: 'auc', cite: 'Mann-Whitney, mid-ranks for ties' },
  { name: 'eer', cite: 'crossing on the linearly interpolated full ROC, ties grouped' },
  { name: 'ap', cite: 'average precision, step form' },
  {
    name: 'sync-own',
    cite: 'confidence and distance between lips and sound (after Chung & Zisserman 2016), own networks, trained on other people',
  },
  {
    name: 'kid-own',
    cite: 'unbiased MMD² under the kernel of KID (Bińkowski et al. 2018), on an own network that learned from the training people; never FID',
  },
  { name: 'lip-closure', cite: 'share of /p b m/ at which the lips are read as closed' },
];

/** The catalogue as plain values, the shape of `catalog --json`. */
export function describeCatalog() {
  const plain = ({ name, cite, options }: Component<unknown>) => ({
    name,
    cite,
    options: options.parse({}) as Record<string, unknown>,
  });
  return {
    datasets: Object.values(datasets).map(plain),
    generators: Object.values(generators).map(plain),
    detectors: Object.values(catalog.detectors).map((detector) => {
      const { family, judges, needs, constructed } = detector;
      return {
        ...plain(detector),
        family,
        judges,
        needs,
        ...(constructed === undefined ? {} : { constructed }),
      };
    }),
    perturbations: Object.values(perturbations).map(plain),
    metrics,
  };
}
