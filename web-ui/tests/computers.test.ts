import { describe, expect, it } from 'vitest';
import { computers, counted, isItself, pairCommand } from '../src/lib/computers';

const device = (id: string, scope: object, more = {}) => ({ id, name: `${id} of Ada`, scope, quota: null, stored: 5, since_ms: 1, used_ms: null, ...more }) as never;

describe('paired computers', () => {
  it('are those that back themselves up, with the last version of their own source', () => {
    const all = [device('laptop', { backup: { source: 'laptop' } }, { used_ms: 9 }), device('phone', { add: { source: 'photos' } }), device('desk', { backup: { source: 'desk' } })];
    const sources = [
      { name: 'laptop', space: 'everyone', newest_ms: 77 },
      { name: 'laptop', space: undefined, newest_ms: 42 },
    ] as never;
    expect(computers(all, sources).map((one) => [one.name, one.source, one.newest_ms, one.used_ms])).toEqual([['laptop of Ada', 'laptop', 42, 9], ['desk of Ada', 'desk', null, null]]);
    expect(computers(all, null).map((one) => one.newest_ms)).toEqual([null, null]);
  });

  it('have stored nobody knows how much, unless it is counted', () => {
    expect([counted({ quota: null, stored: 0 }), counted({ stored: 0 }), counted({ quota: 9, stored: 0 })]).toEqual([null, null, 0]);
    expect(computers([device('a', { backup: { source: 'a' } }), device('b', { backup: { source: 'b' } }, { quota: 9 })], null).map((one) => one.stored)).toEqual([null, 5]);
  });

  it('are told where the box is, as the page knows it', () => {
    expect(pairCommand('holdfast.local')).toBe('holdfast pair holdfast.local');
    expect(['localhost', '127.0.0.1', '[::1]', 'holdfast.local', '192.168.1.7'].map(isItself)).toEqual([true, true, true, false, false]);
  });
});
