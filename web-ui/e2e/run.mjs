// The page in a real browser. `npm run e2e` drives it against the box of `fake.mjs`, which a test can set
// into states that a healthy box is seldom in. Fails on any finding of axe, any complaint of the browser,
// any request to somebody else, and first of all shows that it would have seen them.
import { newWorld, start, usedWorld, volume, job, disk } from './fake.mjs';
import { friends } from './friends.mjs';
import { keys } from './keys.mjs';
import { stories as others, well } from './more.mjs';
import { photos } from './timeline.mjs';
import { counts, heading, look, open, press, SHOTS, wrong } from './drive.mjs';

const world = newWorld();
let box = await start(world);
const { browser, page } = await open(box.origin);

/** The watchers see what they are there for. */
async function sabotage() {
  await page.goto(`${box.origin}/`);
  await heading(page, 'Whose box is this?');
  await page.evaluate(() => {
    const picture = document.createElement('img');
    picture.src = 'http://127.0.0.1:9/outside.png';
    document.body.append(picture);
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    document.querySelector('label').remove();
    document.body.style.width = '3000px';
  });
  const before = counts.shots;
  await look(page, 'sabotaged');
  counts.shots = before;
  const ran = await page.evaluate(() => window.ran === true);
  for (const [what, seen] of [
    ['a script in the page is refused', !ran && wrong.some((one) => one.startsWith('console: ') && /script/i.test(one))],
    ['a request to somebody else is seen', wrong.some((one) => /outside.png/.test(one))],
    ['a field without a name is seen', wrong.some((one) => one.startsWith('axe') && /label/.test(one))],
    ['what runs over is seen', wrong.some((one) => /runs over/.test(one))],
  ]) {
    if (!seen) throw new Error(`the watchers are blind: ${what} failed: ${wrong.join('\n')}`);
  }
  wrong.length = 0;
}

async function claims() {
  await page.goto(`${box.origin}/`);
  await heading(page, 'Whose box is this?');
  await look(page, '01-claim');
  await page.getByLabel('Code of the box').fill('wrong');
  await page.getByLabel('Your name').fill('Maya');
  await page.getByLabel('A password', { exact: true }).fill('correct horse battery');
  await page.getByLabel('The same password again').fill('correct horse battery');
  await page.getByRole('button', { name: 'Claim this box' }).click();
  await page.getByRole('alert').getByText('This is not the code.').waitFor();
  await look(page, '02-claim-refused');
  await page.getByLabel('Code of the box').fill(world.code);
  await page.getByRole('button', { name: 'Claim this box' }).click();
  await heading(page, 'Which disks hold your files?');
  await look(page, '03-choose-disks');
  if (await page.getByRole('checkbox').nth(2).isEnabled()) wrong.push('a disk with files on it can be taken without a word');
  await page.getByRole('button', { name: 'Use 2 disks' }).click();
  await heading(page, 'How do you open it after a start?');
  await look(page, '04-unlock');
  await page.getByLabel('With the 24 words only').check();
  await page.getByRole('button', { name: 'Go on' }).click();
  await heading(page, 'Make the vault');
  await page.getByRole('button', { name: 'Make the vault and show the words' }).click();
  await page.getByRole('dialog', { name: 'Your password, once more' }).waitFor();
  await look(page, '05-password-again');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
  await heading(page, 'Put these words on paper');
  await look(page, '06-kit');
  await page.emulateMedia({ media: 'print' });
  await page.screenshot({ path: `${SHOTS}/06-kit-printed.png` });
  await page.emulateMedia({ media: 'screen' });
  const shown = await page.locator('.sheet li b').allTextContents();
  if (shown.length !== 24) wrong.push(`${shown.length} words are shown`);
  await page.getByRole('button', { name: 'I have it on paper' }).click();
  await heading(page, 'Show that you have it');
  const body = await page.locator('body').innerText();
  if (shown.some((word) => word.length > 6 && body.includes(word))) wrong.push('a word of the hidden sheet is still shown');
  await page.getByLabel('Word 4').fill(shown[3]);
  await page.getByLabel('Word 17').fill('wrong');
  await page.getByRole('button', { name: 'These are they' }).click();
  await page.getByText('Nothing is lost').waitFor();
  await look(page, '07-words-wrong');
  // A reload meanwhile loses nothing: the box tells the same words again.
  await page.reload();
  await heading(page, 'Put these words on paper');
  await page.getByRole('button', { name: 'I have it on paper' }).click();
  await page.getByLabel('Word 4').fill(shown[3]);
  await page.getByLabel('Word 17').fill(shown[16]);
  await page.getByRole('button', { name: 'These are they' }).click();
  await heading(page, 'Whom shall the box tell?');
  await look(page, '08-tell');
  await page.getByLabel('On a phone, over ntfy').check();
  await page.getByLabel('Address of the topic').fill('https://ntfy.example/our-box');
  await page.getByRole('button', { name: 'Send a message to try it' }).click();
  await page.getByText('A message is on its way').waitFor();
  await page.getByRole('button', { name: 'It arrived, go on' }).click();
  await heading(page, 'The box is ready');
  await look(page, '09-ready');
  await page.getByRole('button', { name: 'Go to Home' }).click();
  await heading(page, 'Nothing is stored yet.');
  await look(page, '10-home-empty');
}

