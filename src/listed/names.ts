/** Who is in a clip, by the names that published data sets give their files. The first is the one seen. */
import type { Split } from '../types.ts';

/** The parts of a split, as lists and folders of several data sets are called: `val.txt`. */
export const partNames = { train: 'train', validation: 'val', test: 'test' } satisfies Record<Split, string>;

/** FaceForensics++: `033`, or `033_097` of target and source. Names of videos there, and not of people: 1,000 videos of as many. */
export function youtubeSources(name: string): string[] | undefined {
  const [, target, source] = /^(\d{3})(?:_(\d{3}))?$/.exec(name) ?? [];
  return target === undefined
    ? undefined
    : [target, ...(source ? [source] : [])].map((id) => `youtube/${id}`);
}

/** DeepFakeDetection: `01__exit_phone_room`, or `01_02__exit_phone_room__YVGY8LOK` of target and source, with the scene. */
export function actorSources(name: string): { sources: string[]; scene: string } | undefined {
  const [, target, source, scene] = /^(\d\d)(?:_(\d\d))?__(.+?)(?:__[A-Z0-9]{8})?$/.exec(name) ?? [];
  if (target === undefined) return undefined;
  return { sources: [target, ...(source ? [source] : [])].map((id) => `actor/${id}`), scene: scene! };
}

/** Celeb-DF: `id0_0000`, `id0_id1_0000` of target and source, or `00170` of somebody on YouTube. */
export function celebSources(name: string): string[] | undefined {
  const [, target, source] = /^(id\d+)(?:_(id\d+))?_\d+$/.exec(name) ?? [];
  if (target !== undefined) return source === undefined ? [target] : [target, source];
  return /^\d+$/.test(name) ? [`youtube/${name}`] : undefined;
}

/** DeeperForensics: `000_M101`, a video of FaceForensics++ with the face of an actor, a man's (M) or a woman's (W). */
export function deeperSources(name: string): [target: string, actor: string] | undefined {
  const [, target, actor] = /^(\d{3})_([MW]\d{3})$/.exec(name) ?? [];
  return target === undefined ? undefined : [`youtube/${target}`, actor!];
}
