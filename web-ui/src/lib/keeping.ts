// What somebody wants kept, as it is said to the box. Pure.
import type { KeepRule, Keeping, KeepWish } from './api/types';

export const STEPS = ['all_days', 'hourly_days', 'daily_days', 'weekly_days'] as const;

/** The days of each step, in their order. */
export const daysOf = (rule: KeepRule): number[] => STEPS.map((step) => rule[step]);

/** What is different from now; null when nothing is. */
export function wishOf(now: Keeping, copies: number, versions: KeepRule): KeepWish | null {
  const other = STEPS.some((step) => versions[step] !== now.versions[step]);
  if (copies === now.copies && !other) return null;
  return { ...(copies === now.copies ? {} : { copies }), ...(other ? { versions } : {}) };
}