/** Everything that is there changes under the page, which hears of it and says so. */
async function lives() {
  const used = usedWorld();
  Object.assign(world, { ...used, session: world.session, csrf: world.csrf, elevated: false });
  box.tell('missed', { missed: { count: 1 } });
  await heading(page, 'Everything is safe.');
  await page.getByText('How do we know?').click();
  await look(page, '11-home-safe');
  await page.goto(`${box.origin}/#/activity`);
  await heading(page, 'Activity');
  world.jobs = [job(9, 'rebuild'), ...world.jobs];
  box.tell('job', { job: world.jobs[0] });
  await page.getByText('3 hours left').waitFor();
  await look(page, '12-activity');
  await page.goto(`${box.origin}/#/disks`);
  await heading(page, 'Disks');
  world.jobs = world.jobs.filter((one) => one.state !== 'running');
  world.findings = [{ severity: 'warning', sentence: 'The disk in bay 2 is wearing out.', action: 'Replace it.' }];
  Object.assign(world.disks[1], { life: 'watch', sentence: 'It could not read 24 places of late.', action: 'Replace it.' });
  box.tell('health', { health: { findings: world.findings, volumes: world.volumes } });
  await page.getByText('Failing, replace it').waitFor();
  await page.locator('details.disk').nth(1).locator('summary').first().click();
  await look(page, '13-disks-failing');
  await page.goto(`${box.origin}/#/`);
  await heading(page, 'Something needs you.');
  await look(page, '14-home-warning');
}

/** The swap, with the keyboard alone. */
async function swaps() {
  await press(page, 'Replace this disk');
  await heading(page, 'Replace the disk in bay 2');
  await look(page, '15-replace-begin');
  await press(page, 'Replace it');
  await page.getByRole('dialog', { name: 'Your password, once more' }).waitFor();
  await page.keyboard.type(world.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Which one takes its place?' }).waitFor();
  await look(page, '16-replace-choose');
  await press(page, 'Erase this one and use it instead');
  await page.getByRole('dialog').waitFor();
  const field = page.getByLabel('Type the last four characters of its serial');
  await field.focus();
  await page.keyboard.type('K8QD');
  await page.getByText('That is another disk: the one in bay 1.').waitFor();
  await look(page, '17-erase-wrong');
  await field.fill('f9lg');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'The new disk is being prepared' }).waitFor();
  await look(page, '18-replace-undo');
  // Elsewhere: another device goes on, and the box says that the copies are made.
  Object.assign(world.disks[2], { life: 'member', joining: null, volume: 'cc', sentence: 'It is well.' });
  world.questions = [];
  world.jobs = [job(12, 'rebuild'), ...world.jobs];
  world.volumes = [...world.volumes, volume('cc', { packs: 300 })];
  box.tell('job', { job: world.jobs[0] });
  box.tell('disks', { disks: {} });
  await page.getByRole('heading', { name: 'Copies are being made' }).waitFor();
  await look(page, '19-replace-copying');
  world.jobs = world.jobs.slice(1);
  world.findings = [];
  world.disks[1].safe_to_pull = true;
  world.questions = [{ kind: 'pull', disk: world.disks[1].id, sentence: 'The disk in bay 2 can be pulled now: nothing depends on it.', action: 'Pull the disk in bay 2.' }];
  box.tell('missed', { missed: { count: 1 } });
  await page.getByRole('heading', { name: 'The old disk may be pulled' }).waitFor();
  await look(page, '20-replace-pull');
  world.disks.splice(1, 1);
  world.volumes = world.volumes.filter((one) => one.id !== 'bb');
  world.questions = [];
  box.tell('missed', { missed: { count: 1 } });
  await page.getByRole('heading', { name: 'Nothing is missing' }).waitFor();
}

