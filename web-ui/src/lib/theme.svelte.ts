// Light or dark: the computer's wish, until somebody says otherwise here.
const KEPT = 'holdfast-theme';
type Choice = 'auto' | 'light' | 'dark';

class Theme {
  choice = $state<Choice>('auto');

  start() {
    const kept = localStorage.getItem(KEPT);
    if (kept === 'light' || kept === 'dark') this.use(kept);
  }

  use(choice: Choice) {
    this.choice = choice;
    const root = document.documentElement;
    if (choice === 'auto') {
      delete root.dataset['theme'];
      localStorage.removeItem(KEPT);
    } else {
      root.dataset['theme'] = choice;
      localStorage.setItem(KEPT, choice);
    }
  }

  get isDark(): boolean {
    if (this.choice !== 'auto') return this.choice === 'dark';
    return matchMedia('(prefers-color-scheme: dark)').matches;
  }

  flip() {
    this.use(this.isDark ? 'light' : 'dark');
  }
}

export const theme = new Theme();
