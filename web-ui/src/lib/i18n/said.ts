// Sentences of the box in the language of the page. The box speaks English; what it says is known here by
// its pattern, where `{0}` stands for what varies and may be a sentence itself. One in which nothing varies is
// known by a number made of its letters, so that the build need not carry it in English, too. Pure.
export type Pattern = readonly [english: string | number, other: string];

interface Known {
  match: RegExp;
  other: string;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether something varies in a sentence. */
export const varies = (english: string): boolean => /\{\d\}/.test(english);

/** The number of a sentence: FNV-1a over its letters. */
export function numbered(text: string): number {
  let number = 0x811c9dc5;
  for (const letter of text) number = Math.imul(number ^ letter.charCodeAt(0), 0x01000193);
  return number >>> 0;
}

export class Sentences {
  readonly #whole = new Map<number, string>();
  readonly #known: Known[] = [];

  constructor(patterns: readonly Pattern[]) {
    for (const [english, other] of patterns) {
      if (typeof english === 'number') this.#whole.set(english, other);
      else if (!varies(english)) this.#whole.set(numbered(english), other);
      else this.#known.push({ match: new RegExp(`^${escape(english).replace(/\\\{\d\\\}/g, '(.+?)')}$`), other });
    }
  }

  /** In the other language; null where the sentence is not known. */
  find(text: string): string | null {
    // A refusal is kept as the box's sources have it, and told with a capital letter and a full stop.
    const bare = text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
    const whole = this.#whole.get(numbered(text)) ?? this.#whole.get(numbered(bare));
    if (whole) return whole;
    for (const { match, other } of this.#known) {
      const parts = match.exec(text);
      if (parts) return other.replace(/\{(\d)\}/g, (_, at: string) => this.part(parts[Number(at) + 1] ?? ''));
    }
    return null;
  }

  /** Part of a sentence: a place, a sentence of its own, or a name that stays as it is. */
  part(text: string): string {
    return this.find(text) ?? text.replace(/^bay (\S+)$/, 'Schacht $1');
  }
}
