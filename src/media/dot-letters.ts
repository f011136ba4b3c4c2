/** Capital letters of five by seven dots, for texts in pictures: a machine may have no font, and what is not drawn would go unnoticed. */

/** Row by row; bit 4 is the leftmost dot. Those that some text of ours needs. */
const letters: Record<string, readonly number[]> = {
  ' ': [0, 0, 0, 0, 0, 0, 0],
  A: [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
  C: [0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110],
  D: [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
  E: [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
  H: [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
  I: [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
  M: [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001],
  N: [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001],
  R: [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
  S: [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
  T: [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
  Y: [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100],
};
const [letterColumns, gap] = [5, 1];
/** Dots from top to bottom of a letter. */
export const letterRows = 7;

/** Dots from left to right of a text. */
export const columnsOf = (text: string): number => text.length * (letterColumns + gap) - gap;

/** Whether a dot of the text is ink; column and row count from its upper left corner, the row below `letterRows`. */
export function isInk(text: string, column: number, row: number): boolean {
  const within = column % (letterColumns + gap);
  const letter = letters[text[Math.floor(column / (letterColumns + gap))] ?? ' ']!;
  return within < letterColumns && ((letter[row]! >> (letterColumns - 1 - within)) & 1) === 1;
}
