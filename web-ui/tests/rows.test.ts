import { describe, expect, it } from 'vitest';
import { MANY, ROW, WINDOW, windowFrom } from '../src/lib/rows';

describe('a long list', () => {
  it('draws every row that a screen shows, wherever it stands', () => {
    const screen = Math.ceil(2_000 / ROW);
    for (const count of [MANY + 1, 333, 50_000]) {
      for (let past = 0; past + screen <= count; past += 7) {
        const from = windowFrom(past, count);
        expect(from, `${past} of ${count}`).toBeLessThanOrEqual(past);
        expect(from + WINDOW, `${past} of ${count}`).toBeGreaterThanOrEqual(Math.min(count, past + screen));
      }
    }
  });

  it('begins at its beginning and ends at its end', () => {
    expect(windowFrom(-12, 50_000)).toBe(0);
    expect(windowFrom(1e9, 50_000) + WINDOW).toBeGreaterThanOrEqual(50_000);
    expect(windowFrom(1e9, 10)).toBe(0);
  });

  it('draws nothing anew for a few rows', () => {
    expect(windowFrom(1_001, 50_000)).toBe(windowFrom(1_010, 50_000));
  });
});
