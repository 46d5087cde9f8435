import { describe, expect, it } from 'vitest';
import { acts, bays, isSerial, look, mayPull, missing, places, recent, replacing, shortWithout, urgent, waits, whoseSerial } from '../src/lib/disks';
import type { DiskShown, Disks, Job, Question, Volume } from '../src/lib/api/types';

const disk = (more: Partial<DiskShown> = {}): DiskShown => ({
  id: '01', place: 'bay 1', bay: '1', model: 'M', serial: 'K8QD', size: 4e12, transport: 'sata', life: 'member', sentence: '', action: '', volume: 'aa',
  to_be_replaced: false, safe_to_pull: false, joining: null, erase_word: null, temperature_c: null, power_on_hours: null, ...more,
});
const all = (disks: DiskShown[], questions: Question[] = []): Disks => ({ disks, questions, news: [] });
const ask = (kind: Question['kind'], about: string | null = null): Question => ({ kind, disk: about, sentence: '', action: '' });
const mending = { id: 1, spec: { rebuild: {} }, state: 'running' } as unknown as Job;

describe('serials', () => {
  it('are matched as people type them', () => {
    for (const typed of ['K8QD', 'k8qd', ' k8-qd ', 'WD-71S0A0JEK8QD']) expect(isSerial(typed, 'K8QD'), typed).toBe(true);
    for (const typed of ['', 'K8Q', '8QD', 'K8QO', 'K8QDX']) expect(isSerial(typed, 'K8QD'), typed).toBe(false);
    expect(isSerial('', ''), 'a disk without one is never matched').toBe(false);
  });

  it('a known wrong disk is told, two of one ending are not', () => {
    const other = disk({ id: '02', serial: '7R4T', place: 'bay 2' });
    expect(whoseSerial('7r4t', [disk(), other])).toBe(other);
    expect(whoseSerial('7r4t', [other, disk({ id: '03', serial: '7R4T' })])).toBeNull();
    expect(whoseSerial('ZZZZ', [disk(), other])).toBeNull();
  });
});

describe('what is offered', () => {
  it('never takes a disk that has something on it without its serial, nor one before there is a vault', () => {
    expect(acts(disk({ life: 'foreign', volume: null, erase_word: null }), true)).not.toContain('erase');
    expect(acts(disk({ life: 'foreign', volume: null, erase_word: 'K8QD' }), true)).toContain('erase');
    expect(acts(disk({ life: 'blank', volume: null }), false)).toEqual(['find']);
    expect(acts(disk({ life: 'blank', volume: null }), true)[0]).toBe('adopt');
  });

  it('an erase that waits can be undone, and one that began cannot', () => {
    expect(acts(disk({ life: 'foreign', joining: { waiting: { left_ms: 5 } } }), true)[0]).toBe('undo');
    expect(acts(disk({ life: 'foreign', joining: 'formatting' }), true)).toEqual(['find']);
    expect(acts(disk({ life: 'foreign', joining: 'putting_back' }), true)).toEqual(['find']);
  });

  it('what was erased and is kept for a while can still be put back, and says for how long', () => {
    const kept = disk({ life: 'foreign', joining: { kept: { left_ms: 7 } } });
    expect(acts(kept, true).slice(0, 2)).toEqual(['undo', 'skip-wait']);
    expect(waits(kept)).toEqual({ left: 7, kept: true });
    expect(waits(disk({ joining: { waiting: { left_ms: 5 } } }))).toEqual({ left: 5, kept: false });
    expect(waits(disk({ joining: 'formatted' }))).toBe(null);
  });

  it('every life has a look, and none but a healthy or a free one is calm', () => {
    const calm = ['member', 'blank', 'foreign', 'rescue', 'courier'];
    for (const life of ['member', 'watch', 'failed', 'ours-absent', 'taken-out', 'retiring', 'drained', 'quarantined', 'blank', 'foreign', 'rescue', 'courier']) {
      expect(['safe', 'plain'].includes(look(disk({ life })).tone), life).toBe(calm.includes(life));
    }
  });
});

