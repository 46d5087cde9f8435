// Where each photo of a long timeline stands, from the number of photos of each month alone: so that a hundred
// thousand are scrolled through and only those near the screen are drawn. Pure.
export interface Month { year: number; month: number; count: number }
/** A month with its place: the number of its first photo, and pixels from the timeline's top. */
export interface Placed extends Month { first: number; top: number; height: number }
export interface Layout { months: Placed[]; columns: number; row: number; height: number; count: number }
/** Photos of a month that are drawn: from one to before another, by their numbers in the timeline. */
export interface Part { month: Placed; from: number; to: number; above: number }

/** Pixels between tiles, and for the heading above a month and the room below it. */
export const GAP = 6;
export const HEAD = 58;
const FOOT = 26;
/** A tile is about as wide as this; three stand side by side on the smallest phone. */
const TILE = 150;
const COLUMNS_MIN = 3;
/** Pictures that are put up in one frame: where only the processor paints, more at once hold the scrolling up. */
const HUNG_A_FRAME = 6;
/** Pictures that are remembered as being up: several times what the largest screen draws. */
const HUNG_MAX = 1_000;
/** Rows that are drawn above and below the screen. */
const SPARE = 3;

export function layout(months: Month[], width: number): Layout {
  const columns = Math.max(COLUMNS_MIN, Math.floor((width + GAP) / (TILE + GAP)));
  const row = (width - GAP * (columns - 1)) / columns + GAP;
  let [top, first] = [0, 0];
  const placed = months.map((month) => {
    const one = { ...month, first, top, height: HEAD + Math.ceil(month.count / columns) * row + FOOT };
    top += one.height;
    first += one.count;
    return one;
  });
  return { months: placed, columns, row, height: top, count: first };
}

/** What is drawn when the screen shows the pixels from `top` to `bottom`. */
export function partsOf({ months, columns, row }: Layout, top: number, bottom: number): Part[] {
  const parts: Part[] = [];
  for (const month of months) {
    if (month.top + month.height < top - SPARE * row || month.top > bottom + SPARE * row) continue;
    const rows = Math.ceil(month.count / columns);
    const past = (at: number) => Math.min(rows, Math.max(0, Math.floor((at - month.top - HEAD) / row)));
    const above = Math.max(0, past(top) - SPARE);
    const below = Math.min(rows, past(bottom) + 1 + SPARE);
    parts.push({ month, from: month.first + above * columns, to: month.first + Math.min(month.count, below * columns), above });
  }
  return parts;
}

/** Which photos have their pictures up next: those that had of late, so that who comes back sees them at once, and some
 * more of those that are drawn, the nearest to the middle first. `has` says which are known. */
export function hung(up: ReadonlySet<number>, parts: Part[], has: (index: number) => boolean): { up: Set<number>; more: boolean } {
  const drawn = parts.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n)).filter(has);
  const middle = drawn[drawn.length >> 1] ?? 0;
  const missing = drawn.filter((index) => !up.has(index)).sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  return { up: new Set([...up, ...missing.slice(0, HUNG_A_FRAME)].slice(-HUNG_MAX)), more: missing.length > HUNG_A_FRAME };
}

export function monthOf({ months }: Layout, index: number): Placed | undefined {
  return months.find((one) => index >= one.first && index < one.first + one.count);
}

/** How far down a photo stands. */
export function topOf(all: Layout, index: number): number {
  const month = monthOf(all, index);
  return month ? month.top + HEAD + Math.floor((index - month.first) / all.columns) * all.row : 0;
}

/** Where a key leads from a photo: beside it, or to the nearest one above or below, also of another month. */
export function step(all: Layout, index: number, key: string): number {
  const { months, columns, count } = all;
  const month = monthOf(all, index);
  if (!month) return Math.max(0, Math.min(index, count - 1));
  const at = months.indexOf(month);
  const [place, last] = [index - month.first, count - 1];
  const column = place % columns;
  if (key === 'ArrowLeft') return Math.max(0, index - 1);
  if (key === 'ArrowRight') return Math.min(last, index + 1);
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  if (key === 'ArrowDown') {
    if (place + columns < month.count) return index + columns;
    // The last row may be shorter.
    if (Math.floor(place / columns) < Math.floor((month.count - 1) / columns)) return month.first + month.count - 1;
    const next = months[at + 1];
    return next ? next.first + Math.min(column, next.count - 1) : index;
  }
  if (key === 'ArrowUp') {
    if (place >= columns) return index - columns;
    const before = months[at - 1];
    if (!before) return index;
    const lastRow = Math.floor((before.count - 1) / columns) * columns;
    return before.first + Math.min(lastRow + column, before.count - 1);
  }
  return index;
}
