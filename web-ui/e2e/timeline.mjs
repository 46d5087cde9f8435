// Photos, told to the fake box: a timeline of three months, and by hand one of a hundred thousand photos.
// `node e2e/timeline.mjs` prints the longest frame while that is scrolled and jumped through;
// `HOLDFAST_MANY=2000` takes fewer. That the watcher sees a long frame is shown first.
import { pathToFileURL } from 'node:url';
import { heading, look, open, wrong } from './drive.mjs';
import { start, usedWorld } from './fake.mjs';
import { photo } from './fakefiles.mjs';
import { well } from './more.mjs';
import { traced } from './traced.mjs';

const DAY = 86_400_000;

/** Small pictures as the box draws them, painted by the browser itself: of several looks, about 12 KB each. */
async function painted(page) {
  const all = await page.evaluate(async () => {
    const found = [];
    for (let look = 0; look < 12; look += 1) {
      const sheet = new OffscreenCanvas(320, look % 3 ? 240 : 320);
      const on = sheet.getContext('2d');
      const sky = on.createLinearGradient(0, 0, 0, 240);
      sky.addColorStop(0, `hsl(${look * 30} 55% 42%)`);
      sky.addColorStop(1, `hsl(${look * 30 + 50} 60% 78%)`);
      on.fillStyle = sky;
      on.fillRect(0, 0, 320, 320);
      for (let hill = 0; hill < 3; hill += 1) {
        on.fillStyle = `hsl(${look * 30 + 120} 30% ${52 - hill * 14}%)`;
        on.beginPath();
        on.moveTo(0, 320);
        for (let x = 0; x <= 320; x += 4) on.lineTo(x, 150 + hill * 34 + 18 * Math.sin(x / (26 + 9 * hill) + look + hill * 2));
        on.lineTo(320, 320);
        on.fill();
      }
      const blob = await sheet.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
      found.push([...new Uint8Array(await blob.arrayBuffer())]);
    }
    return found;
  });
  const bytes = all.map((one) => Buffer.from(one));
  return (path) => (path.endsWith('.jpg') && !path.includes('damaged.jpg') ? bytes[Number(/_(\d+)/.exec(path)?.[1] ?? 0) % bytes.length] : null);
}

function months(count, perDay) {
  return Array.from({ length: count }, (_, n) => {
    const path = `2026/IMG_${String(n).padStart(6, '0')}.${n % 29 === 7 ? 'mp4' : n % 23 === 5 ? 'heic' : 'jpg'}`;
    return photo(n === 3 ? '2026/damaged.jpg' : path, Date.UTC(2026, 10, 20, 18, 30) - (n / perDay) * DAY, `t${n}`, n === 4 ? { taken_from: 'file_time' } : {});
  });
}

/** A timeline with the mouse and with the keyboard alone, a photo with its neighbours, and one that cannot be drawn. */
export async function photos(told) {
  const { page, world } = told;
  world.timelines = { Photos: months(90, 1.3), Empty: [] };
  await well(told, '/files');
  world.small = await painted(page);
  world.sources.push({ name: 'Empty', id: 's9', snapshots: 1, newest: Date.now() });
  await page.goto(`${told.origin()}/#/photos/Empty`);
  await page.reload();
  await heading(page, 'Photos');
  await page.getByText('There are no photos or films in it.').waitFor();
  await look(page, '70-photos-empty');
  await page.getByLabel('From').selectOption('Photos');
  await page.getByText('90 photos and films').waitFor();
  await page.getByRole('heading', { level: 2, name: 'November 2026' }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('.line img')].every((one) => one.complete && one.naturalWidth > 0) && document.querySelectorAll('.line img').length > 8);
  await look(page, '71-photos');
  const name = (n) => new RegExp(`(Photo|Film) .*${n}`);
  await page.getByRole('button', { name: name('IMG_000000') }).focus();
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowUp', 'End']) await page.keyboard.press(key);
  const at = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  if (!at?.includes('IMG_000089')) wrong.push(`the keyboard is at ${at}`);
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The camera says so.').waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('dialog', { name: 'damaged.jpg' }).getByText('It cannot be drawn in small').waitFor();
  await page.keyboard.press('ArrowRight');
  await dialog.getByText('It does not say when it was taken').waitFor();
  await look(page, '72-photo');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.includes('IMG_000004'));
  world.reading = { read: 30, looking: false };
  world.revision = 2;
  await page.reload();
  await page.getByText('The box still reads when they were taken: 30 of 90.').waitFor();
  await page.getByLabel('Language').selectOption('de');
  await heading(page, 'Fotos');
  await look(page, '73-photos-german');
  await page.getByLabel('Sprache').selectOption('en');
  // The page asks for small pictures as long as it shows some: it leaves before they are gone.
  await page.goto(`${told.origin()}/#/`);
  await heading(page, 'Everything is safe.');
  Object.assign(world, { reading: null, timelines: null, small: null });
}

