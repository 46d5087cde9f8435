// Which language the page speaks, and its words. A catalogue is a typed value: a word that one language
// lacks does not compile. German is loaded when it is wanted.
import { en } from './en';
import { filled } from './filled';
import type { Sentences } from './said';

export type Messages = typeof en;
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Lang = keyof typeof LANGUAGES;
const KEPT = 'holdfast-language';

const loaders: Record<Lang, () => Promise<Messages>> = {
  en: () => Promise.resolve(en),
  de: () => import('./german').then((one) => filled(en, one.de)),
};

/** What the box says, for languages that are not its own. */
const saids: Record<Lang, () => Promise<Sentences | null>> = {
  en: () => Promise.resolve(null),
  de: async () => {
    const { said } = await import('./german');
    return said;
  },
};

class Words {
  chosen = $state<Lang>('en');
  /** For numbers and times: the chosen language as it is spoken where this browser is. */
  lang = $state('en');
  m = $state.raw<Messages>(en);

  #sentences = $state.raw<Sentences | null>(null);

  /** A sentence of the box, and the language that it is in now. */
  said(text: string): { text: string; lang: string } {
    const found = this.#sentences?.find(text);
    return found ? { text: found, lang: this.chosen } : { text, lang: 'en' };
  }

  /** Where a disk is, as people call it here. */
  place(text: string): string {
    return this.#sentences?.part(text) ?? text;
  }

  async use(lang: Lang) {
    [this.m, this.#sentences] = await Promise.all([loaders[lang](), saids[lang]()]);
    this.chosen = lang;
    this.lang = navigator.languages.find((one) => one.startsWith(lang)) ?? lang;
    document.documentElement.lang = lang;
    localStorage.setItem(KEPT, lang);
  }

  async start() {
    const kept = localStorage.getItem(KEPT);
    const wanted = [kept, ...navigator.languages].map((one) => one?.slice(0, 2));
    const lang = wanted.find((one): one is Lang => !!one && one in LANGUAGES) ?? 'en';
    await this.use(lang);
  }
}

export const words = new Words();

export { plural } from '../format';
