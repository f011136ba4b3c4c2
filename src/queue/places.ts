/** How what lies in the repository is called on every machine: by its place in it. */
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const scheme = 'repository:';

/** `file:///…/detectors/spectrum.ts` → `repository:detectors/spectrum.ts`; undefined where it is no code of this repository. */
export function placeOf(url: string): string | undefined {
  return url.startsWith(root.href) ? scheme + url.slice(root.href.length) : undefined;
}

/** The URL on this machine of such a place; undefined where it is none, or would leave the repository. */
export function urlOf(place: string): string | undefined {
  if (!place.startsWith(scheme)) return undefined;
  const url = new URL(place.slice(scheme.length), root);
  const inside = url.href.startsWith(root.href) && !url.pathname.includes('/node_modules/');
  return inside && fileURLToPath(url).endsWith('.ts') ? url.href : undefined;
}
