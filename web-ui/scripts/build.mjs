// Builds the page into `dist`, and packs each file with brotli beside it. The box serves both.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'vite';

const dist = new URL('../dist/', import.meta.url).pathname;
for (const name of readdirSync(dist)) {
  if (name !== '.gitignore') rmSync(join(dist, name), { recursive: true });
}
await build({ root: new URL('..', import.meta.url).pathname, logLevel: 'warn' });

const packed = new Set(['.js', '.css', '.html', '.svg', '.json', '.txt']);
let count = 0;
for (const entry of readdirSync(dist, { recursive: true })) {
  const path = join(dist, String(entry));
  if (!statSync(path).isFile() || !packed.has(path.slice(path.lastIndexOf('.')))) continue;
  const bytes = readFileSync(path);
  const twin = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  if (twin.length < bytes.length) {
    writeFileSync(`${path}.br`, twin);
    count += 1;
  }
}
console.log(`built into web-ui/dist; ${count} files packed`);
