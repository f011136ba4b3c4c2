/**
 * Speed of the head renderer in one process: frames per second at 256×256 with anti-aliasing, while talking and turning, and
 * the time to prepare a person. Run: npx tsx bench/head.ts [people=4] [framesPerPerson=120]
 */
import { createHead } from '../src/head/head.ts';
import { createRenderer } from '../src/head/renderer.ts';
import { createRng } from '../src/random.ts';
import { randomState } from '../test/head/states.ts';

const [people = 4, framesPerPerson = 120] = process.argv.slice(2).map(Number);
const rates: number[] = [];
const setups: number[] = [];
const memories: number[] = [];
const heldMb = () => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
};
for (let person = 0; person < people; person++) {
  const head = createHead(createRng('bench', person));
  const before = heldMb();
  const start = process.cpuUsage();
  const renderer = createRenderer(head);
  const { user: setupUser, system: setupSystem } = process.cpuUsage(start);
  setups.push((setupUser + setupSystem) / 1000);
  memories.push(heldMb() - before);
  const states = Array.from({ length: framesPerPerson }, (_, i) =>
    randomState(head, createRng('bench', person, i), i),
  );
  for (const state of states.slice(0, 10)) renderer.render(state);
  // Processor time, so that other programs on the machine do not count.
  const begin = process.cpuUsage();
  for (const state of states) renderer.render(state);
  const { user, system } = process.cpuUsage(begin);
  rates.push((1e6 * framesPerPerson) / (user + system));
  console.log(
    `${head.hair.cut}: ${rates.at(-1)!.toFixed(1)} frames/s, prepared in ${setups.at(-1)!.toFixed(0)} ms`,
  );
}
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
console.log(
  `mean ${mean(rates).toFixed(1)} frames/s, slowest ${Math.min(...rates).toFixed(1)}, preparation ${mean(setups).toFixed(0)} ms`,
);
// With `node --expose-gc --import tsx bench/head.ts` garbage does not count.
console.log(
  `memory held by a renderer at most ${Math.max(...memories).toFixed(0)} MB${globalThis.gc ? '' : ', garbage included'}`,
);
