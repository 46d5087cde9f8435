import { describe, expect, it } from 'vitest';
import { de } from '../src/lib/i18n/de';
import { en } from '../src/lib/i18n/en';
import { decide, type Facts } from '../src/lib/verdict';
import type { Job, Volume } from '../src/lib/api/types';

/** The same numbers each time. */
function draws(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pick = <T>(draw: (below: number) => number, all: readonly T[]): T => all[draw(all.length)] as T;
const volume = (state: string): Volume => ({ id: state, path: '', state, size: 1, free: 1, packs: 1, detail: null });
const job = (kind: string, state: Job['state']) =>
  ({ id: 1, spec: { [kind]: {} }, state, asked_by: 'owner', created_ms: 0, started_ms: null, ended_ms: null, attempts: 0, progress: { items: 0, bytes: 0 }, result: null, fault: null }) as unknown as Job;

function some(seed: number): Facts {
  const draw = draws(seed);
  const finding = () => ({ severity: pick(draw, ['notice', 'warning', 'alarm'] as const), sentence: '', action: '' });
  const told = draw(12) > 0;
  return {
    status: told
      ? { version: '', vault: 'v', lock: pick(draw, ['unlocked', 'unlocked', 'unlocked', 'locked', 'opening', 'none'] as const), clock: pick(draw, ['trusted', 'trusted', 'jumped'] as const), uptime_ms: 0, now_ms: 0, verdict: pick(draw, [null, null, null, 'notice', 'warning', 'alarm'] as const), running: 0, queued: 0, paused: 0 }
      : null,
    health: told
      ? { findings: Array.from({ length: pick(draw, [0, 0, 1, 3]) }, finding), volumes: Array.from({ length: draw(4) }, () => volume(pick(draw, ['member', 'member', 'member', 'absent', 'failed', 'read-only', 'retiring']))) }
      : null,
    disks: null,
    jobs: Array.from({ length: draw(3) }, () => job(pick(draw, ['rebuild', 'scrub', 'drain', 'backup']), pick(draw, ['running', 'done', 'queued'] as const))),
    versions: pick(draw, [null, 0, 5, 200]),
    live: draw(4) > 0,
  };
}

/** Whether a sentence calls things safe. */
const claims = (text: string) => /\bsafe\b|\bsicher\b/i.test(text);

describe('the verdict', () => {
  it('calls things safe only when every fact says so, and does when they do', () => {
    const seen = { safe: 0, other: 0 };
    for (let seed = 1; seed <= 4_000; seed += 1) {
      const facts = some(seed * 7919);
      const verdict = decide(facts);
      const well =
        facts.status?.lock === 'unlocked' && facts.status.clock === 'trusted' && !facts.status.verdict && facts.health?.findings.length === 0 &&
        facts.health.volumes.length > 0 && facts.health.volumes.every((one) => one.state === 'member') && facts.versions !== 0 &&
        !facts.jobs.some((one) => one.state !== 'done' && ('rebuild' in one.spec || 'drain' in one.spec));
      for (const m of [en, de]) {
        const said = m.verdict[verdict.kind];
        const words = [said.short, said.head, said.past, said.say(verdict, 'en')];
        expect(words.some(claims), JSON.stringify(facts)).toBe(well);
      }
      seen[well ? 'safe' : 'other'] += 1;
    }
    expect(seen.safe).toBeGreaterThan(20);
    expect(seen.other).toBeGreaterThan(1_000);
  });

  it('is of the past as soon as the box does not answer, in every language', () => {
    for (let seed = 1; seed < 500; seed += 1) {
      const facts = some(seed);
      expect(decide(facts).past).toBe(!facts.live);
    }
    for (const m of [en, de]) for (const said of Object.values(m.verdict)) expect(said.past).not.toBe(said.head);
  });

  it('an alarm is told before the lock, so that a locked box hides none', () => {
    const facts = some(1);
    facts.status = { version: '', vault: 'v', lock: 'locked', clock: 'trusted', uptime_ms: 0, now_ms: 0, verdict: 'alarm', running: 0, queued: 0, paused: 0 };
    facts.health = { findings: [], volumes: [] };
    expect(decide(facts).kind).toBe('alarm');
  });
});
