// Makes the types of what the box answers from its document. With `--check` it only says whether they
// are of this document.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const document = new URL('../openapi.json', import.meta.url);
const place = new URL('../src/lib/api/schema.d.ts', import.meta.url);
const head = '// Made by `npm run types` from openapi.json. Change the box, not this file.\n\n';
const text = head + astToString(await openapiTS(document));
if (process.argv.includes('--check')) {
  let kept = '';
  try {
    kept = readFileSync(place, 'utf8');
  } catch {
    // Nothing is there: that is not the same either.
  }
  if (kept !== text) {
    console.error('src/lib/api/schema.d.ts is not of this openapi.json: npm run types');
    process.exit(1);
  }
} else {
  writeFileSync(place, text);
}
