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
  // Its errors are named by their word; where it explains them is known.
  ['svelte/src/internal/client/errors.js', /https:\/\/svelte\.dev\/e\//g, '', 58],
  // Nothing moves when it comes, goes, or changes places.
  ['svelte/src/internal/client/dom/blocks/each.js', 'var is_animated = (flags & EACH_IS_ANIMATED) !== 0;', 'const is_animated = false;'],
  ['svelte/src/internal/client/reactivity/effects.js', 'var transitions = effect.nodes && effect.nodes.t;', 'const transitions = null;'],
  ['svelte/src/internal/client/reactivity/effects.js', /var t = effect\.nodes && effect\.nodes\.t;/g, 'const t = null;', 2],
  ['svelte/src/internal/client/reactivity/effects.js', /if \(remaining > 0\) \{(?=\n\t\tvar check)/g, 'if (false) {'],
  // No batch of changes waits for anything.
  ['svelte/src/internal/client/reactivity/batch.js', /this\.#is_deferred\(\)/g, 'false', 2],
  ['svelte/src/internal/client/reactivity/batch.js', '|| this.#skipped_branches.has(effect)', ''],
  ['svelte/src/internal/client/reactivity/batch.js', /\n\t(?:#is_deferred|skip_effect|unskip_effect|register_created_effect|increment|decrement|ondiscard|settled)\([^\n]*\) \{\n[\s\S]*?\n\t\}(?=\n)/g, '', 8],
  ['svelte/src/internal/client/reactivity/effects.js', 'current_batch?.register_created_effect(effect);', ''],
  // Styles are set one by one and never beside a whole `style`; no class is named and switched at one element; none
  // is given as a list.
  ['svelte/src/internal/shared/attributes.js', /\t\tif \(value\) \{(?=\n\t\t\t\/\/ strip)/g, "\t\tif (value) throw new Error('a style beside others is left out');\n\t\tif (false) {"],
  ['svelte/src/internal/shared/attributes.js', '} else if (classname.length) {', '} else if (false) {'],
  ['svelte/src/internal/shared/attributes.js', "import { clsx as _clsx } from 'clsx';", 'const _clsx = String;'],
  ['svelte/src/internal/client/reactivity/async.js', /\tif \(async\.length === 0 && pending\.length === 0\) \{\n\t\tfn\(deriveds\);\n\t\treturn;\n\t\}\n[\s\S]*?\n\}\n/g, "\tif (async.length > 0 || pending.length > 0) throw new Error('awaiting is left out');\n\tfn(deriveds);\n}\n"],
];

const SAID_FOR_NOTHING = [
  [/,\s*\$\$slots: \{ default: true \}/g, ''],
  [/(\$\.(?:child|only_child|first_child|sibling)\([\w$]+(?:\(\))?(?:, \d+)?), true\)/g, '$1)'],
  [/(\$\.push\(\$\$props), true\)/g, '$1)'],
];

/** The words are read where they are said: what only passes them on is left out. */
function plainWords(code) {
  const passed = /const (\w+) = \$\.derived\(\(\) => ((?:words|more)\.m)\);\n/g;
  if (code.match(passed)) met.add('passed words');
  return [...code.matchAll(passed)].reduce((left, [line, name, from]) => left.replace(line, '').replaceAll(`$.get(${name})`, from), code);
}

/** What anything on the page listens to at its root: said once, by the part that is always there. */
const HEARD = ['click', 'change', 'input', 'keydown', 'focusin'];

function heardOnce(id, code) {
  const all = code.replace(/\$\.delegate\(\[([^\]]*)\]\);?/g, (_, said) => {
    const strange = said.split(',').map((one) => one.trim().slice(1, -1)).filter((one) => !HEARD.includes(one));
    if (strange.length > 0) throw new Error(`${id} listens to ${strange}: name it in scripts/unused.mjs`);
    return '';
  });
  return id.endsWith('/src/App.svelte') ? `${all}\n$.delegate(${JSON.stringify(HEARD)});\n` : all;
}

/** What has to be found while the page is built: a file that Svelte moved would otherwise be left as it is, unsaid. */
const EXPECTED = [
  ...new Set([...SWITCHES, ...CUTS].map(([file]) => file)),
  'svelte/src/internal/client/dom/elements/bindings/select.js', 'vite/preload-helper.js',
  '/src/App.svelte', 'is_fork', 'should_defer_append', 'passed words', ...SAID_FOR_NOTHING.map(([from]) => String(from)),
];
let met = new Set();

function once(code, from, to, times = 1) {
  if (code.split(from).length !== times + 1) throw new Error(`Svelte does not have "${from}" as often as it had: look again at what scripts/unused.mjs takes out`);
  return code.replaceAll(from, to);
}

/** The same, and something of it has to be met somewhere. */
function wherever(code, from, to, name = String(from)) {
  const left = code.replace(from, to);
  if (left !== code) met.add(name);
  return left;
}

export const unused = {
  name: 'unused',
  apply: 'build',
  buildStart() {
    met = new Set();
  },
  transform(code, id) {
    for (const file of EXPECTED) if (id.endsWith(file)) met.add(file);
    // The styles are one file and no script is fetched ahead: loading is `import` and nothing else.
    if (id === '\0vite/preload-helper.js') return { code: 'export const __vitePreload = (load) => load();', map: null };
    let left = code;
    for (const [file, name, setting] of SWITCHES) {
      if (!id.endsWith(file)) continue;
      left = once(left, `export let ${name} = false;`, `export const ${name} = false;`);
      left = once(left, setting, `\tthrow new Error('${name} is left out');`);
      if (name === 'async_mode_flag') left = once(left, '\tasync_mode_flag = false;', '');
    }
    for (const [file, from, to, times] of CUTS) if (id.endsWith(file)) left = once(left, from, to, times);
    // Templates: what their nodes are told for pages that a server drew, and for components of the old way.
    if (id.endsWith('.svelte')) {
      for (const [from, to] of SAID_FOR_NOTHING) left = wherever(left, from, to);
      left = heardOnce(id, plainWords(left));
    }
    // No list lets several be chosen.
    if (id.endsWith('svelte/src/internal/client/dom/elements/bindings/select.js')) left = left.replaceAll('select.multiple', 'false');
    // No change is tried before it counts: nothing asks for `fork`.
    if (/svelte.src.internal.client/.test(id)) {
      left = wherever(left, /\b\w+\??\.is_fork\b(?! =)/g, 'false', 'is_fork');
      // Nothing is drawn aside until something else is there.
      left = wherever(left, /= should_defer_append\(\)/g, '= false', 'should_defer_append');
    }
    return left === code ? null : { code: left, map: null };
  },
  buildEnd(error) {
    const missed = EXPECTED.filter((one) => !met.has(one));
    if (!error && missed.length > 0) throw new Error(`not found while the page was built: ${missed.join('; ')}: look again at what scripts/unused.mjs takes out`);
  },
};
