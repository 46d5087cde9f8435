// Numbers and times as people read them. Pure: language, zone and "now" are arguments.

/** A maker of words that was made already: making one costs a hundred times what using it does, and a list
 * of files wants five for each row. */
function once<T, O>(made: Map<string, T>, kind: new (lang: string, options: O) => T, lang: string, options: O): T {
  const key = lang + JSON.stringify(options);
  let one = made.get(key);
  if (!one) made.set(key, (one = new kind(lang, options)));
  return one;
}

const [NUMBERS, DATES, SINCE, FORMS] = [new Map<string, Intl.NumberFormat>(), new Map<string, Intl.DateTimeFormat>(), new Map<string, Intl.RelativeTimeFormat>(), new Map<string, Intl.PluralRules>()];
const numbers = (lang: string, options: Intl.NumberFormatOptions) => once(NUMBERS, Intl.NumberFormat, lang, options);
const dates = (lang: string, options: Intl.DateTimeFormatOptions) => once(DATES, Intl.DateTimeFormat, lang, options);
const relative = (lang: string) => once(SINCE, Intl.RelativeTimeFormat, lang, { numeric: 'auto' } as const);

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** `4 TB`, as it is printed on disks: steps of a thousand. */
export function bytes(count: number, lang: string): string {
  let step = 0;
  let rest = Math.max(0, count);
  while (rest >= 999.5 && step < UNITS.length - 1) {
    rest /= 1000;
    step += 1;
  }
  const digits = step === 0 || rest >= 99.5 || Number.isInteger(Math.round(rest * 10) / 10) ? 0 : 1;
  const unit = UNITS[step] as string;
  return numbers(lang, {
    style: 'unit',
    unit,
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: digits,
  }).format(rest);
}

/** `112 MB/s`. */
export function rate(perSecond: number, lang: string): string {
  return `${bytes(perSecond, lang)}/s`;
}

/** `2.5 Gb/s`, as it is printed on network sockets. */
export function speed(mbit: number, lang: string): string {
  const unit = mbit >= 1000 ? 'gigabit-per-second' : 'megabit-per-second';
  return numbers(lang, { style: 'unit', unit, maximumFractionDigits: 1 }).format(mbit >= 1000 ? mbit / 1000 : mbit);
}

export function percent(part: number, lang: string): string {
  // What is not all of it is never called all of it.
  const honest = part < 1 ? Math.min(part, 0.99) : 1;
  return numbers(lang, { style: 'percent', maximumFractionDigits: 0 }).format(Math.max(0, honest));
}

const SPANS: [Intl.RelativeTimeFormatUnit & string, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** `3 hours`, `2 minutes`: the largest unit that fits, rounded up so that nobody comes back too early. */
export function span(ms: number, lang: string): string {
  for (const [unit, size] of SPANS) {
    if (ms >= size || unit === 'second') {
      const count = Math.max(1, Math.ceil(ms / size - 0.05));
      return numbers(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
    }
  }
  return '';
}

/** `5 minutes ago`. */
export function ago(then: number, now: number, lang: string): string {
  const past = now - then;
  const words = relative(lang);
  for (const [unit, size] of SPANS) {
    if (past >= size) return words.format(-Math.floor(past / size), unit);
  }
  return words.format(0, 'second');
}

/** `26 November`, with the year where it is another one. */
export function day(at: number, now: number, lang: string, zone?: string): string {
  const options = zone ? { timeZone: zone } : {};
  const year = (ms: number) => dates('en-CA', options).format(ms).slice(0, 4);
  return dates(lang, { day: 'numeric', month: 'long', ...(year(at) === year(now) ? {} : { year: 'numeric' }), ...options }).format(at);
}

/** `today 14:03`, `26 November, 14:03`. */
export function moment(at: number, now: number, lang: string, zone?: string): string {
  const options = zone ? { timeZone: zone } : {};
  const whole = (ms: number) => dates('en-CA', options).format(ms);
  const time = dates(lang, { hour: '2-digit', minute: '2-digit', ...options }).format(at);
  return whole(at) === whole(now) ? `${relative(lang).format(0, 'day')} ${time}` : `${day(at, now, lang, zone)}, ${time}`;
}

export function number(count: number, lang: string): string {
  return numbers(lang, {}).format(count);
}

/** The form of a word that goes with a number, as its language has it. */
export function plural(lang: string, count: number, forms: { one: string; other: string }): string {
  const form = once(FORMS, Intl.PluralRules, lang, {}).select(count) === 'one' ? forms.one : forms.other;
  return form.replace('#', number(count, lang));
}
