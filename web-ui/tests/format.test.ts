import { describe, expect, it } from 'vitest';
import { ago, bytes, moment, percent, rate, span } from '../src/lib/format';
import { plural } from '../src/lib/i18n/index.svelte';

const NOW = Date.UTC(2026, 10, 27, 14, 3, 20);

describe('numbers and times', () => {
  it('bytes are counted as on the label of a disk', () => {
    expect(bytes(0, 'en')).toBe('0 bytes');
    expect(bytes(999, 'en')).toBe('999 bytes');
    expect(bytes(1_000, 'en')).toBe('1 kB');
    expect(bytes(4e12, 'en')).toBe('4 TB');
    expect(bytes(2.34e12, 'en')).toBe('2.3 TB');
    expect(bytes(2.34e12, 'de').replace(/\s/g, ' ')).toBe('2,3 TB');
    expect(bytes(812e9, 'en')).toBe('812 GB');
    expect(bytes(999_999, 'en')).toBe('1 MB');
    expect(rate(112e6, 'en')).toBe('112 MB/s');
  });

  it('what is not all of it is never called all of it', () => {
    expect(percent(0.999, 'en')).toBe('99%');
    expect(percent(1, 'en')).toBe('100%');
    expect(percent(0, 'en')).toBe('0%');
  });

  it('what is left is rounded up, so that nobody comes back too early', () => {
    expect(span(61_000, 'en')).toBe('1 minute');
    expect(span(110_000, 'en')).toBe('2 minutes');
    expect(span(7_900_000, 'en')).toBe('3 hours');
    expect(span(200, 'en')).toBe('1 second');
    expect(span(7_900_000, 'de')).toBe('3 Stunden');
  });

  it('a moment is dated as soon as it is not of today', () => {
    expect(moment(NOW - 3_600_000, NOW, 'en-GB', 'UTC')).toBe('today 13:03');
    expect(moment(NOW - 86_400_000, NOW, 'en-GB', 'UTC')).toBe('26 November, 14:03');
    expect(moment(NOW - 366 * 86_400_000, NOW, 'en-GB', 'UTC')).toBe('26 November 2025, 14:03');
    expect(ago(NOW - 300_000, NOW, 'en')).toBe('5 minutes ago');
    expect(ago(NOW - 300_000, NOW, 'de')).toBe('vor 5 Minuten');
  });

  it('one is not many', () => {
    const forms = { one: '# disk', other: '# disks' };
    expect([0, 1, 2, 1500].map((n) => plural('en', n, forms))).toEqual(['0 disks', '1 disk', '2 disks', '1,500 disks']);
  });
});