/** The box goes away and comes back: claims are dated, acts are off, then all is as before. */
async function loses() {
  await page.goto(`${box.origin}/#/`);
  await heading(page, 'Everything is safe.');
  page.isAway = true;
  const { port } = box;
  await box.close();
  await page.getByText('The box does not answer.').waitFor();
  await heading(page, 'Everything was safe when the box last answered.');
  if (await page.getByText('Everything is safe.').count()) wrong.push('an old page calls things safe');
  if (await page.getByText('The box finds nothing wrong.').count()) wrong.push('an old page says that nothing is wrong');
  if (await page.getByRole('button', { name: 'Check every byte now' }).isEnabled()) wrong.push('an act is offered while the box is away');
  await look(page, '21-home-out-of-reach');
  box = await start(Object.assign(world, { port }));
  await page.getByRole('button', { name: 'Try now' }).click();
  await heading(page, 'Everything is safe.');
  page.isAway = false;
}

async function unlocks(told) {
  await well(told, '/');
  world.lock = 'locked';
  box.tell('lock', { lock: 'locked' });
  await heading(page, 'The box waits for its key');
  await look(page, '22-locked');
  await page.getByRole('textbox', { name: 'Password of the vault' }).fill('open sesame now');
  await page.getByRole('button', { name: 'Open it' }).click();
  await heading(page, 'Everything is safe.');
  // A case that nobody knows: no bay is drawn.
  world.enclosure = null;
  world.disks = world.disks.map((one) => ({ ...one, bay: null, place: 'usb 1-2' }));
  await page.goto(`${box.origin}/#/disks`);
  await page.reload();
  await page.getByText('We do not know this case').waitFor();
  if (await page.locator('svg.drawing').count()) wrong.push('a case is drawn that nobody knows');
  await look(page, '23-disks-unknown-case');
  // Another language, and another version of the box.
  await page.getByLabel('Language').selectOption('de');
  await heading(page, 'Platten');
  world.version = '9.9.9';
  await page.goto(`${box.origin}/#/`);
  await page.reload();
  await page.getByText('diese Seite ist von Version').waitFor();
  await heading(page, 'Alles ist sicher.');
  await look(page, '24-home-german-other-version');
  await page.getByRole('button', { name: 'Maya abmelden' }).click();
  await heading(page, 'Anmelden');
  await look(page, '25-sign-in');
  await page.getByLabel('Name').fill('Maya');
  await page.getByLabel('Passwort').fill(world.password);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await heading(page, 'Alles ist sicher.');
  // The first look of a new box without disks.
  Object.assign(world, newWorld(), { claimed: true, name: 'Maya', password: world.password, session: world.session, csrf: world.csrf, disks: [] });
  await page.reload();
  await heading(page, 'Welche Platten halten Ihre Dateien?');
  await look(page, '26-no-disks-german');
  world.disks = [disk(1, 'K8QD', 4e12)];
  box.tell('disks', { disks: {} });
  await page.getByText('K8QD').first().waitFor();
}

// One story by its name, after the claim that all of them need.
const only = process.argv[2];
const told = { page, world, box: () => box, origin: () => box.origin };
try {
  for (const [name, story] of Object.entries({ sabotage, claims, lives, swaps, loses, ...others, friends, keys, photos, unlocks })) {
    if (only && only !== name && name !== 'claims') continue;
    console.log(name);
    await story(told);
  }
} catch (error) {
  await page.screenshot({ path: `${SHOTS}/failed.png`, fullPage: true });
  wrong.push(String(error));
} finally {
  await browser.close();
  await box.close();
}
console.log(`${counts.shots} pictures in target/e2e, ${counts.axe} checks by axe, ${counts.requests} requests, ${wrong.length} findings`);
if (wrong.length > 0) {
  console.error([...new Set(wrong)].join('\n'));
  process.exit(1);
}
