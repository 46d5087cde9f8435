// Which rows of a long list are drawn, and where the keys lead. Pure; a row has one height then.
/** A list that is longer draws a part of itself. */
export const MANY = 60;
/** Pixels from one row to the next. */
export const ROW = 49;
/** Rows that are drawn before the first that is seen and behind the last, and by how many it goes on. */
const BEYOND = 16;
const STEP = 8;

/** How many rows are drawn on a screen of this height. */
export function windowOf(height: number): number {
  return Math.ceil(height / ROW) + 2 * BEYOND + STEP;
}

/** The first row to draw when so many are scrolled past. In steps, so that most scrolling draws nothing. */
export function windowFrom(past: number, count: number, drawn: number): number {
  const first = Math.floor((past - BEYOND) / STEP) * STEP;
  return Math.max(0, Math.min(first, Math.ceil((count - drawn) / STEP) * STEP));
}

/** The row that a key leads to from this one; null for a key that leads nowhere. */
export function stepTo(key: string, at: number, count: number, height: number): number | null {
  const page = Math.max(1, Math.floor(height / ROW) - 2);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: count - 1 };
  const to = steps[key];
  return to === undefined || count === 0 ? null : Math.max(0, Math.min(to, count - 1));
}
