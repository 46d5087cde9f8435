// Packs the German catalogues: their keys are those of the English ones, so they are left out of the build, and
// the values stand in the order of their sorted keys. `src/lib/i18n/filled.ts` gives the keys back. A third of a
// catalogue's weight is keys. Of the box's own sentences those in which nothing varies are known by a number.
import { numbered, varies } from '../src/lib/i18n/said.ts';

const SAID = /i18n.said\.de\.ts$/;
const NAMED = /i18n.(more.)?(friends\.)?de\.ts$/;

/** The text of a value with every object in it as a list; functions stay as they are. */
function packed(node, code) {
  if (node.type !== 'ObjectExpression') return code.slice(node.start, node.end);
  const values = node.properties.map((one) => {
    if (one.type !== 'Property' || one.computed) throw new Error('a catalogue names each of its words');
    return [String(one.key.name ?? one.key.value), packed(one.value, code)];
  });
  return `[${values.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value).join(',')}]`;
}

/** Numbers in the place of sentences in which nothing varies. */
function bySum(code, { body }) {
  const list = body.map(({ declaration }) => declaration?.declarations?.[0]?.init).find((init) => init?.type === 'ArrayExpression');
  if (!list) throw new Error('the sentences of the box are no list any more: look again at scripts/german.mjs');
  const fixed = list.elements.map((one) => one.elements[0]).filter(({ value }) => !varies(value));
  if (new Set(fixed.map(({ value }) => numbered(value))).size < fixed.length) throw new Error('two sentences of the box have one number');
  for (const one of fixed.toReversed()) code = code.slice(0, one.start) + numbered(one.value) + code.slice(one.end);
  return code;
}

export const german = {
  name: 'german',
  apply: 'build',
  // Types are gone by then.
  enforce: 'post',
  transform(code, id) {
    if (SAID.test(id)) return { code: bySum(code, this.parse(code)), map: null };
    if (!NAMED.test(id)) return null;
    for (const { declaration } of this.parse(code).body.toReversed()) {
      const value = declaration?.declarations?.[0]?.init;
      if (value?.type === 'ObjectExpression') code = code.slice(0, value.start) + packed(value, code) + code.slice(value.end);
    }
    return { code, map: null };
  },
};
