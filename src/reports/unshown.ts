/** Clips that show fewer frames than there are in them. */
import type { Clip } from '../types.ts';
import { plural } from './format.ts';

/** A sentence that names them, the first few of many; none where each packet of all shows a frame. */
export function unshownRemark(clips: readonly Pick<Clip, 'id' | 'media'>[]): string[] {
  const some = clips.flatMap(({ id, media: { video } }) =>
    video?.unshown ? [`${id} (${video.frameCount} of ${video.frameCount + video.unshown})`] : [],
  );
  if (some.length === 0) return [];
  const more = some.length > 5 ? ` and ${some.length - 5} more` : '';
  return [
    `${plural(some.length, 'clip')} with packets that show no frame, hidden by an edit list or the codec, or damaged: ${some.slice(0, 5).join(', ')}${more}`,
  ];
}