describe('pulling', () => {
  it('a disk that the box does not use may go, one that it counts on may not before it says so', () => {
    const said = (more: Partial<DiskShown>) => mayPull(disk(more));
    expect([said({ life: 'foreign', volume: null }), said({ life: 'blank', volume: null })]).toEqual(['unused', 'unused']);
    for (const life of ['member', 'watch', 'failed', 'retiring', 'drained']) expect(said({ life }), life).toBe('no');
    expect(said({ safe_to_pull: true })).toBe('yes');
    expect(said({ life: 'foreign', joining: 'formatting' })).toBe('no');
    expect(said({ life: 'rescue', volume: null })).toBe('busy');
    expect(said({ life: 'ours-absent' })).toBeNull();
    expect(said({ life: 'taken-out' })).toBeNull();
  });

  it('says what the promise of copies is worth without it, and nothing while it is kept', () => {
    const two = { ...all([disk(), disk({ id: '02', volume: 'bb' })]), copies: 2 };
    expect(shortWithout(two)).toBeNull();
    expect(shortWithout(two, 'aa')).toEqual({ left: 1, copies: 2 });
    const three = { ...two, disks: [...two.disks, disk({ id: '03', volume: 'cc' })] };
    expect(shortWithout(three, 'aa')).toBeNull();
    expect(shortWithout({ ...two, disks: [disk(), disk({ id: '02', volume: 'bb', life: 'ours-absent' })] })).toEqual({ left: 1, copies: 2 });
    expect(shortWithout({ ...two, copies: null }, 'aa'), 'nobody knows').toBeNull();
  });

  it('a member that is missing is found, and a stick with files on it is no decision', () => {
    const stick = disk({ id: '09', life: 'foreign', volume: null });
    const away = disk({ life: 'ours-absent' });
    expect(missing(all([stick, away]))).toBe(away);
    expect(missing(all([stick, away]), away.volume ?? ''), 'it is the one that is swapped').toBeNull();
    expect(missing(all([away, disk({ life: 'watch', volume: 'bb' })]), 'bb'), 'the wrong one was pulled').toBe(away);
    expect(missing(all([stick, disk({ life: 'ours-absent', to_be_replaced: true })]))).toBeNull();
    expect(urgent(all([stick], [ask('drive', '09'), ask('import', '09'), ask('adopt', '09')]))).toEqual([]);
    expect(urgent(all([stick], [ask('pull', '01')]))).toHaveLength(1);
  });
});

describe('the drawing', () => {
  it('shows bays of the profile only, and no disk that is away', () => {
    expect(bays(null, [disk()])).toEqual([]);
    const enclosure = { name: 'Box', sockets: [], bays: [{ name: '1', row: 0, column: 0, light: true }, { name: '2', row: 0, column: 1, light: true }] };
    const drawn = bays(enclosure, [disk(), disk({ id: '02', bay: '2', life: 'ours-absent' }), disk({ id: '03', bay: '9' })]);
    expect(drawn.map((bay) => bay.disk?.id ?? null)).toEqual(['01', null]);
  });

  it('a grip holds only where the disk does', () => {
    const volume = (id: string, state: string, packs: number | null): Volume => ({ id, path: '', state, size: 10, free: 4, packs, detail: null });
    const health = { findings: [], volumes: [volume('aa', 'member', 100), volume('bb', 'absent', null), volume('cc', 'failed', 50), volume('dd', 'member', 100)] };
    const drawn = places(health, all([disk(), disk({ id: '04', volume: 'dd', life: 'watch' })]));
    expect(drawn.map((one) => [one.state, one.share])).toEqual([['ok', 1], ['off', null], ['bad', 0.5], ['bad', 1]]);
  });
});

describe('a swap', () => {
  const old = (more: Partial<DiskShown> = {}) => disk({ to_be_replaced: true, ...more });
  const fresh = (more: Partial<DiskShown> = {}) => disk({ id: '02', serial: '7R4T', bay: '2', life: 'blank', volume: null, ...more });

  it('goes on where the box says it is, in any browser', () => {
    const at = (disks: DiskShown[], questions: Question[] = [], jobs: Job[] = []) => replacing(all(disks, questions), jobs, 'aa').step;
    expect(at([disk()])).toBe('begin');
    expect(at([disk({ life: 'ours-absent' })]), 'put back or replaced is asked first').toBe('away');
    expect(at([disk({ life: 'ours-absent' }), fresh()])).toBe('away');
    expect(at([old()], [ask('insert')])).toBe('insert');
    expect(at([old(), fresh()], [ask('insert')])).toBe('choose');
    expect(at([old(), fresh({ joining: { waiting: { left_ms: 9 } } })], [ask('insert')])).toBe('joining');
    expect(at([old(), fresh({ life: 'member', volume: 'bb' })], [], [mending])).toBe('copying');
    expect(at([disk({ life: 'drained' })])).toBe('copying');
    expect(at([old({ safe_to_pull: true })], [ask('pull', '01')])).toBe('pull');
    expect(at([fresh({ life: 'member', volume: 'bb' })])).toBe('done');
  });

  it('never says pull before the box says that nothing depends on the disk', () => {
    for (const life of ['member', 'watch', 'failed', 'retiring', 'drained']) {
      for (const jobs of [[], [mending]]) {
        for (const questions of [[], [ask('pull', '99')], [ask('insert')]]) {
          expect(replacing(all([old({ life }), fresh()], questions), jobs, 'aa').step).not.toBe('pull');
        }
      }
    }
  });
});

describe('news', () => {
  it('are the newest first, and go after 30 days', () => {
    const day = 86_400_000;
    const news = [1, 40, 69, 70].map((at) => ({ at_ms: at * day, sentence: '' }));
    expect(recent(news, 70 * day).map((one) => one.at_ms / day)).toEqual([70, 69]);
    expect(recent(news, 70 * day - 1).map((one) => one.at_ms / day), 'one more moment').toEqual([70, 69, 40]);
    expect(recent(Array.from({ length: 20 }, (_, n) => ({ at_ms: n })), 20)).toHaveLength(8);
  });
});
