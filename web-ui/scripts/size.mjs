// Weighs what was built, packed as `gzip -9` does, against what a page may weigh. Fails above.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = process.argv[2] ?? new URL('../dist/', import.meta.url).pathname;
const KB = 1000;
const budget = { 'first route': 60, 'all scripts': 120, styles: 14, fonts: 95 };

const assets = join(dist, 'assets');
const files = readdirSync(assets).filter((name) => !name.endsWith('.br'));
const weigh = (name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length;
const sum = (names) => [...names].reduce((all, name) => all + weigh(name), 0);
const scripts = files.filter((name) => name.endsWith('.js'));

// What the first route needs: what the page itself names, and what that imports without being asked.
const first = new Set();
const visit = (name) => {
  if (first.has(name)) return;
  first.add(name);
  const text = readFileSync(join(assets, name), 'utf8');
  for (const [, found] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) visit(found);
};
const html = readFileSync(join(dist, 'index.html'), 'utf8');
for (const [, found] of html.matchAll(/\/assets\/([^"']+\.js)/g)) visit(found);
if (first.size < 1) throw new Error('the first route was not found in what was built');

const fonts = files.filter((name) => name.endsWith('.woff2'));
const weights = {
  // The icons stand in the page itself: they count.
  'first route': sum(first) + gzipSync(html, { level: 9 }).length,
  'all scripts': sum(scripts),
  styles: sum(files.filter((name) => name.endsWith('.css'))),
  fonts: fonts.reduce((all, name) => all + readFileSync(join(assets, name)).length, 0),
};
let over = false;
for (const [what, limit] of Object.entries(budget)) {
  const weight = weights[what] / KB;
  if (weight > limit) over = true;
  console.log(`${what}: ${weight.toFixed(1)} KB of ${limit}${weight > limit ? '  TOO MUCH' : ''}`);
}
if (over) process.exit(1);
