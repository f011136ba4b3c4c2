/**
 * Do rendered heads look like faces to nets trained on photographs? Draws many people in random poses and expressions and reports
 * in how many frames exactly one face is found, and how far the found landmarks lie from the true ones.
 * Run: npx tsx bench/faces.ts [frames=500] [framesPerPerson=5] [seed]
 */
import { landmarksOf } from '../src/head/track.ts';
import { createHead } from '../src/head/head.ts';
import { createRenderer } from '../src/head/renderer.ts';
import { createRng } from '../src/random.ts';
import { landmarkError, openFaceDetector } from '../test/head/face-detector.ts';
import { randomState } from '../test/head/states.ts';

const [frameText = '500', perPersonText = '5', seed = 'faces'] = process.argv.slice(2);
const total = Number(frameText);
const perPerson = Number(perPersonText);
const detect = await openFaceDetector();
const errors: number[] = [];
const perLandmark = new Float64Array(51);
let exactlyOne = 0;
for (let person = 0; person * perPerson < total; person++) {
  const head = createHead(createRng(seed, 'head', person));
  const renderer = createRenderer(head);
  for (let i = 0; i < perPerson; i++) {
    const state = randomState(head, createRng(seed, 'state', person, i), i);
    const { faces, landmarks } = await detect(renderer.render(state));
    if (faces === 1) exactlyOne++;
    else
      console.log(
        `person ${person} (${head.hair.cut}, tone ${head.skin.tone.toFixed(1)}) frame ${i}: ${faces} faces`,
      );
    if (!landmarks) continue;
    const truth = landmarksOf({ mesh: renderer.mesh, camera: renderer.camera, fps: 25, frames: [state] }, 0);
    const error = landmarkError(landmarks, truth);
    errors.push(error);
    const width = Math.hypot(truth[38]! - truth[56]!, truth[39]! - truth[57]!);
    for (let k = 0; k < 51; k++) {
      perLandmark[k]! +=
        Math.hypot(landmarks[2 * k]! - truth[2 * k]!, landmarks[2 * k + 1]! - truth[2 * k + 1]!) / width;
    }
    if (error > 0.12)
      console.log(
        `person ${person} (${head.hair.cut}) frame ${i}: landmark error ${(100 * error).toFixed(1)} %`,
      );
  }
}
const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
console.log(
  `exactly one face in ${exactlyOne} of ${total} frames (${((100 * exactlyOne) / total).toFixed(1)} %)`,
);
console.log(
  `mean landmark error ${(100 * mean).toFixed(2)} % of the distance between the outer eye corners, ${errors.length} frames`,
);
const groups = { brows: [0, 10], nose: [10, 19], eyes: [19, 31], mouth: [31, 51] } as const;
for (const [name, [from, to]] of Object.entries(groups)) {
  const sum = perLandmark.slice(from, to).reduce((all, value) => all + value, 0);
  console.log(`  ${name}: ${((100 * sum) / (to - from) / errors.length).toFixed(2)} %`);
}
