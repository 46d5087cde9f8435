// The page against the real program in desk mode: claim, choose disks, words on paper, Home, a disk that is
// pulled, one that fails and is swapped, new words. `node e2e/real.mjs FOLDER` names the folder with
// `holdfast` and `holdfastd`. Everything it makes stands in target/e2e/box. A box that was built without its
// page is lent the one in `dist`; with HOLDFAST_LEND=1 any box is.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { counts, heading, look, open, press, SHOTS, wrong } from './drive.mjs';
import { claim, lend, PATIENCE, startBox } from './realbox.mjs';

const programs = process.argv[2];
if (!programs) throw new Error('name the folder of the programs');
const box = await startBox(programs, 'box');
const { home, origin, hand } = box;

/** A file that is stored in the page, changed, looked at as it was, brought back, deleted. */
async function files(page) {
  await page.goto(`${origin}/#/files`);
  await heading(page, 'Files');
  const note = join(home, 'note.txt');
  const store = async (text) => {
    writeFileSync(note, text);
    await page.getByLabel('Choose files', { exact: true }).last().setInputFiles(note);
  };
  await page.getByLabel('Store them under').fill('papers');
  await store('first words\n');
  await page.getByText('On 2 disks').waitFor();
  await page.getByRole('link', { name: 'papers' }).click();
  await heading(page, 'papers');
  await page.getByRole('button', { name: 'note.txt', exact: true }).click();
  await page.getByText('first words').waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete: note.txt' }).click();
  await page.getByText('note.txt was deleted.').waitFor();
  await store('second words, and more\n');
  await page.getByRole('button', { name: 'note.txt', exact: true }).waitFor();
  // Large enough to be gone on with: the page is loaded anew while it is on its way.
  const big = join(home, 'film.bin');
  writeFileSync(big, randomBytes(24_000_000));
  const slow = await page.context().newCDPSession(page);
  await slow.send('Network.enable');
  await slow.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2_000_000 });
  await page.getByLabel('Choose files', { exact: true }).last().setInputFiles(big);
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('holdfast-upload')));
  await page.getByText(/^[1-9]\d?%$/).waitFor();
  page.isAway = true;
  await page.reload();
  await heading(page, 'papers');
  page.isAway = false;
  await page.getByText('was not finished before this page was loaded').waitFor();
  await look(page, 'real-5-upload-after-reload');
  await slow.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await page.getByLabel('Choose files', { exact: true }).last().setInputFiles(big);
  await page.getByText('went on where it was').waitFor();
  await page.getByText('On 2 disks').waitFor();
  await page.getByRole('button', { name: 'film.bin', exact: true }).waitFor();
  const back = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/files/papers/content?path=film.bin');
    const sum = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
    return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  });
  if (back !== createHash('sha256').update(readFileSync(big)).digest('hex')) wrong.push('what was uploaded over a reload came back different');
  await page.getByLabel('Go back in time').fill('0');
  await page.getByText('The past cannot be changed').waitFor();
  await look(page, 'real-6-folder-then');
  await page.getByRole('button', { name: 'Bring back: note.txt' }).click();
  await page.getByText('so both are kept').waitFor();
  await page.getByRole('button', { name: 'note (2).txt', exact: true }).click();
  await page.getByText('first words').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await look(page, 'real-7-folder-both');
}

/** Everything onto a stick, and what the stick is then. */
async function rescues(page) {
  hand('desk', 'disk', 'new', 'stick', '--usb', '--formatted', '--gigabytes', '4');
  hand('desk', 'disk', 'insert', 'stick', 'usb-front');
  await page.goto(`${origin}/#/restore`);
  await heading(page, 'Restore');
  await page.getByRole('checkbox').first().check();
  await page.getByRole('button', { name: 'Write the files to this drive' }).click();
  const again = page.getByRole('dialog', { name: 'Your password, once more' });
  await again.or(page.getByText('All of it is there')).first().waitFor({ timeout: PATIENCE });
  if (await again.isVisible()) {
    await again.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await again.getByRole('button', { name: 'Go on' }).click();
  }
  await page.getByText('All of it is there').waitFor({ timeout: PATIENCE });
  await look(page, 'real-8-restored');
  await page.getByText(/, [1-9]\d* files/).first().waitFor({ timeout: PATIENCE });
  await page.getByRole('button', { name: /^Read this drive again/ }).click();
  await page.getByText('each as it was written').waitFor({ timeout: PATIENCE });
  hand('desk', 'disk', 'pull', 'stick');
}

