// Draws the icons that the page names into its index.html, each once, where `<!-- icons -->` stands.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ICONS } from '../src/lib/icons.ts';

const near = createRequire(import.meta.url);

function symbol(name) {
  const svg = readFileSync(near.resolve(`lucide-static/icons/${name}.svg`), 'utf8');
  const drawn = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1].replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>');
  if (!drawn) throw new Error(`${name} is drawn in another way than the others`);
  return `<symbol id="i-${name}" viewBox="0 0 24 24">${drawn}</symbol>`;
}

export const icons = {
  name: 'icons',
  transformIndexHtml: (html) => html.replace('<!-- icons -->', `<svg class="vh" aria-hidden="true">${ICONS.map(symbol).join('')}</svg>`),
};
