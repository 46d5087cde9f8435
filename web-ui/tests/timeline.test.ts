import { describe, expect, it } from 'vitest';
import { GAP, HEAD, hung, layout, monthOf, partsOf, step, topOf, type Month } from '../src/lib/timeline';

/** A hundred thousand photos in months of every length. */
const many: Month[] = Array.from({ length: 400 }, (_, n) => ({ year: 2026 - Math.floor(n / 12), month: 12 - (n % 12), count: 1 + ((n * 37) % 499) }));

describe('a timeline', () => {
  it('puts its pictures up a few at a time, from the middle of the screen, until all that are known are up', () => {
    const parts = partsOf(layout(many, 1192), 50_000, 50_900);
    const drawn = parts.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n));
    const isKnown = (index: number) => index !== drawn[3];
    let now = hung(new Set(), parts, isKnown);
    expect(now.up.size).toBeLessThan(10);
    expect(now.up.has(drawn[drawn.length >> 1] ?? -1)).toBe(true);
    for (let frames = 0; now.more; frames += 1) {
      expect(frames).toBeLessThan(100);
      now = hung(now.up, parts, isKnown);
    }
    expect([...now.up].sort((a, b) => a - b)).toEqual(drawn.filter(isKnown));
    // Away and back: what was up is up at once, and not all that ever was is remembered.
    const away = hung(now.up, partsOf(layout(many, 1192), 90_000, 90_900), isKnown);
    expect(drawn.filter(isKnown).every((index) => away.up.has(index))).toBe(true);
    let long = now.up;
    for (let top = 0; top < 200_000; top += 900) long = hung(long, partsOf(layout(many, 1192), top, top + 900), () => true).up;
    expect(long.size).toBe(1_000);
  });

  it('draws every photo that a screen shows, and few others, wherever it stands', () => {
    for (const width of [358, 700, 1192]) {
      const all = layout(many, width);
      let drawnMost = 0;
      for (let top = 0; top < all.height; top += 43_210) {
        const parts = partsOf(all, top, top + 900);
        drawnMost = Math.max(drawnMost, parts.reduce((sum, one) => sum + one.to - one.from, 0));
        const isDrawn = (index: number) => parts.some((one) => index >= one.from && index < one.to);
        let missing = '';
        for (const month of all.months.filter((one) => one.top < top + 900 && one.top + one.height > top)) {
          for (let index = month.first; index < month.first + month.count; index += 1) {
            const at = month.top + HEAD + Math.floor((index - month.first) / all.columns) * all.row;
            if (at + all.row > top && at < top + 900 && !isDrawn(index)) missing += `${index} at ${top} of ${width} `;
          }
        }
        expect(missing).toBe('');
      }
      expect(drawnMost).toBeLessThan(200);
      expect(drawnMost).toBeGreaterThan(20);
    }
  });

  it('places what is drawn where the rows above it would have ended', () => {
    const all = layout([{ year: 2026, month: 1, count: 1_000 }], 1192);
    const [part] = partsOf(all, 5_000, 5_900);
    expect(part!.above * all.columns).toBe(part!.from);
    expect(topOf(all, part!.from)).toBeCloseTo(HEAD + part!.above * all.row);
    expect(all.columns * (all.row - GAP) + GAP * (all.columns - 1)).toBeCloseTo(1192);
  });

  it('has the number of photos that its months have, and none draws nothing', () => {
    const all = layout(many, 390);
    expect(all.count).toBe(many.reduce((sum, one) => sum + one.count, 0));
    expect(monthOf(all, all.count - 1)).toBe(all.months.at(-1));
    expect(partsOf(layout([], 390), 0, 900)).toEqual([]);
  });

  it('is walked by keys, from each photo to each other', () => {
    const all = layout([{ year: 2026, month: 2, count: 10 }, { year: 2026, month: 1, count: 2 }], 3 * 150);
    expect(all.columns).toBe(3);
    const walk = (from: number, ...keys: string[]) => keys.reduce((at, key) => step(all, at, key), from);
    expect(walk(0, 'ArrowDown', 'ArrowDown')).toBe(6);
    expect(walk(8, 'ArrowDown')).toBe(9);
    expect(walk(9, 'ArrowDown')).toBe(10);
    expect(walk(11, 'ArrowDown')).toBe(11);
    expect(walk(11, 'ArrowUp')).toBe(9);
    expect(walk(10, 'ArrowUp')).toBe(9);
    expect(walk(0, 'ArrowUp', 'ArrowLeft')).toBe(0);
    expect(walk(0, 'End', 'ArrowRight')).toBe(11);
    expect(walk(9, 'ArrowRight')).toBe(10);
    expect(walk(11, 'Home')).toBe(0);
  });
});