/** The password once more, typed where it is asked for, until this is there. */
async function typed(page, there) {
  const again = page.getByRole('dialog', { name: 'Your password, once more' });
  await again.or(there).first().waitFor({ timeout: PATIENCE });
  if (!(await again.isVisible())) return;
  await page.keyboard.type('correct horse battery');
  await page.keyboard.press('Enter');
  await there.waitFor({ timeout: PATIENCE });
}

/** A disk that fails is swapped with the keyboard alone; the wrong one is pulled in between. */
async function swaps(page) {
  const head = (name) => page.getByRole('heading', { name });
  await page.goto(`${origin}/#/`);
  await heading(page, 'Everything is safe.');
  hand('desk', 'disk', 'fail', 'red');
  // A disk at rest is found out when it is used.
  await press(page, 'Check every byte now');
  await press(page, 'Replace this disk');
  await heading(page, 'Replace the disk in bay 1');
  await press(page, 'Replace it');
  await typed(page, head('Put a new disk in'));
  await look(page, 'real-10-swap-insert');
  hand('desk', 'disk', 'new', 'blue', '--gigabytes', '4');
  hand('desk', 'disk', 'insert', 'blue', 'bay-3');
  await press(page, 'Use this one instead');
  await typed(page, head('The old disk may be pulled'));
  await look(page, 'real-11-swap-pull');
  // The wrong one: told so at once, put back, and nothing was decided by it.
  hand('desk', 'disk', 'pull', 'green');
  await page.getByText('it is not the one that is swapped').waitFor();
  await look(page, 'real-12-swap-wrong-one');
  hand('desk', 'disk', 'insert', 'green', 'bay-2');
  await page.getByText('it is not the one that is swapped').waitFor({ state: 'detached' });
  hand('desk', 'disk', 'pull', 'red');
  await head('Nothing is missing').waitFor({ timeout: PATIENCE });
  await look(page, 'real-13-swap-done');
  // The check that found the disk is the last that was made: what it missed is looked at again.
  await page.goto(`${origin}/#/`);
  await heading(page, 'Something needs you.');
  await press(page, 'Check every byte now');
  await page.getByRole('heading', { level: 1, name: 'Everything is safe.' }).waitFor({ timeout: PATIENCE });
}

/** A computer is paired with the code that the page shows, backs itself up, and is taken away; quiet hours are set. */
async function connects(page) {
  await page.goto(`${origin}/#/settings`);
  await heading(page, 'Settings');
  await page.getByRole('button', { name: 'Pair a computer' }).click();
  await page.getByRole('button', { name: 'Make a code' }).click();
  const code = page.locator('code.code');
  await typed(page, code);
  const at = new URL(origin).host;
  await page.getByText(`holdfast pair ${at}`).waitFor();
  mkdirSync(join(home, 'elsewhere/papers'), { recursive: true });
  writeFileSync(join(home, 'elsewhere/papers/note.txt'), 'From another computer.\n');
  writeFileSync(join(home, 'code.txt'), await code.innerText());
  box.elsewhere('pair', at, '--code-file', join(home, 'code.txt'), '--name', 'laptop');
  await page.getByText('laptop is paired.').waitFor();
  await page.getByText('no backup yet').waitFor();
  box.elsewhere('--box', at, 'backup', join(home, 'elsewhere/papers'));
  // The box tells no news of what a computer stores: whoever comes to the screen is told.
  await page.reload();
  await page.getByText(/last backup today/).waitFor();
  if (await page.getByText('0 bytes stored').count()) wrong.push('what nobody counts is called nothing');
  await look(page, 'real-9-computer');
  await page.getByRole('button', { name: 'Remove laptop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove laptop' }).click();
  await page.getByText('No computer is paired yet.').waitFor();
  let refused = false;
  try {
    box.elsewhere('--box', at, 'snapshots');
  } catch {
    refused = true;
  }
  if (!refused) wrong.push('a computer that was removed still comes in');
  await page.getByText('The box listens to itself only').waitFor();
  await page.getByRole('button', { name: 'Set quiet hours' }).click();
  await page.getByLabel('Until', { exact: true }).fill('06:15');
  await page.getByRole('button', { name: 'Keep these hours quiet' }).click();
  await page.getByText('22:00 - 06:15').waitFor();
  await page.reload();
  await page.getByText('22:00 - 06:15').waitFor();
}

