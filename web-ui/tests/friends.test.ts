import { describe, expect, it } from 'vitest';
import type { FriendShown, Job, PactTerms } from '../src/lib/api/types';
import { daysSeen, inOrder, isNamed, keptForOthers, limitsOf, paceOf, placeOf, proof, shortens, stands, termsOf, typedOf, USUAL } from '../src/lib/friends';
import { tooMuch } from '../src/lib/jobs';
import { filled } from '../src/lib/i18n/filled';
import { de } from '../src/lib/i18n/de';
import { en } from '../src/lib/i18n/en';
import { de as moreDe } from '../src/lib/i18n/more/de';
import { en as moreEn } from '../src/lib/i18n/more/en';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;
const promise = (bytes: number) => ({ bytes, not_before_days: 30, silence_months: 12 });
const terms: PactTerms = { here: promise(1e11), there: promise(2e11), notice_days: 30 };
const usual: FriendShown = {
  id: 'f1', endpoint: 'ab', name: 'Ana', label: 'casa', place: '', since_ms: NOW - 90 * DAY, standing: 'active', seen: 'direct', last_seen_ms: NOW,
  days: [24, null, 0, 3], there: { given: 2e11, bytes: 1e11, packs: 9 }, here: { given: 1e11, bytes: 5e10, packs: 4 }, waiting_bytes: 0, waiting_packs: 0, only_there_bytes: 0,
  proofs: { last_day: 0, proved: 0, failed: 0, unanswered: 0 }, terms, pact_number: 1, limits: {}, unread: 0,
};
const friend = (more: Partial<FriendShown>): FriendShown => ({ ...usual, ...more });

describe('how it stands with a friend', () => {
  it('is told by the pact first, then by whether the box is there', () => {
    expect(stands(usual, NOW)).toEqual({ word: 'direct', tone: 'safe' });
    expect(stands(friend({ seen: 'relayed' }), NOW)).toEqual({ word: 'relayed', tone: 'safe' });
    expect(stands(friend({ standing: 'distrusted' }), NOW)).toEqual({ word: 'distrusted', tone: 'danger' });
    expect(stands(friend({ standing: 'ending' }), NOW)).toEqual({ word: 'ending', tone: 'watch' });
    expect(stands(friend({ standing: 'blocked' }), NOW)).toEqual({ word: 'blocked', tone: 'plain' });
  });

  it('worries nobody before a box was away for a week, also one that never came', () => {
    const away = (days: number, more: Partial<FriendShown> = {}) => stands(friend({ seen: 'offline', last_seen_ms: NOW - days * DAY, ...more }), NOW).tone;
    expect(away(6)).toBe('plain');
    expect(away(8)).toBe('watch');
    expect(away(0, { last_seen_ms: null })).toBe('watch');
    expect(away(0, { last_seen_ms: null, since_ms: NOW - DAY })).toBe('plain');
  });

  it('says of proofs no more than they do', () => {
    expect(proof(usual.proofs)).toBe('none');
    expect(proof({ ...usual.proofs, last_ms: NOW, proved: 9 })).toBe('all');
    expect(proof({ ...usual.proofs, last_ms: NOW, proved: 900, failed: 1 })).toBe('failed');
  });

  it('counts no day on which this box was off itself', () => {
    expect(daysSeen(usual.days)).toEqual({ seen: 2, of: 3 });
    expect(daysSeen([null, null])).toEqual({ seen: 0, of: 0 });
  });

  it('puts those first that somebody has to look at, and those that are over last', () => {
    const names = inOrder([friend({ name: 'Zoe', standing: 'ended', unread: 2 }), friend({ name: 'Ben' }), friend({ name: 'Ana' }), friend({ name: 'Tom', unread: 1 })], 'en');
    expect(names.map(({ name }) => name)).toEqual(['Tom', 'Ana', 'Ben', 'Zoe']);
    expect(keptForOthers(names)).toBe(2e11);
  });
});

