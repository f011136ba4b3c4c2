import { expect, test } from 'vitest';
import { expressionCount, expressionIndex, type ExpressionName } from '../../src/head/expressions.ts';
import { createRng } from '../../src/random.ts';
import { articulate, frameSeconds } from '../../src/speech/articulate.ts';
import { blinkTimes, perform } from '../../src/speech/perform.ts';
import { makeSentence } from '../../src/speech/grammar.ts';
import { speak } from '../../src/speech/speak.ts';
import { createVoice } from '../../src/speech/voice.ts';

const [fps, frameCount] = [25, 105];
const seat = { position: [3, -5, 700], yaw: 0.1, pitch: -0.05, roll: 0 } as const;

function clip(seed: number) {
  const voice = createVoice(createRng(seed, 'voice'));
  const { phones } = speak({
    words: makeSentence(createRng(seed, 'words')),
    voice,
    rng: createRng(seed),
    durationSeconds: frameCount / fps,
  });
  const mouth = articulate({ phones, style: voice.style, fps, frameCount });
  const states = perform({ phones, mouth, style: voice.style, seat, rng: createRng(seed, 'movement'), fps });
  return { voice, phones, mouth, states };
}

test('every frame has coefficients in [0, 1]; the same seed moves alike', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { mouth, states } = clip(seed);
    expect(states).toHaveLength(frameCount);
    for (const { expression, tongue } of [...mouth, ...states]) {
      expect(expression).toHaveLength(expressionCount);
      expect(expression.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(tongue >= 0 && tongue <= 1).toBe(true);
    }
  }
  expect(clip(3).states).toEqual(clip(3).states);
});

test('p b m show a frame of full contact: the jaw undone, nothing else parting the lips', () => {
  let contacts = 0;
  for (let seed = 0; seed < 20; seed++) {
    const { phones, mouth } = clip(seed);
    for (const { phone, start, end } of phones.filter((span) => ['p', 'b', 'm'].includes(span.phone))) {
      const frames = mouth.filter(
        (_, i) => frameSeconds(i, fps) > start - 0.02 && frameSeconds(i, fps) < end,
      );
      const closed = frames.some(({ expression: e }) => {
        const parted = ['funnel', 'upperLipUp', 'lowerLipDown', 'lowerLipTuck'] as const;
        return (
          Math.abs(e[expressionIndex.lipsClosed]! - e[expressionIndex.jawOpen]!) < 1e-6 &&
          parted.every((name) => e[expressionIndex[name]]! < 1e-6)
        );
      });
      expect(closed, `seed ${seed}, ${phone} at ${start}`).toBe(true);
      contacts++;
    }
  }
  expect(contacts).toBeGreaterThan(30);
});

/** The mouth in the middle of `phone` between two schwas, of a person who reaches every target. */
function middle(phone: string, style = { range: 1, laziness: 0, liveliness: 1, heartBeatsPerMinute: 60 }) {
  const names = ['sil', 'ax0', phone, 'ax0', 'sil'];
  const phones = names.map((name, i) => ({ phone: name, start: 0.2 * i, end: 0.2 * (i + 1) }));
  const [{ expression, tongue }] = articulate({ phones, style, fps: 1, frameCount: 1 }) as [
    ReturnType<typeof articulate>[number],
  ];
  return { of: (name: ExpressionName): number => expression[expressionIndex[name]]!, tongue };
}

test('phones look as phonetics says', () => {
  expect(middle('uw1').of('pucker')).toBeGreaterThan(0.6);
  expect(middle('w').of('pucker')).toBeGreaterThan(0.6);
  expect(middle('iy1').of('stretch')).toBeGreaterThan(0.3);
  expect(middle('iy1').of('pucker')).toBeLessThan(0.05);
  expect(middle('aa1').of('jawOpen')).toBeGreaterThan(0.55);
  expect(middle('s').of('jawOpen')).toBeLessThan(0.15);
  expect(middle('f').of('lowerLipTuck')).toBe(1);
  expect(middle('sh').of('funnel')).toBeGreaterThan(0.4);
  expect(middle('t').tongue).toBeGreaterThan(0.8);
});

test('the lazy blur and the lively reach', () => {
  const style = { range: 1, laziness: 0, liveliness: 1, heartBeatsPerMinute: 60 };
  expect(middle('aa1', { ...style, laziness: 1 }).of('jawOpen')).toBeLessThan(
    middle('aa1', style).of('jawOpen'),
  );
  expect(middle('aa1', { ...style, range: 1.15 }).of('jawOpen')).toBeGreaterThan(
    middle('aa1', style).of('jawOpen'),
  );
});

test('poses are rotations near the seat, the pulse stays under one per cent', () => {
  for (let seed = 0; seed < 5; seed++) {
    for (const { pose, pulse, gaze } of clip(seed).states) {
      const rows = [pose.slice(0, 3), pose.slice(4, 7), pose.slice(8, 11)];
      rows.forEach((row, i) => {
        rows.forEach((other, j) => {
          expect(row.reduce((sum, value, k) => sum + value * other[k]!, 0)).toBeCloseTo(i === j ? 1 : 0, 5);
        });
      });
      expect(Math.hypot(pose[3]! - 3, pose[7]! + 5, pose[11]! - 700)).toBeLessThan(40);
      expect(Math.abs(pulse)).toBeLessThan(0.01);
      expect(Math.hypot(...gaze)).toBeLessThan(0.8);
    }
  }
});

test('people blink every 3.5 s on average', () => {
  const times = blinkTimes(20000, createRng(1)).filter((at) => at >= 0);
  expect(20000 / times.length).toBeCloseTo(3.5, 0);
  expect(Math.min(...times.slice(1).map((at, i) => at - times[i]!))).toBeGreaterThanOrEqual(0.5);
});
