// Where the page begins: its styles, its words, then the box.
import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { box } from './lib/box.svelte';
import { theme } from './lib/theme.svelte';
import { words } from './lib/i18n/index.svelte';

theme.start();
await words.start();
const target = document.getElementById('app');
if (!target) throw new Error('index.html has no place for the page');
mount(App, { target });
void box.start();
