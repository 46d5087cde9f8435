// What every story in a browser shares: Debian's Chromium, what it complains of, what it asks of others,
// whether a screen is usable, and a picture of it. Start at `open`.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const SHOTS = new URL('../../target/e2e/', import.meta.url).pathname;
const BROWSERS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Whatever is wrong, collected: a run shows all of it at its end. */
export const wrong = [];
export const counts = { axe: 0, shots: 0, requests: 0 };

export async function open(origin) {
  mkdirSync(SHOTS, { recursive: true });
  const executablePath = BROWSERS.find((path) => path && exists(path));
  if (!executablePath) throw new Error('there is no Chromium: apt-get install chromium');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  watch(page, origin);
  return { browser, context, page };
}

function exists(path) {
  try {
    readFileSync(path, { flag: 'r' });
    return true;
  } catch {
    return false;
  }
}

/** The box refuses by a status, which a browser notes as an error; those are no errors of the page. */
export const refusals = /the server responded with a status of (400|401|403|409|423|507)/;

function watch(page, origin) {
  page.on('console', (said) => {
    if (said.type() !== 'error' || refusals.test(said.text())) return;
    // While a test has switched the box off, the browser says so of each try.
    if (page.isAway && /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|ERR_INCOMPLETE_CHUNKED/.test(said.text())) return;
    wrong.push(`console: ${said.text()} at ${said.location().url}`);
  });
  page.on('pageerror', (error) => wrong.push(`page: ${error.message}`));
  page.on('request', (request) => {
    counts.requests += 1;
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:') && !url.startsWith('blob:')) wrong.push(`asked outside: ${url}`);
  });
}

/** Looks at a screen in both themes and two widths: what axe finds, whether it runs over, and pictures. */
export async function look(page, name) {
  if (process.env.HOLDFAST_NO_LOOK) return;
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.evaluate(() => document.fonts.ready);
      await findings(page, `${name} ${scheme} ${width}`);
      await page.screenshot({ path: join(SHOTS, `${name}-${scheme}-${width}.png`), fullPage: true });
      counts.shots += 1;
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  if (process.env.HOLDFAST_GERMAN) await inGerman(page, name);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** The same screen in German, whatever is open on it, and back in English. */
async function inGerman(page, name) {
  const speak = async (lang) => {
    const was = await page.evaluate((to) => {
      const list = document.querySelector('select:has(option[value="de"])');
      const was = document.documentElement.lang;
      if (list && was !== to) Object.assign(list, { value: to }).dispatchEvent(new Event('change', { bubbles: true }));
      return list && was !== to ? was : null;
    }, lang);
    if (was) await page.waitForFunction((to) => document.documentElement.lang === to, lang);
    return was;
  };
  const was = await speak('de');
  if (!was) return;
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await findings(page, `${name} german ${width}`);
    await page.screenshot({ path: join(SHOTS, `${name}-german-${width}.png`), fullPage: true });
    counts.shots += 1;
  }
  await speak(was);
}

async function findings(page, where) {
  // Through the debugger: the page's own policy would refuse a script that stands in it.
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  counts.axe += 1;
  for (const one of found.violations) {
    wrong.push(`axe, ${where}: ${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`);
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) wrong.push(`${where}: runs over by ${over} px`);
}

/** The heading of the screen that is shown. */
export async function heading(page, text) {
  await page.getByRole('heading', { level: 1, name: text }).waitFor();
}

/** A button or link, reached and pressed by the keyboard alone. */
export async function press(page, name) {
  const target = page.getByRole('button', { name }).or(page.getByRole('link', { name })).first();
  await target.waitFor();
  const isThere = () => target.evaluate((node) => node === document.activeElement);
  for (let i = 0; i < 80 && !(await isThere()); i += 1) await page.keyboard.press('Tab');
  if (!(await isThere())) wrong.push(`the keyboard does not reach ${name}`);
  await page.keyboard.press('Enter');
}