/** The longest frame of a hundred thousand. */
async function measure() {
  const many = Number(process.env.HOLDFAST_MANY ?? 100_000);
  const world = usedWorld();
  const box = await start(world);
  const { browser, page } = await open(box.origin);
  try {
    await page.goto(`${box.origin}/#/`);
    await page.getByLabel('Name').fill(world.name);
    await page.getByLabel('Password', { exact: true }).fill(world.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading(page, 'Everything is safe.');
    world.small = await painted(page);
    world.timelines = { Photos: months(many, 18) };
    await page.goto(`${box.origin}/#/photos/Photos`);
    await page.waitForFunction(() => document.querySelectorAll('.line img').length > 8);
    const stuck = await traced(page, () => page.evaluate(() => {
      const end = performance.now() + 400;
      while (performance.now() < end);
    }));
    if (stuck.over === 0) throw new Error('a long frame is not seen');
    const say = (what, seen, drawn) => console.log(`${what}: ${seen.frames} frames, longest task ${seen.longest.toFixed(0)} ms, ${seen.over} of ${seen.tasks} over 50 ms; without what others took of the processor ${seen.own.toFixed(0)} ms and ${seen.ownOver}; longest gap between frames ${seen.gap.toFixed(0)} ms; ${drawn} tiles drawn`);
    const course = (by, rest) => page.evaluate(([by, rest]) => new Promise((resolve) => {
      window.gaps = [];
      let [before, frames] = [performance.now(), 0];
      const step = () => {
        const now = performance.now();
        window.gaps.push(now - before);
        before = now;
        frames += 1;
        if (innerHeight + scrollY >= document.documentElement.scrollHeight - 2 || frames > 400) return resolve();
        // A wheel rests now and then: then the box is asked, and pictures come.
        if (frames % 40 > rest) scrollBy(0, by);
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    }), [by, rest]);
    for (const [what, by, rest] of [['read through, 300 pixels a frame', 300, 20], ['torn to its end, 6,000 pixels a frame', 6_000, 0]]) {
      await page.evaluate(() => scrollTo(0, 0));
      const seen = await traced(page, () => course(by, rest));
      say(`a timeline of ${many} photos, ${what}`, seen, await page.locator('.line li').count());
    }
    const jumps = await traced(page, async () => {
      const all = await page.getByLabel('Go to').locator('option').evaluateAll((nodes) => nodes.map((node) => node.value));
      for (const value of all.filter((_, n) => n % 8 === 0)) await page.getByLabel('Go to').selectOption(value);
    });
    say('jumps from month to month', jumps, await page.locator('.line li').count());
    if ((await page.locator('.line li').count()) > 250) wrong.push('too many tiles are drawn at once');
    console.log(`memory of the page's scripts: ${(await page.evaluate(() => performance.memory.usedJSHeapSize / 1e6)).toFixed(0)} MB`);
  } finally {
    await browser.close();
    await box.close();
  }
  if (wrong.length > 0) throw new Error([...new Set(wrong)].join('\n'));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await measure();
