// How the page is built: small files with hashed names and nothing that a strict policy refuses.
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { german } from './scripts/german.mjs';
import { icons } from './scripts/icons.mjs';
import { unused } from './scripts/unused.mjs';

const root = readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8');
const version = /^version = "([^"]+)"/m.exec(root)?.[1];
if (!version) throw new Error('Cargo.toml names no version');

export default defineConfig({
  plugins: [svelte(), icons, unused, german],
  // The version of the box that this page is built for: it says so when another one answers.
  define: { __VERSION__: JSON.stringify(version) },
  build: {
    target: 'es2022',
    // `dist` keeps a file of its own for git; the build script empties the rest.
    emptyOutDir: false,
    // Inlined files would be `data:` addresses, which the policy takes for pictures only.
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    // What Svelte calls for pages drawn by a server first does nothing here; see scripts/unused.mjs.
    // A file of its own for a few lines costs more than the lines. What the first route has anyway is one.
    rolldownOptions: { treeshake: { manualPureFunctions: ['$.reset', '$.next', '$.remove_input_defaults', '$.remove_textarea_child', '$.replay_events'] }, output: { codeSplitting: { groups: [
      { name: 'first', test: /src.main\.ts$/ },
    ] } } },
  },
  server: { proxy: { '/api': { target: 'https://localhost:8443', secure: false, changeOrigin: true } } },
});
