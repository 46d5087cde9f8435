// Disks as they are drawn and acted on. Pure: what the box shows in, what a page says out. The box decides
// what may be done; this only keeps a page from offering what the box would refuse.
import type { DiskShown, Disks, Enclosure, Health, Job, Question } from './api/types';
import type { Tone } from './verdict';
import { isMending } from './verdict';

/** How long a disk still waits, and for what: to be erased, or to be used while its old content is kept. */
export function waits(disk: DiskShown | null): { left: number; kept: boolean } | null {
  const joining = disk?.joining;
  if (!joining || typeof joining !== 'object') return null;
  return 'kept' in joining ? { left: joining.kept.left_ms, kept: true } : { left: joining.waiting.left_ms, kept: false };
}

/** Whether a disk is known and not plugged in. */
export function isAway(disk: DiskShown): boolean {
  return ['ours-absent', 'taken-out'].includes(disk.life);
}

/** How a disk is to be shown: a tone, and the key of a word. */
export function look(disk: DiskShown): { tone: Tone | 'plain'; word: LifeWord } {
  if (disk.safe_to_pull) return { tone: 'safe', word: 'pull' };
  if (disk.joining) return { tone: 'busy', word: 'joining' };
  if (disk.to_be_replaced && disk.life !== 'ours-absent') return { tone: 'watch', word: 'replacing' };
  switch (disk.life) {
    case 'member':
      return { tone: 'safe', word: 'member' };
    case 'watch':
      return { tone: 'watch', word: 'watch' };
    case 'failed':
      return { tone: 'danger', word: 'failed' };
    case 'ours-absent':
    case 'taken-out':
      return { tone: 'watch', word: 'absent' };
    case 'retiring':
      return { tone: 'busy', word: 'retiring' };
    case 'drained':
      return { tone: 'busy', word: 'drained' };
    case 'quarantined':
      return { tone: 'watch', word: 'quarantined' };
    case 'blank':
      return { tone: 'plain', word: 'blank' };
    case 'rescue':
    case 'courier':
      return { tone: 'plain', word: 'plainFiles' };
    default:
      return { tone: 'plain', word: 'foreign' };
  }
}

export type LifeWord =
  | 'pull' | 'joining' | 'replacing' | 'member' | 'watch' | 'failed' | 'absent' | 'retiring' | 'drained'
  | 'quarantined' | 'blank' | 'plainFiles' | 'foreign';

export type Act = 'adopt' | 'erase' | 'undo' | 'skip-wait' | 'confirm' | 'replace' | 'retire' | 'keep' | 'trust' | 'find';

/** What a page offers for a disk, the most wanted first. */
export function acts(disk: DiskShown, hasVault: boolean): Act[] {
  const all: Act[] = [];
  const here = !isAway(disk);
  const ours = ['member', 'watch', 'failed', 'ours-absent'].includes(disk.life);
  if (disk.joining && typeof disk.joining === 'object') all.push('undo', 'skip-wait');
  if (!disk.joining && hasVault) {
    if (disk.life === 'blank') all.push('adopt');
    if (disk.erase_word && (disk.life === 'foreign' || disk.life === 'quarantined')) all.push('erase');
    if (disk.life === 'quarantined') all.push('confirm');
    if (disk.to_be_replaced || disk.life === 'retiring') all.push('keep');
    else if (ours) {
      all.push('replace');
      if (disk.life === 'failed') all.push('trust');
      if (here) all.push('retire');
    }
  }
  if (here && disk.bay) all.push('find');
  return all;
}

/** Whether one may pull a disk now; null where it is not here. */
export function mayPull(disk: DiskShown): 'yes' | 'unused' | 'busy' | 'no' | null {
  if (isAway(disk)) return null;
  if (disk.safe_to_pull) return 'yes';
  if (disk.joining) return 'no';
  if (['blank', 'foreign', 'quarantined'].includes(disk.life)) return 'unused';
  return ['rescue', 'courier'].includes(disk.life) ? 'busy' : 'no';
}

/** Members that are here and stay, when this volume is not counted. */
export function staying(disks: Disks, without?: string): number {
  const stays = (disk: DiskShown) => ['member', 'watch'].includes(disk.life) && !disk.to_be_replaced && !!disk.volume;
  return disks.disks.filter((disk) => stays(disk) && disk.volume !== without).length;
}

/** What the promise of copies is worth without a volume; null where it is kept, or not known. */
export function shortWithout(disks: Disks, volume?: string): { left: number; copies: number } | null {
  const left = staying(disks, volume);
  const copies = disks.copies ?? 0;
  return left < copies ? { left, copies } : null;
}

/** A member that is not here and that nobody has decided about: while another one is swapped, the wrong disk was
 * pulled. */
export function missing(disks: Disks | null, swapped?: string): DiskShown | null {
  const away = (disk: DiskShown) => disk.life === 'ours-absent' && !disk.to_be_replaced && !!disk.volume;
  return disks?.disks.find((disk) => away(disk) && disk.volume !== swapped) ?? null;
}

