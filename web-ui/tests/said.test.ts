import { describe, expect, it } from 'vitest';
import { numbered, Sentences, varies } from '../src/lib/i18n/said';
import { patterns } from '../src/lib/i18n/said.de';

const german = new Sentences(patterns);

/** What stands in the box's sources, as it is said: lines joined, what varies left out. */
const files = import.meta.glob<string>('../../firmware/*/src/**/*.rs', { query: '?raw', import: 'default', eager: true });
const said = Object.values(files).join('\n').replace(/\\\n\s*/g, '').replace(/\{[^{}\n]{0,60}\}/g, '');

/** Those that the box puts together of parts, none of which is long enough to be found. */
const assembled = new Set([
  'disk last in {0} ({1})',
  '{0} lack a copy outside this house.',
  '{0} lacks a copy outside this house.',
  'The disk in {0} has {1} files, {2}, that may be new to the vault.',
  'The disk in {0} has files that may be new to the vault.',
  'the disk in {0} ({1})',
  'the disk last in {0} ({1})',
  '{0} has been silent for {1} days; it usually comes every day.',
  '{0} has been silent for {1} days; it usually comes every {2} days.',
  '{0} have only one copy here.',
  '{0} has only one copy here.',
  '{0} has fewer copies than wanted.',
  '{0} have fewer copies than wanted.',
  'The restore is done: {0} files, all read back. It is safe to unplug the drive in {1}.',
]);

describe('sentences of the box', () => {
  it('are said in German, with what varies in them', () => {
    expect(german.find('It is blank.')).toBe('Sie ist leer.');
    expect(german.find('The disk in bay 2 is out; that was the right one.')).toBe('Die Platte in Schacht 2 ist draußen; es war die richtige.');
    expect(german.find('The disk in bay 2 (WD Red..K8QD): The disk is well.')).toBe('Die Platte in Schacht 2 (WD Red..K8QD): Der Platte geht es gut.');
    expect(german.find("A device of ada's (1a2b3c4d) has been silent for 9 days; it usually comes every 7 days.")).toBe('Ein Gerät von ada (1a2b3c4d) schweigt seit 9 Tagen; sonst kommt es alle 7 Tage.');
    expect(german.find('On it: ext4 called Old, 12 files, 3.4 GB.')).toBe('Darauf: ext4 namens Old, 12 Dateien, 3.4 GB.');
  });

  /** They are told with a capital letter and a full stop, and were looked for without: none of them was German. */
  it('that refuse are said in German as they are told', () => {
    expect(german.find('This is not the code.')).toBe('Das ist nicht der Code.');
    expect(german.find('Your key is not plugged into the box.')).toBe('Ihr Schlüssel steckt nicht in der Box.');
    expect(german.find('Your key let somebody in already since it was plugged in.')).toContain('schon jemanden herein');
  });

  it('stay English where they are not known', () => {
    expect(german.find('It is blank. And more.')).toBeNull();
    expect(german.find('')).toBeNull();
  });

  it('have numbers of their own', () => {
    const fixed = patterns.map(([english]) => String(english)).filter((english) => !varies(english));
    expect(new Set(fixed.map(numbered)).size).toBe(fixed.length);
    expect(new Sentences([[numbered('It is blank.'), 'Sie ist leer.']]).find('It is blank.')).toBe('Sie ist leer.');
  });

  it('every pattern is one that the box still says', () => {
    const longest = (english: string) => english.split(/\{\d\}/).sort((a, b) => b.length - a.length)[0] ?? '';
    const bare = (text: string) => text.trim().replace(/^The |^On it: |[.:,]$/g, '').trim();
    const stale = patterns.map(([english]) => String(english)).filter((english) => !assembled.has(english) && !said.includes(bare(longest(english))));
    expect(stale).toEqual([]);
    expect(said.includes(bare('A sentence that no box says.'))).toBe(false);
  });
});
