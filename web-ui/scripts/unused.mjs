// Takes out of Svelte what this page never asks of it: pages drawn by a server first, components written
// the old way, components as elements of their own, awaiting inside a component, what is drawn while that lasts,
// and trying a change before it counts. Svelte keeps some behind switches, for builders to leave out; ours
// leaves out only what hangs on a constant, so the switches become constants here. The rest is cut out by hand.
// A page that used one of these would not build, or would fail at once; the stories in `e2e` drive all of it.
const SWITCHES = [
  ['svelte/src/internal/client/dom/hydration.js', 'hydrating', '\thydrating = value;'],
  ['svelte/src/internal/flags/index.js', 'legacy_mode_flag', '\tlegacy_mode_flag = true;'],
  ['svelte/src/internal/flags/index.js', 'tracing_mode_flag', '\ttracing_mode_flag = true;'],
  ['svelte/src/internal/flags/index.js', 'async_mode_flag', '\tasync_mode_flag = true;'],
];

const CUTS = [
  // Without these no module of the page needs the classes and functions behind them.
  ['svelte/src/internal/client/dom/elements/custom-element.js', "if (typeof HTMLElement === 'function') {", 'if (false) {'],
  ['svelte/src/internal/client/render.js', "import { boundary } from './dom/blocks/boundary.js';", 'const boundary = (anchor, _, draw) => branch(() => draw(anchor));'],
  ['svelte/src/internal/client/render.js', "import { component_root } from './reactivity/effects.js';", "import { branch, component_root } from './reactivity/effects.js';"],
  ['svelte/src/internal/client/reactivity/async.js', /\tif \(async\.length === 0 && pending\.length === 0\) \{\n\t\tfn\(deriveds\);\n\t\treturn;\n\t\}\n[\s\S]*?\n\}\n/g, "\tif (async.length > 0 || pending.length > 0) throw new Error('awaiting is left out');\n\tfn(deriveds);\n}\n"],
];

function once(code, from, to) {
  if (code.split(from).length !== 2) throw new Error(`Svelte has no single "${from}": look again at what scripts/unused.mjs takes out`);
  return code.replace(from, to);
}

export const unused = {
  name: 'unused',
  apply: 'build',
  transform(code, id) {
    // The styles are one file and no script is fetched ahead: loading is `import` and nothing else.
    if (id === '\0vite/preload-helper.js') return { code: 'export const __vitePreload = (load) => load();', map: null };
    let left = code;
    for (const [file, name, setting] of SWITCHES) {
      if (!id.endsWith(file)) continue;
      left = once(left, `export let ${name} = false;`, `export const ${name} = false;`);
      left = once(left, setting, `\tthrow new Error('${name} is left out');`);
      if (name === 'async_mode_flag') left = once(left, '\tasync_mode_flag = false;', '');
    }
    for (const [file, from, to] of CUTS) if (id.endsWith(file)) left = once(left, from, to);
    // No change is tried before it counts: nothing asks for `fork`.
    if (/svelte.src.internal.client/.test(id)) left = left.replace(/\b\w+\??\.is_fork\b(?! =)/g, 'false');
    return left === code ? null : { code: left, map: null };
  },
};