/** Questions that wait for somebody; that a stick has files on it is none of them. */
export function urgent(disks: Disks | null): Question[] {
  return disks?.questions.filter((one) => ['pull', 'insert', 'settle'].includes(one.kind)) ?? [];
}

const NEWS_FOR = 30 * 86_400_000;

/** What happened to disks of late, the newest first: older news are nobody's concern any more. */
export function recent<T extends { at_ms: number }>(news: T[], now: number): T[] {
  return news.filter((one) => now - one.at_ms < NEWS_FOR).reverse().slice(0, 8);
}

/** What somebody read off a label, as it is compared: letters of either size, nothing in between. */
export function plainSerial(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

/** The last four of a serial, typed: whether they are those that are wanted. */
export function isSerial(typed: string, wanted: string): boolean {
  const said = plainSerial(typed);
  const known = plainSerial(wanted);
  return said.length >= Math.min(4, known.length) && known.length > 0 && said.endsWith(known);
}

/** Whose serial was typed instead: a known wrong disk is named. */
export function whoseSerial(typed: string, disks: DiskShown[]): DiskShown | null {
  const fit = disks.filter((disk) => isSerial(typed, disk.serial));
  return fit.length === 1 ? (fit[0] ?? null) : null;
}

export interface Bay {
  name: string;
  row: number;
  column: number;
  disk: DiskShown | null;
}

/** The bays of the drawing with what is in them; none where no profile says what the box looks like. */
export function bays(enclosure: Enclosure | null, disks: DiskShown[]): Bay[] {
  const here = disks.filter((disk) => !isAway(disk));
  return (enclosure?.bays ?? []).map((bay) => ({
    name: bay.name,
    row: bay.row,
    column: bay.column,
    disk: here.find((disk) => disk.bay === bay.name) ?? null,
  }));
}

export type Grip = 'ok' | 'bad' | 'off' | 'new' | 'empty';

/** One place that keeps copies, as the holdfast shows it. */
export interface Place {
  key: string;
  label: string;
  state: Grip;
  /** How much of all pieces it holds, 0 to 1; null where that is not known. */
  share: number | null;
  /** How full it is, 0 to 1. */
  full: number | null;
}

/** Packs on the disk that has most of them. */
export const mostPacks = (health: Health | null): number => Math.max(1, ...(health?.volumes.map((one) => one.packs ?? 0) ?? []));

/** The places that keep copies, from what the box knows of its disks. */
export function places(health: Health | null, disks: Disks | null): Place[] {
  const most = mostPacks(health);
  return (health?.volumes ?? []).map((volume) => {
    const disk = disks?.disks.find((one) => one.volume === volume.id);
    const known = typeof volume.packs === 'number';
    const bad = volume.state === 'failed' || volume.state === 'read-only' || disk?.life === 'watch';
    const state: Grip =
      volume.state === 'absent' ? 'off' : bad ? 'bad' : volume.state === 'retiring' ? 'new' : volume.state === 'sealed' ? 'off' : 'ok';
    return {
      key: volume.id,
      label: disk?.place ?? '',
      state,
      share: known ? (volume.packs ?? 0) / most : null,
      full: volume.size > 0 ? 1 - volume.free / volume.size : null,
    };
  });
}

export type ReplaceStep = 'away' | 'begin' | 'insert' | 'choose' | 'joining' | 'copying' | 'pull' | 'done';

export interface Replacing {
  step: ReplaceStep;
  old: DiskShown | null;
  /** Disks that could take its place. */
  candidates: DiskShown[];
  /** The one that is on its way. */
  next: DiskShown | null;
  question: Question | null;
}

/** Where the swap of a disk stands, from what the box says; any browser finds the same. */
export function replacing(disks: Disks, jobs: Job[], volume: string): Replacing {
  const old = disks.disks.find((disk) => disk.volume === volume) ?? null;
  const candidates = disks.disks.filter((disk) => !disk.joining && ['blank', 'foreign'].includes(disk.life));
  const next = disks.disks.find((disk) => disk.joining) ?? null;
  const ask = (kind: Question['kind']) => disks.questions.find((one) => one.kind === kind) ?? null;
  const about = (step: ReplaceStep, question: Question | null = null): Replacing => ({ step, old, candidates, next, question });
  if (!old) return about('done');
  const leaving = old.to_be_replaced || old.safe_to_pull || ['retiring', 'drained'].includes(old.life);
  if (!leaving) return about(old.life === 'ours-absent' ? 'away' : 'begin');
  if (old.safe_to_pull) return about('pull', disks.questions.find((one) => one.kind === 'pull' && one.disk === old.id) ?? null);
  if (next) return about('joining');
  const insert = ask('insert');
  if (insert) return candidates.length > 0 ? about('choose', insert) : about('insert', insert);
  if (jobs.some(isMending) || ['retiring', 'drained'].includes(old.life)) return about('copying');
  return candidates.length > 0 ? about('choose') : about('insert');
}
