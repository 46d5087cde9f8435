// Routes of the box's document as addresses.
import { describe, expect, test } from 'vitest';
import { address } from '../src/lib/api/address';

describe('the address of a route', () => {
  test('is the route itself where nothing varies', () => {
    expect(address('/api/v1/box')).toBe('/api/v1/box');
  });

  test('carries a name whole, whatever is in it', () => {
    const named = address('/api/v1/files/{source}/search', { path: { source: 'a/b?c #ü' }, query: { text: 'x & y=+é', items: 20 } });
    const url = new URL(named, 'https://box.local');
    expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'api', 'v1', 'files', 'a/b?c #ü', 'search']);
    expect([...url.searchParams]).toEqual([['text', 'x & y=+é'], ['items', '20']]);
  });

  test('asks nothing about what is not said, and no is said', () => {
    expect(address('/x', { query: { a: undefined, b: null, c: false, d: 0, e: '' } })).toBe('/x?c=false&d=0&e=');
  });

  test('fills in the same name wherever it stands', () => {
    expect(address('/{a}/{b}/{a}', { path: { a: '$&', b: 2 } })).toBe('/%24%26/2/%24%26');
  });
});
