// Takes out of Svelte what this page never asks of it: pages drawn by a server first, components written
// the old way, and awaiting inside a component. Svelte keeps each behind a switch, for builders to leave it
// out; ours leaves out only what hangs on a constant, so the switches become constants here.
const SWITCHES = [
  ['svelte/src/internal/client/dom/hydration.js', 'hydrating', '\thydrating = value;'],
  ['svelte/src/internal/flags/index.js', 'legacy_mode_flag', '\tlegacy_mode_flag = true;'],
  ['svelte/src/internal/flags/index.js', 'tracing_mode_flag', '\ttracing_mode_flag = true;'],
  ['svelte/src/internal/flags/index.js', 'async_mode_flag', '\tasync_mode_flag = true;'],
];

function once(code, from, to) {
  if (code.split(from).length !== 2) throw new Error(`Svelte has no single "${from}": look again at what scripts/unused.mjs takes out`);
  return code.replace(from, to);
}

export const unused = {
  name: 'unused',
  apply: 'build',
  transform(code, id) {
    let left = code;
    for (const [file, name, setting] of SWITCHES) {
      if (!id.endsWith(file)) continue;
      left = once(left, `export let ${name} = false;`, `export const ${name} = false;`);
      left = once(left, setting, `\tthrow new Error('${name} is left out');`);
      if (name === 'async_mode_flag') left = once(left, '\tasync_mode_flag = false;', '');
    }
    return left === code ? null : { code: left, map: null };
  },
};
