// What is shown of friends, decided from what the box told. Pure: the words are in the message files. It never
// says more of a copy in another house than was proved. Start at `stands`.
import type { FriendLimits, FriendShown, PactTerms, Proofs } from './api/types';
import type { Place } from './disks';
import type { Tone } from './verdict';

const GB = 1e9;
const DAY = 86_400_000;
/** A friend's box that is away for less is nothing to worry about. */
const AWAY_DAYS = 7;

/** Terms as somebody types them: sizes in GB. */
export interface Typed { here: number; there: number; days: number; months: number; notice: number }

export const USUAL: Typed = { here: 200, there: 200, days: 30, months: 12, notice: 30 };

/** What is typed, as seen from this box; both keep by the same days. `before` has what is not asked for. */
export function termsOf(typed: Typed, before?: PactTerms): PactTerms {
  const there = { bytes: Math.round(typed.there * GB), not_before_days: typed.days, silence_months: typed.months };
  // What this box promised the friend beyond that is not given up in passing.
  const here = before ? { not_before_days: before.here.not_before_days, silence_months: before.here.silence_months } : { not_before_days: typed.days, silence_months: typed.months };
  return { here: { bytes: Math.round(typed.here * GB), ...here }, there, notice_days: typed.notice };
}

export function typedOf({ here, there, notice_days }: PactTerms): Typed {
  return { here: here.bytes / GB, there: there.bytes / GB, days: there.not_before_days, months: there.silence_months, notice: notice_days };
}

/** The own data would be kept for a shorter time: that takes the 24 words. As the box decides it. */
export function shortens(before: PactTerms, next: PactTerms): boolean {
  return next.there.not_before_days < before.there.not_before_days || next.there.silence_months < before.there.silence_months || next.notice_days < before.notice_days;
}

/** Which word says how it stands with a friend, and how loudly. */
export function stands({ standing, seen, last_seen_ms, since_ms }: FriendShown, now: number): { word: Exclude<FriendShown['standing'], 'active'> | FriendShown['seen']; tone: Tone | 'plain' } {
  if (standing === 'distrusted') return { word: standing, tone: 'danger' };
  if (standing === 'paused' || standing === 'ending') return { word: standing, tone: 'watch' };
  if (standing !== 'active') return { word: standing, tone: 'plain' };
  if (seen === 'direct' || seen === 'relayed') return { word: seen, tone: 'safe' };
  return { word: seen, tone: now - (last_seen_ms ?? since_ms) > AWAY_DAYS * DAY ? 'watch' : 'plain' };
}

/** A friend's box as a place that keeps copies; none where nothing there counts. `most` is what the fullest disk has. */
export function placeOf({ id, name, standing, seen, there }: FriendShown, most: number): Place | null {
  if (standing === 'ended' || standing === 'blocked') return null;
  const isThere = seen === 'direct' || seen === 'relayed';
  const state = standing === 'distrusted' ? 'bad' : there.packs === 0 ? 'empty' : isThere ? 'ok' : 'off';
  return { key: id, label: name, state, share: Math.min(1, there.packs / Math.max(1, most)), full: there.given > 0 ? there.bytes / there.given : null };
}

/** Those that somebody has to look at first, those that are over last, by name in between. */
export function inOrder(friends: FriendShown[], lang: string): FriendShown[] {
  const rank = ({ standing, asked, fault, unread }: FriendShown) => (standing === 'ended' ? 2 : asked || fault || unread || standing === 'distrusted' ? 0 : 1);
  return [...friends].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, lang));
}

/** Of how many of the days on which this box was on the friend's was seen. */
export function daysSeen(days: FriendShown['days']): { seen: number; of: number } {
  const known = days.filter((hours) => hours !== null);
  return { seen: known.filter((hours) => hours > 0).length, of: known.length };
}

/** How what lies there was proved, in one of four ways. */
export function proof({ last_ms, failed }: Proofs): 'none' | 'all' | 'failed' {
  return failed > 0 ? 'failed' : last_ms ? 'all' : 'none';
}

/** Bytes that are kept here for others, all friends together. */
export function keptForOthers(friends: FriendShown[]): number {
  return friends.reduce((all, one) => all + one.here.bytes, 0);
}

/** Limits as they are typed: Mbit/s, hours and GB a month; what is empty is no limit. */
export interface Pace { mbit: number | null; from: string; until: string; month: number | null }

export function paceOf({ kbit, full_speed, month_bytes }: FriendLimits): Pace {
  const [from = '', until = ''] = full_speed?.split('-') ?? [];
  return { mbit: kbit == null ? null : kbit / 1000, from, until, month: month_bytes == null ? null : month_bytes / GB };
}

/** Back again; what is not asked for stays as it was. */
export function limitsOf({ mbit, from, until, month }: Pace, { relayed_kbit }: FriendLimits): FriendLimits {
  return {
    kbit: mbit === null ? null : Math.round(mbit * 1000),
    full_speed: from && until && from !== until ? `${from}-${until}` : null,
    relayed_kbit: relayed_kbit ?? null,
    month_bytes: month === null ? null : Math.round(month * GB),
  };
}

/** A name that is typed once more, compared as the box does. */
export function isNamed(typed: string, name: string): boolean {
  return typed.trim().toLowerCase() === name.toLowerCase();
}
