import { describe, expect, it } from 'vitest';
import { MANY, ROW, stepTo, windowFrom, windowOf } from '../src/lib/rows';

describe('a long list', () => {
  it('draws every row that a screen shows, wherever it stands', () => {
    const wrong: string[] = [];
    let looked = 0;
    for (const height of [568, 900, 2_160, 3_840]) {
      const [seen, drawn] = [Math.ceil(height / ROW), windowOf(height)];
      for (const count of [MANY + 1, 333, 50_000]) {
        for (let past = 0; past + seen <= count; past += 7) {
          const from = windowFrom(past, count, drawn);
          if (from > past || from + drawn < Math.min(count, past + seen)) wrong.push(`${past} of ${count}, ${height} pixels high: ${from}`);
          looked += 1;
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(looked).toBeGreaterThan(28_000);
  });

  it('draws no more for a longer one', () => {
    expect(windowOf(900)).toBeLessThan(MANY);
  });

  it('begins at its beginning and ends at its end', () => {
    expect(windowFrom(-12, 50_000, 60)).toBe(0);
    expect(windowFrom(1e9, 50_000, 60) + 60).toBeGreaterThanOrEqual(50_000);
    expect(windowFrom(1e9, 10, 60)).toBe(0);
  });

  it('draws nothing anew for a few rows', () => {
    expect(windowFrom(1_001, 50_000, 60)).toBe(windowFrom(1_004, 50_000, 60));
  });

  it('is gone through with the keys, and not beyond its ends', () => {
    expect(stepTo('ArrowDown', 3, 50_000, 900)).toBe(4);
    expect(stepTo('ArrowUp', 0, 50_000, 900)).toBe(0);
    expect(stepTo('PageDown', 0, 50_000, 900)).toBe(16);
    expect(stepTo('PageDown', 49_995, 50_000, 900)).toBe(49_999);
    expect(stepTo('End', 3, 50_000, 900)).toBe(49_999);
    expect(stepTo('Home', 3, 50_000, 900)).toBe(0);
    expect(stepTo('a', 3, 50_000, 900)).toBeNull();
    expect(stepTo('End', 0, 0, 900)).toBeNull();
  });
});
