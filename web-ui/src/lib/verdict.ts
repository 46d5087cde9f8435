// The one sentence that Home opens with, decided from what the box told. Pure: facts in, a verdict out;
// the words are in the message files. It never says more than the facts do: "safe" needs every one of
// them, and the box within reach.
import type { Disks, Health, Job, Status } from './api/types';

export type Tone = 'safe' | 'busy' | 'watch' | 'danger';

export interface Facts {
  status: Status | null;
  health: Health | null;
  disks: Disks | null;
  jobs: Job[];
  /** Versions that are kept; null where who asks may not know. */
  versions: number | null;
  /** The box answers now. */
  live: boolean;
}

export type Kind =
  | 'unknown'
  | 'new'
  | 'locked'
  | 'opening'
  | 'alarm'
  | 'warning'
  | 'notice'
  | 'away'
  | 'working'
  | 'empty'
  | 'safe';

export interface Verdict {
  kind: Kind;
  tone: Tone;
  /** What was the case when the box was last heard; not what is. */
  past: boolean;
  /** Disks that hold copies and take part. */
  members: number;
  /** Findings. */
  findings: number;
}

/** Jobs that make missing copies: until they are done, something promised is not so. */
export function isMending(job: Job): boolean {
  const open = job.state === 'running' || job.state === 'queued' || job.state === 'paused';
  return open && ('rebuild' in job.spec || 'drain' in job.spec);
}

export function decide(facts: Facts): Verdict {
  const { status, health } = facts;
  const members = health?.volumes.filter((one) => one.state === 'member').length ?? 0;
  const findings = health?.findings.length ?? 0;
  const verdict = (kind: Kind, tone: Tone): Verdict => ({ kind, tone, past: !facts.live, members, findings });
  if (!status || !health) return verdict('unknown', 'watch');
  if (status.lock === 'none') return verdict('new', 'watch');
  const said = worst(health, status);
  if (said === 'alarm') return verdict('alarm', 'danger');
  if (status.lock === 'locked') return verdict('locked', 'watch');
  if (status.lock === 'opening') return verdict('opening', 'busy');
  const mending = facts.jobs.some(isMending);
  if (said === 'warning') return verdict(mending ? 'working' : 'warning', mending ? 'busy' : 'watch');
  if (said === 'notice') return verdict('notice', 'watch');
  if (health.volumes.some((one) => one.state !== 'member')) return verdict('away', 'watch');
  if (mending) return verdict('working', 'busy');
  if (members === 0 || status.clock !== 'trusted') return verdict('unknown', 'watch');
  if (facts.versions === 0) return verdict('empty', 'watch');
  return verdict('safe', 'safe');
}

function worst(health: Health, status: Status): string | null {
  const all = [...health.findings.map((one) => one.severity), status.verdict ?? null];
  return ['alarm', 'warning', 'notice'].find((one) => all.some((said) => said === one)) ?? null;
}

/** The last job of some kinds that ended well, for "How do we know?". */
export function lastDone(jobs: Job[], kinds: string[]): Job | null {
  const fit = jobs.filter((job) => job.state === 'done' && job.ended_ms && kinds.some((kind) => kind in job.spec));
  return fit.sort((a, b) => (b.ended_ms ?? 0) - (a.ended_ms ?? 0))[0] ?? null;
}
