// Gives a catalogue its keys back, which the build left out of it (`scripts/german.mjs`). Pure.

/** `packed` has the values of `like` in the order of its sorted keys; one that was never packed stays as it is. */
export function filled<T>(like: T, packed: T | unknown[]): T {
  if (!Array.isArray(packed) || Array.isArray(like)) return packed as T;
  const keys = Object.keys(like as object).sort();
  return Object.fromEntries(keys.map((key, i) => [key, filled((like as Record<string, unknown>)[key], packed[i] as unknown[])])) as T;
}
