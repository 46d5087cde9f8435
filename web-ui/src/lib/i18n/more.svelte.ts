// The words of the larger screens, loaded with the first of them, so that the first look at the box need
// not carry them. Follows the language of `words`.
import { filled } from './filled';
import { words, type Lang } from './index.svelte';
import { en } from './more/en';

export type More = typeof en;

const loaders: Record<Lang, () => Promise<More>> = {
  en: () => Promise.resolve(en),
  de: () => import('./german').then((one) => filled(en, one.more)),
};

class MoreWords {
  m = $state.raw<More>(en);

  /** The words of the language that is spoken now are there. */
  async ready() {
    const wanted = words.chosen;
    const found = await loaders[wanted]();
    if (words.chosen === wanted) this.m = found;
  }

  constructor() {
    $effect.root(() => {
      $effect(() => {
        void words.chosen;
        void this.ready();
      });
    });
  }
}

export const more = new MoreWords();
