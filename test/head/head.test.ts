import { describe, expect, it } from 'vitest';
import { expressionCount, expressionNames, expressionOf } from '../../src/head/expressions.ts';
import { grid, middle, mouthCorner, mouthRow } from '../../src/head/grid.ts';
import { createHead } from '../../src/head/head.ts';
import { deform, poseOf, project } from '../../src/head/mesh.ts';
import { createRenderer } from '../../src/head/renderer.ts';
import { landmarksOf } from '../../src/head/track.ts';
import { createRng } from '../../src/random.ts';
import { landmarkError, openFaceDetector } from './face-detector.ts';
import { randomState } from './states.ts';

const people = [0, 1, 2].map((i) => {
  const head = createHead(createRng('test', 'head', i));
  return { head, renderer: createRenderer(head) };
});
const [{ head, renderer }] = people as [(typeof people)[number]];
const restPose = poseOf(0, 0, 0, head.restAt);
const stateOf = (coefficients: Parameters<typeof expressionOf>[0], frameIndex = 0) => ({
  pose: restPose,
  expression: expressionOf(coefficients),
  gaze: [0, 0] as const,
  tongue: 0,
  pulse: 0,
  frameIndex,
});

/** Distance between the edges of the lips at every column of the slit, mm. */
function seamDistances(
  mesh: typeof renderer.mesh,
  coefficients: Parameters<typeof expressionOf>[0],
): number[] {
  const { at } = grid();
  const points = deform(mesh, expressionOf(coefficients));
  return Array.from({ length: 2 * mouthCorner - 1 }, (_, i) => {
    const column = middle + i - mouthCorner + 1;
    const [upper, lower] = [at(mouthRow, column, -1) * 3, at(mouthRow, column, 1) * 3];
    return Math.hypot(
      points[upper]! - points[lower]!,
      points[upper + 1]! - points[lower + 1]!,
      points[upper + 2]! - points[lower + 2]!,
    );
  });
}

