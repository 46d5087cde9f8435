// A real box in desk mode for the stories that want one: started, lent its page, claimed, and played by hand.
// Start at `startBox`.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { extname, join } from 'node:path';
import { POLICY } from './fake.mjs';
import { heading, SHOTS, wrong } from './drive.mjs';

const dist = new URL('../dist/', import.meta.url).pathname;
const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
export const PASSWORD = 'correct horse battery';
export const PATIENCE = 120_000;

/** Waits for a state, not for a time. */
export async function until(what, is) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await is().catch(() => null);
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The programs of this folder, on a port that is free; everything they make stands in target/e2e/NAME. */
export async function startBox(programs, name) {
  const home = join(SHOTS, name);
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: found } = probe.address();
      probe.close(() => resolve(found));
    });
  });
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'holdfastd.toml'), `vault = "vault.toml"\nstate = "state"\nsocket = "box.sock"\nlog = "warn"\n\n[board]\nkind = "desk"\nfolder = "machine"\n\n[web]\nlisten = "127.0.0.1:${port}"\n`);
  const service = spawn(join(programs, 'holdfastd'), ['--config', join(home, 'holdfastd.toml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const box = { home, origin: `https://localhost:${port}`, log: '', lent: false };
  service.stderr.on('data', (part) => (box.log += part));
  box.hand = (...words) => execFileSync(join(programs, 'holdfast'), ['--box', join(home, 'box.sock'), ...words], { encoding: 'utf8', timeout: PATIENCE });
  // Another computer, with a home of its own, that reaches the box over the network only.
  box.elsewhere = (...words) => execFileSync(join(programs, 'holdfast'), words, { encoding: 'utf8', timeout: PATIENCE, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: join(home, 'elsewhere'), XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '', XDG_STATE_HOME: '' } });
  box.stop = async () => {
    service.kill('SIGTERM');
    await new Promise((resolve) => (service.exitCode === null ? service.on('exit', resolve) : resolve()));
  };
  const get = () => new Promise((resolve, reject) => {
    const asked = request(`${box.origin}/`, { rejectUnauthorized: false }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve({ text, headers: response.headers }));
    });
    asked.on('error', reject).end();
  });
  const front = await until('the box answers', get).catch(async (error) => {
    await box.stop();
    throw new Error(`${error}: ${box.log.slice(-2000)}`);
  });
  box.lent = !!process.env.HOLDFAST_LEND || !front.text.includes('/assets/');
  console.log(box.lent ? 'the box is lent the page in dist' : 'the box serves its own page');
  if (front.headers['content-security-policy'] !== POLICY) {
    if (box.lent) console.log('its policy is another one than that of the fake');
    else wrong.push(`the policy of the box is not that of the fake: ${front.headers['content-security-policy']}`);
  }
  return box;
}

/** Gives the page in `dist` to a browser of a box that has none. */
export async function lend(box, page) {
  if (!box.lent) return;
  await page.route((url) => url.origin === box.origin && !url.pathname.startsWith('/api/'), (route) => {
    const path = join(dist, new URL(route.request().url()).pathname.replace(/^\/$/, '/index.html'));
    if (!existsSync(path)) return route.fulfill({ status: 404 });
    return route.fulfill({ body: readFileSync(path), contentType: KINDS[extname(path)], headers: { 'content-security-policy': POLICY } });
  });
}

/** From the code of the first start to an empty Home, with two disks. The 24 words. */
export async function claim(box, page) {
  const { home, origin, hand } = box;
  const code = await until('the code of the first start', async () => readFileSync(join(home, 'state/web/claim-code'), 'utf8').trim());
  for (const [name, bay] of [['red', 'bay-1'], ['green', 'bay-2']]) {
    hand('desk', 'disk', 'new', name, '--gigabytes', '4');
    hand('desk', 'disk', 'insert', name, bay);
  }
  await page.goto(`${origin}/`);
  await heading(page, 'Whose box is this?');
  await page.getByLabel('Code of the box').fill(code);
  await page.getByLabel('Your name').fill('Maya');
  await page.getByLabel('A password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('The same password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Claim this box' }).click();
  await heading(page, 'Which disks hold your files?');
  await page.getByRole('button', { name: 'Use 2 disks' }).click();
  await heading(page, 'How do you open it after a start?');
  await page.getByLabel('Password of the vault, ten letters or more').fill('another long password');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Make the vault and show the words' }).click();
  const again = page.getByRole('dialog', { name: 'Your password, once more' });
  await again.or(page.getByRole('heading', { name: 'Put these words on paper' })).first().waitFor({ timeout: PATIENCE });
  if (await again.isVisible()) {
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await again.getByRole('button', { name: 'Go on' }).click();
  }
  await page.getByRole('heading', { name: 'Put these words on paper' }).waitFor({ timeout: PATIENCE });
  const shown = await page.locator('.sheet li b').allTextContents();
  await page.getByRole('button', { name: 'I have it on paper' }).click();
  await page.getByLabel('Word 4').fill(shown[3]);
  await page.getByLabel('Word 17').fill(shown[16]);
  await page.getByRole('button', { name: 'These are they' }).click();
  await heading(page, 'Whom shall the box tell?');
  await page.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('button', { name: 'Go to Home' }).click();
  await heading(page, 'Nothing is stored yet.');
  return shown;
}
