// Where a row of the candidate stands on the baseline of a page of which rows were aligned.

// Of inserted rows, which the baseline lacks, that is the place where they would be.
export function toBaseline(pieces, x, y) {
  const column = pieces.filter(([left, , width]) => x >= left && x < left + width);
  const piece = column.findLast(([, , , , row]) => row <= y) ?? column[0];
  if (!piece) return y;
  const [, top, , height, row] = piece;
  const isLast = piece === column.at(-1);
  return top + (isLast ? y - row : Math.min(y - row, height));
}
