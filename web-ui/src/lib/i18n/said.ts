// Sentences of the box in the language of the page. The box speaks English; what it says is known here by
// its pattern, where `{0}` stands for what varies and may be a sentence itself. Pure.
export type Pattern = readonly [english: string, other: string];

interface Known {
  match: RegExp;
  other: string;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export class Sentences {
  readonly #known: Known[];

  constructor(patterns: readonly Pattern[]) {
    this.#known = patterns.map(([english, other]) => ({
      match: new RegExp(`^${escape(english).replace(/\\\{\d\\\}/g, '(.+?)')}$`),
      other,
    }));
  }

  /** In the other language; null where the sentence is not known. */
  find(text: string): string | null {
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