describe('a rendered head', () => {
  it('is the same for the same seed, pixel by pixel, and another for another', () => {
    const again = createRenderer(createHead(createRng('test', 'head', 0)));
    const state = randomState(head, createRng('test', 'state'), 7);
    expect(Buffer.compare(again.render(state).data, renderer.render(state).data)).toBe(0);
    expect(createHead(createRng('test', 'head', 1))).not.toEqual(head);
  });

  it('depends on the state alone, not on what was drawn before', () => {
    const state = stateOf({ jawOpen: 0.4 });
    const first = renderer.render(state).data;
    renderer.render(stateOf({ pucker: 1, blinkLeft: 1 }, 3));
    expect(Buffer.compare(renderer.render(state).data, first)).toBe(0);
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(head))).toEqual(head);
  });

  it('shares one topology', () => {
    for (const { renderer: other } of people) {
      expect(other.mesh.triangles).toEqual(renderer.mesh.triangles);
      expect(other.mesh.uv).toEqual(renderer.mesh.uv);
      expect(other.mesh.landmarks).toEqual(renderer.mesh.landmarks);
    }
  });

  it('has a basis that moves something for every shape, by millimetres', () => {
    const { basis, vertexCount } = renderer.mesh;
    expect(basis.length).toBe(expressionCount * vertexCount * 3);
    expressionNames.forEach((name, k) => {
      const block = basis.subarray(k * vertexCount * 3, (k + 1) * vertexCount * 3);
      const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest, name).toBeGreaterThan(1);
      expect(largest, name).toBeLessThan(45);
    });
  });

  it('keeps the lips together at rest and when they press, and closes them over an open jaw', () => {
    for (const { renderer: other } of people) {
      for (const closed of [
        {},
        { lipsPressed: 1 },
        { pucker: 1 },
        { smileLeft: 0.7 },
        { jawOpen: 0.3, lipsClosed: 0.3, lipsPressed: 0.5 },
      ]) {
        expect(Math.max(...seamDistances(other.mesh, closed))).toBeLessThan(1e-3);
      }
      expect(seamDistances(other.mesh, { jawOpen: 0.3 })[mouthCorner - 1]).toBeGreaterThan(5);
    }
  });

  it('closes the lids on each other', () => {
    const { landmarks } = renderer.mesh;
    const gapOf = (blink: number) => {
      const points = deform(renderer.mesh, expressionOf({ blinkLeft: blink, blinkRight: blink }));
      // Landmarks 38 and 40 of the 68: upper and lower lid of the viewer's left eye.
      return points[landmarks[23]! * 3 + 1]! - points[landmarks[21]! * 3 + 1]!;
    };
    expect(gapOf(0)).toBeGreaterThan(5);
    expect(Math.abs(gapOf(1))).toBeLessThan(0.6);
  });

  it('has the proportions of people', () => {
    for (const { renderer: other } of people) {
      const { neutral, landmarks } = other.mesh;
      const at = (inner: number, axis: 0 | 1) => neutral[landmarks[inner]! * 3 + axis]!;
      const between = (a: number, b: number) => at(b, 0) - at(a, 0);
      const biocular = between(19, 28);
      expect(biocular).toBeGreaterThan(82);
      expect(biocular).toBeLessThan(100);
      const mouth = between(31, 37);
      expect(mouth).toBeGreaterThan(40);
      expect(mouth).toBeLessThan(62);
      // The eyes mirror each other; the nose stands aside by a few millimetres at most.
      expect(at(19, 0)).toBeCloseTo(-at(28, 0), 0);
      expect(Math.abs(at(13, 0))).toBeLessThan(3);
    }
  });

  it('shows the face where the track says', () => {
    // Opening the jaw changes pixels around the mouth's landmarks and none far above them.
    const closed = renderer.render(stateOf({})).data;
    const open = renderer.render(stateOf({ jawOpen: 0.6 })).data;
    const pixels = landmarksOf(
      { mesh: renderer.mesh, camera: renderer.camera, fps: 25, frames: [stateOf({ jawOpen: 0.6 })] },
      0,
    );
    const change = (x: number, y: number) => {
      let sum = 0;
      for (let dy = -2; dy <= 2; dy++) {
        for (let dx = -2; dx <= 2; dx++) {
          const i = ((Math.round(y) + dy) * 256 + Math.round(x) + dx) * 3;
          sum += Math.abs(open[i]! - closed[i]!);
        }
      }
      return sum / 25;
    };
    const middleOfMouth = [
      (pixels[45 * 2]! + pixels[49 * 2]!) / 2,
      (pixels[45 * 2 + 1]! + pixels[49 * 2 + 1]!) / 2,
    ] as const;
    expect(change(...middleOfMouth)).toBeGreaterThan(20);
    expect(change(pixels[10 * 2]!, pixels[10 * 2 + 1]!)).toBeLessThan(3);
  });

  it('stands in the picture with the face 120 to 170 pixels high', () => {
    for (const { head: person, renderer: other } of people) {
      const points = project(other.mesh.neutral, poseOf(0, 0, 0, person.restAt), other.camera);
      const ys = points.filter((_, i) => i % 3 === 1);
      const height = Math.max(...ys) - Math.min(...ys);
      expect(height).toBeGreaterThan(120);
      expect(height).toBeLessThan(170);
    }
  });
});

describe('a face detector trained on photographs', () => {
  it('finds exactly one face in rendered frames, with its landmarks near the true ones', async () => {
    const detect = await openFaceDetector();
    const errors: number[] = [];
    let exactlyOne = 0;
    const count = 24;
    for (let i = 0; i < count; i++) {
      const { head: person, renderer: other } = people[i % people.length]!;
      const state = randomState(person, createRng('detect', i), i);
      const { faces, landmarks } = await detect(other.render(state));
      if (faces === 1) exactlyOne++;
      if (landmarks)
        errors.push(landmarkError(landmarks, landmarksOf({ ...other, fps: 25, frames: [state] }, 0)));
    }
    expect(exactlyOne / count).toBeGreaterThanOrEqual(0.95);
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.08);
  });
});
