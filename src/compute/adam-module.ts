/** The bytes of a WebAssembly module that does Adam's arithmetic on four numbers at once. */

type Code = number[];

/** Places of the function's parameters (four pointers, the end of the first, seven numbers) and of its vector variables. */
const place = {
  value: 0,
  mean: 1,
  square: 2,
  gradient: 3,
  end: 4,
  numbers: 5,
  g: 12,
  m: 13,
  s: 14,
  splats: 15,
};
const type = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
const numberCount = 7;
const vectorCount = 3 + numberCount;

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const load = (pointer: number): Code => [...get(pointer), 0xfd, 0x00, 2, 0];
const store: Code = [0xfd, 0x0b, 2, 0];
const splat: Code = [0xfd, 0x13];
const sqrt: Code = [0xfd, 0xe3, 0x01];
const add: Code = [0xfd, 0xe4, 0x01];
const subtract: Code = [0xfd, 0xe5, 0x01];
const multiply: Code = [0xfd, 0xe6, 0x01];
const divide: Code = [0xfd, 0xe7, 0x01];
const loop: Code = [0x03, 0x40];
const end: Code = [0x0b];
/** The pointer goes on by one quadruple. */
const advance = (pointer: number): Code => [...get(pointer), 0x41, 16, 0x6a, ...set(pointer)];
const repeatWhileBelow = (pointer: number, limit: number): Code => [
  ...get(pointer),
  ...get(limit),
  0x49,
  0x0d,
  0,
];
const vector = (i: number): Code => get(place.splats + i);

/** `m = β₁m + (1 − β₁)g; s = β₂s + (1 − β₂)g²; value −= rate · m / (√s · correction + ε)` over all quadruples. */
function body(): Code {
  const { value, mean, square, gradient, g, m, s } = place;
  const [beta1, rest1, beta2, rest2] = [vector(0), vector(1), vector(2), vector(3)];
  const [rate, correction, epsilon] = [vector(4), vector(5), vector(6)];
  return [
    ...Array.from({ length: numberCount }, (_, i) =>
      [get(place.numbers + i), splat, set(place.splats + i)].flat(),
    ),
    loop,
    [load(gradient), set(g)].flat(),
    [get(mean), load(mean), beta1, multiply, get(g), rest1, multiply, add, tee(m), store].flat(),
    [
      get(square),
      load(square),
      beta2,
      multiply,
      get(g),
      get(g),
      multiply,
      rest2,
      multiply,
      add,
      tee(s),
      store,
    ].flat(),
    [
      get(value),
      load(value),
      rate,
      get(m),
      multiply,
      get(s),
      sqrt,
      correction,
      multiply,
      epsilon,
      add,
    ].flat(),
    [divide, subtract, store].flat(),
    [value, mean, square, gradient].flatMap(advance),
    repeatWhileBelow(value, place.end),
    end,
    end,
  ].flat();
}

/** WebAssembly core specification 2.0, section 5: one imported memory `_._`, one exported function `adam`. */
export function adamModule(): Uint8Array {
  const parameters = [...Array<number>(5).fill(type.i32), ...Array<number>(numberCount).fill(type.f32)];
  return Uint8Array.from(
    [
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [1, 0x60, parameters.length, ...parameters, 0]),
      section(2, [1, ...name('_'), ...name('_'), 0x02, 0x00, 1]),
      section(3, [1, 0]),
      section(7, [1, ...name('adam'), 0x00, 0]),
      section(10, [1, ...sized([1, vectorCount, type.v128, ...body()])]),
    ].flat(),
  );
}

const name = (text: string): Code => [text.length, ...Buffer.from(text)];
const section = (id: number, content: Code): Code => [id, ...sized(content)];
/** The content after its length in LEB128, for lengths below 2¹⁴. */
const sized = (content: Code): Code => [(content.length & 0x7f) | 0x80, content.length >> 7, ...content];