describe('what is typed', () => {
  it('becomes terms as seen from this box, and comes back', () => {
    expect(termsOf({ ...USUAL, here: 100 })).toEqual(terms);
    expect(typedOf(terms)).toEqual({ ...USUAL, here: 100 });
  });

  it('shortens nothing of what the friend was promised', () => {
    const before = { ...terms, here: { ...terms.here, not_before_days: 90 } };
    expect(termsOf({ ...USUAL, days: 7 }, before).here.not_before_days).toBe(90);
  });

  it('takes the 24 words when own data would be kept for a shorter time, and not for less room', () => {
    expect(shortens(terms, terms)).toBe(false);
    expect(shortens(terms, { ...terms, there: promise(1) })).toBe(false);
    expect(shortens(terms, { ...terms, here: { ...promise(1), not_before_days: 1 } })).toBe(false);
    expect(shortens(terms, { ...terms, there: { ...terms.there, not_before_days: 29 } })).toBe(true);
    expect(shortens(terms, { ...terms, there: { ...terms.there, silence_months: 11 } })).toBe(true);
    expect(shortens(terms, { ...terms, notice_days: 29 })).toBe(true);
  });

  it('becomes limits, and nothing at all is another limit than none', () => {
    const limits = { kbit: 20_000, full_speed: '00:00-07:00', relayed_kbit: 500, month_bytes: 5e10 };
    expect(limitsOf(paceOf(limits), limits)).toEqual(limits);
    expect(limitsOf({ ...paceOf(limits), mbit: null }, limits).kbit).toBe(null);
    expect(limitsOf({ ...paceOf(limits), mbit: 0 }, limits).kbit).toBe(0);
    expect(limitsOf({ ...paceOf({}), from: '07:00', until: '07:00' }, {}).full_speed).toBe(null);
  });

  it('names a friend as the box compares names', () => {
    expect(isNamed(' ana ', 'Ana')).toBe(true);
    expect(isNamed('', 'Ana')).toBe(false);
    expect(isNamed('An', 'Ana')).toBe(false);
  });
});

/** As `scripts/german.mjs` packs a catalogue. */
function packed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => packed(one));
}

describe('a catalogue without its keys', () => {
  it('gets them back from the English one, word for word', () => {
    for (const [english, german] of [[en, de], [moreEn, moreDe]] as const) {
      expect(filled<unknown>(english, packed(german))).toEqual(german);
      expect(filled<unknown>(english, german)).toBe(german);
    }
    expect(filled<unknown>({ b: '', a: '' }, ['x', 'y'])).toEqual({ a: 'x', b: 'y' });
  });
});

describe('a friend as a place that keeps copies', () => {
  const one = (more: Partial<FriendShown>) => ({ id: 'f', name: 'Ana', standing: 'active', seen: 'direct', there: { given: 200, bytes: 50, packs: 5 }, ...more }) as FriendShown;

  it('holds by what lies there, is away while it is, and is none once nothing there counts', () => {
    expect(placeOf(one({}), 10)).toEqual({ key: 'f', label: 'Ana', state: 'ok', share: 0.5, full: 0.25 });
    expect(placeOf(one({ seen: 'gone' }), 10)?.state).toBe('off');
    expect(placeOf(one({ standing: 'distrusted' }), 10)?.state).toBe('bad');
    expect(placeOf(one({ there: { given: 200, bytes: 0, packs: 0 } }), 10)?.state).toBe('empty');
    expect(placeOf(one({ standing: 'ended' }), 10)).toBeNull();
    expect(placeOf(one({ standing: 'blocked' }), 10)).toBeNull();
  });
});

it('a pruning that stopped because much would go is told from one that failed otherwise', () => {
  const job = (sentence: string, state = 'failed') => ({ spec: { prune: { allow_large: false } }, state, fault: { code: 'refused', sentence, advice: '' } }) as unknown as Job;
  expect(tooMuch(job('pruning refused: 81.2 GB of 200 GB would go, more than 30 % of the vault'))).toEqual({ goes: '81.2 GB', all: '200 GB' });
  expect(tooMuch(job('81.2 GB of 200 GB would go, more than 30 % of the vault', 'running'))).toBeNull();
  expect(tooMuch(job('not all disks are here: bay 2 is missing'))).toBeNull();
});
