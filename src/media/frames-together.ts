import type { Frame } from '../types.ts';
import { decodeFrames } from './decode.ts';

/** The frames of several films in step, as long as all have one. @throws ItemError as `decodeFrames`. */
export async function* framesTogether(paths: readonly string[]): AsyncGenerator<Frame[]> {
  const films = paths.map((path) => decodeFrames(path));
  try {
    for (;;) {
      const next = await Promise.all(films.map((film) => film.next()));
      const frames = next.flatMap(({ done, value }) => (done ? [] : [value]));
      if (frames.length < films.length) return;
      yield frames;
    }
  } finally {
    await Promise.all(films.map((film) => film.return(undefined)));
  }
}
