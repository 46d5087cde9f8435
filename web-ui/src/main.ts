// Where the page begins: its styles, its words, then the box.
import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { box } from './lib/box.svelte';
import { theme } from './lib/theme.svelte';
import { words } from './lib/i18n/index.svelte';

async function begin(target: HTMLElement) {
  theme.start();
  // The answers are on their way while the page is drawn.
  void box.start();
  await words.start();
  mount(App, { target });
}

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no place for the page');
// Not awaited here: another language is a file that waits for this one to be through.
void begin(target);
