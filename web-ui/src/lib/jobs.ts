// Jobs as they are told. Pure.
import type { Job, JobSpec } from './api/types';

export const KINDS = ['backup', 'check', 'scrub', 'usb', 'usb_verify', 'import', 'burn_in', 'rebuild', 'drain', 'forget', 'prune', 'restore'] as const;
export type JobKind = (typeof KINDS)[number];

export function kindOf(spec: JobSpec): JobKind {
  return KINDS.find((kind) => kind in spec) ?? ('bring_back' in spec ? 'restore' : 'check');
}

export function isOpen(job: Job): boolean {
  return job.state === 'running' || job.state === 'queued' || job.state === 'paused';
}

/** How far it is, 0 to 1; null where nobody knows of how much. */
export function share(job: Job): number | null {
  const { bytes, bytes_total, items, items_total } = job.progress;
  const of = (part: number, all: number | null | undefined) => (all ? Math.min(1, part / all) : null);
  return of(bytes, bytes_total) ?? of(items, items_total);
}

/** What one may do meanwhile: every job goes on after a restart; those with a stick want it left in. */
export function wants(kind: JobKind): 'anything' | 'leaveIn' {
  return ['usb', 'usb_verify', 'import', 'burn_in', 'drain'].includes(kind) ? 'leaveIn' : 'anything';
}

/** Puts one that is new or moved on into a list, the newest first. */
export function put(jobs: Job[], job: Job): Job[] {
  const others = jobs.filter((one) => one.id !== job.id);
  return [...others, job].sort((a, b) => b.id - a.id);
}

/** What a pruning did not let go because it was more than an ordinary one takes: as the box said it. */
export function tooMuch({ spec, state, fault }: Job): { goes: string; all: string } | null {
  const said = 'prune' in spec && state === 'failed' ? /(\S+ \S+) of (\S+ \S+) would go, more than/.exec(fault?.sentence ?? '') : null;
  return said ? { goes: said[1] ?? '', all: said[2] ?? '' } : null;
}
