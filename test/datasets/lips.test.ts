import { expect, test } from 'vitest';
import { actClip } from '../../datasets/talking-heads/clip.ts';
import { sentencesOf } from '../../datasets/talking-heads/cast.ts';
import { headOf } from '../../datasets/talking-heads/person.ts';
import { expressionCount } from '../../src/head/expressions.ts';
import { grid, middle, mouthCorner, mouthRow } from '../../src/head/grid.ts';
import { faceMesh } from '../../src/head/face-mesh.ts';
import { deform } from '../../src/head/mesh.ts';
import type { Mesh } from '../../src/head/mesh.ts';
import { frameSeconds } from '../../src/speech/articulate.ts';

const [fps, frameCount] = [25, 60];

/** The widest gap between the two edges of the lips' seam, mm. */
function widestGap(mesh: Mesh, expression: Float32Array): number {
  const points = deform(mesh, expression);
  const { at } = grid();
  let widest = 0;
  for (let c = 1 - mouthCorner; c < mouthCorner; c++) {
    const upper = at(mouthRow, middle + c, -1) * 3;
    const lower = at(mouthRow, middle + c, 1) * 3;
    widest = Math.max(widest, Math.hypot(...[0, 1, 2].map((k) => points[upper + k]! - points[lower + k]!)));
  }
  return widest;
}

test.each(['train-00', 'test-01'])('%s: the lips touch on every p b m, and part on open vowels', (id) => {
  const mesh = faceMesh(headOf(4, id).shape);
  // Closed lips are modelled a hair apart; at 256 pixels a face, 1.5 mm are one pixel.
  const atRest = widestGap(mesh, new Float32Array(expressionCount));
  expect(atRest).toBeLessThan(0.5);
  const split = id.startsWith('train') ? 'train' : 'test';
  let contacts = 0;
  let openest = 0;
  const sentences = sentencesOf(4, { id, split }, { count: 8, seconds: frameCount / fps });
  for (const [clip, words] of sentences.entries()) {
    const { phones, states } = actClip({ seed: 4, personId: id, sentences, frameCount, fps }, clip);
    const gaps = states.map(({ expression }) => widestGap(mesh, expression));
    openest = Math.max(openest, ...gaps);
    for (const { phone, start, end } of phones) {
      if (!['p', 'b', 'm'].includes(phone)) continue;
      const shown = gaps.filter((_, i) => frameSeconds(i, fps) > start - 0.02 && frameSeconds(i, fps) < end);
      expect(Math.min(...shown), `${words.join(' ')}: ${phone} at ${start.toFixed(2)} s`).toBeLessThan(
        atRest + 0.1,
      );
      contacts++;
    }
  }
  expect(contacts).toBeGreaterThan(8);
  expect(openest).toBeGreaterThan(6);
});
