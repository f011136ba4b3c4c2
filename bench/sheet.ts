/**
 * Eight rendered people side by side, talking: the README's picture.
 * Run: npx tsx bench/sheet.ts <out.png|out.jpg> [seed] [firstPerson]
 */
import sharp from 'sharp';
import { expressionOf } from '../src/head/expressions.ts';
import { createHead } from '../src/head/head.ts';
import { poseOf } from '../src/head/mesh.ts';
import { createRenderer } from '../src/head/renderer.ts';
import { createRng } from '../src/random.ts';

const [out, seed = 'sheet', firstText = '0'] = process.argv.slice(2);
if (!out) {
  console.error('usage: npx tsx bench/sheet.ts <out.png|out.jpg> [seed] [firstPerson]');
  process.exit(2);
}
/** Mouths of speech: ah, ee, oo, m, f, oh, s, a smile. */
const mouths = [
  { jawOpen: 0.42 },
  { jawOpen: 0.12, stretch: 0.7, smileLeft: 0.25, smileRight: 0.25, lowerLipDown: 0.4 },
  { jawOpen: 0.16, pucker: 0.7, funnel: 0.35 },
  {},
  { jawOpen: 0.1, lowerLipTuck: 0.8, upperLipUp: 0.3 },
  { jawOpen: 0.32, funnel: 0.6 },
  { jawOpen: 0.06, stretch: 0.35, upperLipUp: 0.45, lowerLipDown: 0.5 },
  { jawOpen: 0.1, smileLeft: 0.65, smileRight: 0.65, upperLipUp: 0.35, squint: 0.4 },
];
const [columns, side] = [4, 256];
const tiles = mouths.map((mouth, i) => {
  const rng = createRng(seed, 'pose', i);
  const head = createHead(createRng(seed, 'head', Number(firstText) + i));
  const pose = poseOf(
    rng.uniform(-0.2, 0.2),
    rng.uniform(-0.05, 0.07),
    rng.uniform(-0.05, 0.05),
    head.restAt,
  );
  const gaze = [rng.normal(0, 0.06), 0] as const;
  const frame = createRenderer(head).render({
    pose,
    expression: expressionOf(mouth),
    gaze,
    tongue: 0,
    pulse: 0,
    frameIndex: 0,
  });
  return {
    input: Buffer.from(frame.data),
    raw: { width: side, height: side, channels: 3 as const },
    left: (i % columns) * side,
    top: Math.floor(i / columns) * side,
  };
});
await sharp({
  create: {
    width: columns * side,
    height: (mouths.length / columns) * side,
    channels: 3,
    background: 'black',
  },
})
  .composite(tiles)
  .jpeg({ quality: 88 })
  .toFormat(out.endsWith('.png') ? 'png' : 'jpeg')
  .toFile(out);