/** Another sheet of words, and the box begun anew: the old words open it no more, the new ones do. */
async function rekeys(page, old) {
  await page.goto(`${origin}/#/settings`);
  await heading(page, 'Settings');
  await page.getByRole('button', { name: 'Make a new recovery kit' }).click();
  await page.getByLabel('The 24 words of the recovery kit').check();
  await page.getByLabel('The 24 words, in their order').fill(old.join(' '));
  await page.getByRole('button', { name: 'Make a new recovery kit' }).click();
  await typed(page, page.getByText('These words open nothing yet.'));
  const fresh = await page.locator('.sheet li b').allTextContents();
  await page.getByRole('button', { name: 'I have it on paper' }).click();
  await page.getByLabel('Word 4').fill(fresh[3]);
  await page.getByLabel('Word 17').fill(fresh[16]);
  await page.getByRole('button', { name: 'These are they' }).click();
  await page.getByText('The new sheet counts').waitFor({ timeout: PATIENCE });
  page.isAway = true;
  await page.getByRole('button', { name: 'Start anew' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start anew' }).click();
  await page.goto(`${origin}/#/`);
  await page.getByRole('heading', { level: 1, name: 'The box waits for its key' }).waitFor({ timeout: PATIENCE });
  page.isAway = false;
  await page.getByLabel('The 24 words of the recovery kit').check();
  const field = page.getByLabel('The 24 words, in their order');
  await field.fill(old.join(' '));
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.getByText('It is still locked.').waitFor({ timeout: PATIENCE });
  await field.fill(fresh.join(' '));
  await page.getByRole('button', { name: 'Open it' }).click();
  await page.getByRole('heading', { level: 1, name: 'Everything is safe.' }).waitFor({ timeout: PATIENCE });
}

let browser;
try {
  const opened = await open(origin);
  browser = opened.browser;
  const { page } = opened;
  await lend(box, page);
  const shown = await claim(box, page);
  await look(page, 'real-1-home-empty');
  mkdirSync(join(home, 'things'), { recursive: true });
  writeFileSync(join(home, 'things/letter.txt'), 'Something to keep.\n');
  hand('backup', '--source', 'things', join(home, 'things'));
  await heading(page, 'Everything is safe.');
  await page.getByText('How do we know?').click();
  await look(page, 'real-2-home-safe');
  await files(page);
  await rescues(page);
  await page.goto(`${origin}/#/`);
  await heading(page, 'Everything is safe.');
  hand('desk', 'disk', 'pull', 'green');
  await page.getByRole('heading', { level: 1, name: /needs you|Not every disk|badly wrong|worth knowing/ }).waitFor();
  await look(page, 'real-3-home-pulled');
  await page.goto(`${origin}/#/disks`);
  await heading(page, 'Disks');
  await look(page, 'real-4-disks-pulled');
  hand('desk', 'disk', 'insert', 'green', 'bay-2');
  await page.goto(`${origin}/#/`);
  await heading(page, 'Everything is safe.');
  await connects(page);
  await swaps(page);
  await rekeys(page, shown);
} catch (error) {
  await browser?.contexts()[0]?.pages()[0]?.screenshot({ path: `${SHOTS}/failed.png` });
  wrong.push(String(error), box.log.slice(-2000));
} finally {
  await browser?.close();
  await box.stop();
}
console.log(`${counts.shots} pictures in target/e2e, ${counts.axe} checks by axe, ${counts.requests} requests, ${wrong.length} findings`);
if (wrong.length > 0) {
  console.error([...new Set(wrong)].join('\n'));
  process.exit(1);
}
