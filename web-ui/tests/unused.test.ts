import { expect, it } from 'vitest';
// @ts-expect-error The build's own script has no types.
import { unused } from '../scripts/unused.mjs';

interface Plugin { buildStart(): void; transform(code: string, id: string): unknown; buildEnd(error?: Error): void }
const plugin = unused as unknown as Plugin;

/** A file that Svelte moved or named anew was passed over, and what was to be left out of the page was in it. */
it('what is cut out of Svelte and not found any more stops the build', () => {
  plugin.buildStart();
  plugin.transform('export const moved = 1;', '/node_modules/svelte/src/internal/client/dom/moved.js');
  expect(() => plugin.buildEnd()).toThrow(/hydration\.js.*is_fork/);
  expect(() => plugin.buildEnd(new Error('something else'))).not.toThrow();
  expect(() => plugin.transform('export let other = 1;', '/node_modules/svelte/src/internal/flags/index.js')).toThrow(/legacy_mode_flag/);
});
