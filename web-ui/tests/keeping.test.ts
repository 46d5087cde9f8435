import { describe, expect, it } from 'vitest';
import type { Keeping } from '../src/lib/api/types';
import { daysOf, wishOf } from '../src/lib/keeping';
import { de } from '../src/lib/i18n/more/de';
import { en } from '../src/lib/i18n/more/en';

const usual = { all_days: 1, hourly_days: 30, daily_days: 90, weekly_days: 365 };
const now: Keeping = { copies: 2, versions: usual, usual, thins: true };

describe('what somebody wants kept', () => {
  it('is said only where it is different from now', () => {
    expect(wishOf(now, 2, { ...usual })).toBe(null);
    expect(wishOf(now, 3, { ...usual })).toEqual({ copies: 3 });
    expect(wishOf(now, 2, { ...usual, all_days: 7 })).toEqual({ versions: { ...usual, all_days: 7 } });
    expect(wishOf(now, 1, { ...usual, weekly_days: 90 })).toEqual({ copies: 1, versions: { ...usual, weekly_days: 90 } });
  });

  it('is told step by step, and a step that takes no time is left out', () => {
    expect(en.settings.keepSay(daysOf(usual), 'en')).toMatch(/^Every version of the last day stays, then the newest of each hour until it is 30 days old, of each day until it is 90 days old, of each week until it is 365 days old, of each month for ever\./);
    expect(en.settings.keepSay([7, 7, 90, 90], 'en')).toMatch(/^Every version of the last 7 days stays, then the newest of each day until it is 90 days old, of each month for ever\./);
    expect(de.settings.keepSay([7, 30, 90, 365], 'de')).toMatch(/^Jede Version der letzten 7 Tage bleibt, dann die neueste jeder Stunde, bis sie 30 Tage alt ist, jedes Tages, bis sie 90 Tage alt ist, jeder Woche, bis sie 365 Tage alt ist, jedes Monats für immer\./);
  });
});
