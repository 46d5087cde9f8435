// Which rows of a long list are drawn. Pure; a row has one height then.
/** A list that is longer draws a part of itself. */
export const MANY = 300;
/** So many rows, of which the screen shows twenty or so. */
export const WINDOW = 120;
/** Pixels from one row to the next. */
export const ROW = 49;
/** Rows that are drawn before the first that is seen, and by how many it goes on. */
const BEFORE = 40;
const STEP = 20;

/** The first row to draw when so many are scrolled past. In steps, so that most scrolling draws nothing. */
export function windowFrom(past: number, count: number): number {
  const first = Math.floor((past - BEFORE) / STEP) * STEP;
  return Math.max(0, Math.min(first, Math.ceil((count - WINDOW) / STEP) * STEP));
}
