/** Reshape that keeps the way a value lies in memory wherever the old and new axes can be matched in groups. */
import { dense, type Graph, same, settle, stored, type Value } from '../graph.ts';

/** Axes of the old and of the new shape that hold the same elements. */
type Group = { from: number[]; to: number[] };

/** The smallest groups of neighbouring axes with equal products. Axes of size 1 join the group before them. */
function matchGroups(from: readonly number[], to: readonly number[]): Group[] {
  const groups: Group[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group: Group = { from: [], to: [] };
    let [a, b] = [1, 1];
    const takeFrom = (): void => {
      a *= from[i]!;
      group.from.push(i++);
    };
    const takeTo = (): void => {
      b *= to[j]!;
      group.to.push(j++);
    };
    if (i < from.length) takeFrom();
    if (j < to.length) takeTo();
    while (a !== b) {
      if (a < b) takeFrom();
      else takeTo();
    }
    while (from[i] === 1) takeFrom();
    while (to[j] === 1) takeTo();
    groups.push(group);
  }
  return groups;
}

/** The value under another shape. Moves data only when a group of merged or split axes does not lie together. */
export function relayout(graph: Graph, value: Value, shape: number[]): Value {
  if (same(shape, value.shape)) return value;
  if (value.uniform !== undefined)
    return { ...value, shape, order: shape.map((_, i) => i), extent: shape.map(() => 1) };
  const x = settle(graph, value);
  const groups = shape.includes(0) ? [] : matchGroups(x.shape, shape);
  const plain = (): Value =>
    stored(graph.node('Reshape', [dense(graph, x), graph.ints(shape)]), { shape, dtype: x.dtype });
  const real = x.order.filter((axis) => (x.shape[axis] as number) > 1);
  const placed: { position: number; group: Group; repeated: boolean }[] = [];
  for (const group of groups) {
    const axes = group.from.filter((axis) => (x.shape[axis] as number) > 1);
    const position = axes.length > 0 ? real.indexOf(axes[0] as number) : -1;
    const together = axes.every((axis, k) => real[position + k] === axis);
    const repeated = axes.length > 0 && axes.every((axis) => x.extent[axis] === 1);
    const full = axes.every((axis) => x.extent[axis] === x.shape[axis]);
    if (!together || !(repeated || full)) return plain();
    placed.push({ position, group, repeated });
  }
  placed.sort((a, b) => a.position - b.position);
  const order = placed.flatMap(({ group }) => group.to);
  const extent = [...shape];
  for (const { group, repeated } of placed) if (repeated) for (const axis of group.to) extent[axis] = 1;
  if (order.length !== shape.length) return plain();
  const name = graph.node('Reshape', [x.name, graph.ints(order.map((axis) => extent[axis] as number))]);
  return { name, shape, dtype: x.dtype, order, extent };
}
