import { describe, expect, it } from 'vitest';
import { address, isTop, join, link, nameOf, parent, placed, preview, same, shown, trail, type Raw } from '../src/lib/paths';
import { drives, othersNamed } from '../src/lib/restore';
import { fingerprint, metadata, onDisks, pause, Stopped, sum, target } from '../src/lib/uploads';
import type { DiskShown } from '../src/lib/api/types';

const odd: Raw = { hex: '612fff' };

describe('paths', () => {
  it('that are text stay text, others stay the bytes that they are', () => {
    expect(join('', 'a')).toBe('a');
    expect(join('a', 'b c')).toBe('a/b c');
    expect(join('a', { hex: 'ff' })).toEqual(odd);
    expect([parent('a/b'), parent('a'), nameOf('a/b'), nameOf('a')]).toEqual(['a', '', 'b', 'a']);
    expect([parent(odd), nameOf(odd)]).toEqual(['a', { hex: 'ff' }]);
    expect(trail('a/b/c')).toEqual(['a', 'a/b', 'a/b/c']);
    expect(trail(odd)).toEqual(['a', odd]);
    expect(isTop('') && !isTop('a')).toBe(true);
    expect(same('a', { hex: '61' })).toBe(true);
    expect(same('a', 'b')).toBe(false);
    expect(shown({ hex: '61ff' })).toBe('a\ufffd');
    // A slash is a whole byte: these two digits are of two others.
    expect(nameOf({ hex: '62f3ff' })).toEqual({ hex: '62f3ff' });
  });

  it('are found again from the place in the page', () => {
    for (const path of ['', 'a', 'a/b c', 'x/100%/#?&', odd, { hex: 'ff' }] as Raw[]) {
      const parts = address('My Source', path).split('/').filter(Boolean).map(decodeURIComponent).slice(1);
      expect(placed(parts)).toEqual({ source: 'My Source', path });
    }
    expect(placed([])).toEqual({ source: '', path: '' });
  });

  it('are said to the box without loss', () => {
    expect(link('content', 'a b', null, 'x&y', { version: 'v' })).toBe('/api/v1/files/a%20b/content?path=x%26y&version=v');
    expect(link('zip', 's', 'everyone', odd)).toBe('/api/v1/files/s/zip?path_hex=612fff&space=everyone');
  });

  it('what can be looked at goes by the ending, and nothing that runs is among it', () => {
    expect([preview('a.JPG'), preview('a.b.pdf'), preview('n.txt'), preview('f.webm')]).toEqual(['image', 'pdf', 'text', 'video']);
    for (const name of ['a.html', 'a.svg', 'jpg', 'a.']) expect(preview(name)).toBeNull();
  });
});

describe('uploads', () => {
  it('go below the folder that they are dropped on, and only where a path leads', () => {
    expect(target('', '/photos/a.jpg')).toBe('photos/a.jpg');
    expect(target('2026', 'a.jpg')).toBe('2026/a.jpg');
    for (const bad of ['', '/', '../a', 'a/./b']) expect(target('', bad), bad).toBeNull();
  });

  it('a file is known again after a reload, and another one is not', () => {
    const file = { size: 5, lastModified: 7 };
    const print = fingerprint('s', null, 'a', file);
    expect(fingerprint('s', null, 'a', { ...file })).toBe(print);
    const others = [fingerprint('s', 'everyone', 'a', file), fingerprint('t', null, 'a', file), fingerprint('s', null, 'b', file), fingerprint('s', null, 'a', { ...file, size: 6 }), fingerprint('s', null, 'a', { ...file, lastModified: 8 })];
    expect(others).not.toContain(print);
  });

  it('are summed up, and never say more than the box has', () => {
    const all = sum([{ state: 'done', size: 10, sent: 10 }, { state: 'sending', size: 10, sent: 25 }, { state: 'failed', size: 4, sent: 1 }]);
    expect(all).toMatchObject({ files: 3, done: 1, failed: 1, waiting: 1, size: 24, sent: 21 });
    expect([onDisks(2, 2), onDisks(2, 1), onDisks(null, 2)]).toEqual([2, 1, null]);
  });

  it('words go as tus has them, and tries end', () => {
    expect(metadata({ source: 'Fotos', path: 'ä/b', empty: '' })).toBe('source Rm90b3M=,path w6QvYg==,empty');
    expect(pause(0)).toBe(0);
    expect(pause(5)).toBeNull();
    expect([0, 409, 423, 503].every((status) => new Stopped(status).isPassing)).toBe(true);
    expect([400, 403, 404, 413, 460].some((status) => new Stopped(status).isPassing)).toBe(false);
  });
});

describe('a restore', () => {
  const disk = (more: Partial<DiskShown>): DiskShown => ({
    id: '01', place: 'usb', bay: null, model: 'M', serial: 'K8QD', size: 1, transport: 'usb', life: 'foreign', sentence: '', action: '', volume: null,
    to_be_replaced: false, safe_to_pull: false, joining: null, erase_word: null, temperature_c: null, power_on_hours: null, ...more,
  });

  it('goes to drives that have something on them or were named, and never to a disk of the vault', () => {
    expect(drives([disk({}), disk({ life: 'rescue' })])).toHaveLength(2);
    for (const more of [{ life: 'member', volume: 'aa' }, { life: 'blank' }, { life: 'quarantined' }, { volume: 'aa' }, { joining: 'formatting' as const }]) expect(drives([disk(more)])).toEqual([]);
  });

  it('whose files it takes is read from what the box says', () => {
    expect(othersNamed('This takes the files of others, too: Ben, Zoe.')).toEqual(['Ben', 'Zoe']);
    expect(othersNamed('Something else.')).toEqual([]);
  });
});
