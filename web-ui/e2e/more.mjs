// Stories of Files, Restore and Settings, and of a disk that is missing, told to the fake box by `run.mjs`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { job, usedWorld } from './fake.mjs';
import { heading, look, SHOTS, wrong } from './drive.mjs';

/** As it is when everything is well, seen by the page. */
export async function well({ page, world, box, origin }, path) {
  Object.assign(world, usedWorld(), { session: world.session, csrf: world.csrf, password: world.password, elevated: false, uploads: {}, cut: null });
  await page.goto(`${origin()}/#/`);
  await page.reload();
  await heading(page, 'Everything is safe.');
  await page.goto(`${origin()}/#${path}`);
  box().tell('missed', { missed: { count: 1 } });
}

/** Somebody is asked for the password once more, and gives it. */
export async function password({ page, world }) {
  const again = page.getByRole('dialog', { name: 'Your password, once more' });
  await again.waitFor();
  await again.getByLabel('Password', { exact: true }).fill(world.password);
  await again.getByRole('button', { name: 'Go on' }).click();
  await again.waitFor({ state: 'detached' }).catch(() => {});
}

/** A folder now and then, a version that is brought back, what was deleted. */
export async function files(told) {
  const { page, world } = told;
  await well(told, '/files');
  await heading(page, 'Files');
  await look(page, '30-files');
  await page.getByRole('link', { name: 'Documents' }).click();
  await heading(page, 'Documents');
  await page.getByRole('button', { name: 'dot.png', exact: true }).click();
  const shown = page.getByRole('img', { name: 'Preview: dot.png' });
  await shown.waitFor();
  if (!(await shown.evaluate((node) => node.complete && node.naturalWidth === 1))) wrong.push('a picture is not shown');
  await look(page, '31-file-picture');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('link', { name: 'letters' }).click();
  await heading(page, 'letters');
  await page.getByLabel('Show deleted files, too').check();
  await page.getByText('old.txt').waitFor();
  await look(page, '32-folder-deleted');
  await page.getByRole('button', { name: 'Bring back: old.txt' }).click();
  await page.getByText('letters/old.txt is back.').or(page.getByText('old.txt is back.')).first().waitFor();
  if (!world.files.Documents.at(-1).files.has('letters/old.txt')) wrong.push('what was brought back is not there');
  await page.getByLabel('Show deleted files, too').uncheck();
  await page.getByLabel('Go back in time').fill('0');
  await page.getByText('The past cannot be changed').waitFor();
  if (await page.getByRole('button', { name: 'New folder' }).count()) wrong.push('the past can be changed');
  await look(page, '33-folder-then');
  await page.getByRole('button', { name: 'Bring back: to Ada.txt' }).click();
  await page.getByText('so both are kept').waitFor();
  const newest = world.files.Documents.at(-1).files;
  if (!String(newest.get('letters/to Ada.txt').bytes).includes('better')) wrong.push('an old version took the place of a newer one');
  if (!String(newest.get('letters/to Ada (2).txt')?.bytes).includes('first words')) wrong.push('the old version is not beside the newer one');
  await page.getByRole('button', { name: 'to Ada.txt', exact: true }).click();
  await page.getByText('better words').waitFor();
  await look(page, '34-file-versions');
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete: to Ada.txt' }).click();
  await page.getByText('to Ada.txt was deleted.').waitFor();
  await page.goto(`${told.origin()}/#/files/Documents/-/many`);
  await heading(page, 'many');
  await manyRows(told);
}

/** A folder of more entries than are drawn, with the keys, and what is said of it to readers of the screen. */
async function manyRows({ page }) {
  const row = (n) => page.getByRole('button', { name: `note ${String(n).padStart(3, '0')}.txt`, exact: true });
  const has = (n) => row(n).and(page.locator(':focus')).waitFor();
  await row(0).focus();
  await page.keyboard.press('ArrowDown');
  await has(1);
  await page.keyboard.press('PageDown');
  await has(1 + (await page.evaluate(() => Math.floor(innerHeight / 49) - 2)));
  // To the end of what has come, until all has.
  for (let tries = 0; tries < 20 && !(await row(259).isVisible()); tries += 1) await page.keyboard.press('End');
  await page.keyboard.press('End');
  await has(259);
  const table = page.getByRole('table');
  const said = [await table.getAttribute('aria-rowcount'), await page.locator('tr:has(:focus)').getAttribute('aria-rowindex')];
  if (said.join() !== '261,261') wrong.push(`the last of 260 rows is called ${said.join(' and ')}`);
  const drawn = await table.locator('tbody tr').count();
  if (drawn > 100 || (await row(0).count()) !== 0) wrong.push(`${drawn} rows are drawn of 260`);
  await look(page, '33-many-rows');
  // The row with the keys is scrolled away: they go on from there all the same.
  await row(259).focus();
  await page.evaluate(() => scrollTo(0, 0));
  await row(0).waitFor();
  await row(259).waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowUp');
  await has(258);
}

/** A folder gets another name, is deleted with all it holds, and is brought back from the past. */
export async function folders(told) {
  const { page, world } = told;
  await well(told, '/files/Documents');
  await heading(page, 'Documents');
  const newest = () => world.files.Documents.at(-1).files;
  await page.getByRole('button', { name: 'Rename or delete: letters' }).click();
  await page.getByRole('heading', { name: 'When it changed' }).waitFor();
  await look(page, '38-folder-acts');
  await page.getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByLabel('New name').fill('post');
  await page.getByRole('dialog').getByRole('button', { name: 'Rename', exact: true }).click();
  await page.getByRole('link', { name: 'post' }).waitFor();
  if (!newest().has('post/to Ada.txt') || newest().has('letters/to Ada.txt')) wrong.push('the folder was not renamed with what it holds');
  await page.getByRole('button', { name: 'Rename or delete: post' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('with everything that is in it').waitFor();
  await look(page, '39-folder-delete');
  await page.getByRole('button', { name: 'Delete: post', exact: true }).click();
  await page.getByText('post was deleted with all that was in it').waitFor();
  await page.getByRole('link', { name: 'post' }).waitFor({ state: 'detached' });
  if (newest().has('post/to Ada.txt')) wrong.push('the folder was not deleted');
  await page.getByLabel('Go back in time').fill('0');
  await page.getByRole('button', { name: 'Bring back: letters' }).click();
  await page.getByRole('link', { name: 'letters' }).waitFor();
  if (!newest().has('letters/to Ada.txt')) wrong.push('the folder was not brought back');
}

/** A folder on its way whose line breaks, then a reload: it goes on where it was. */
export async function uploads(told) {
  const { page, world } = told;
  await well(told, '/files/Documents');
  await heading(page, 'Documents');
  world.cut = 300_000;
  const big = join(SHOTS, 'film.bin');
  writeFileSync(big, Buffer.alloc(900_000, 7));
  page.isAway = true;
  await page.getByLabel('Choose files', { exact: true }).last().setInputFiles(big);
  await page.getByText('1 file', { exact: false }).first().waitFor();
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('holdfast-upload')));
  await page.getByRole('button', { name: 'Pause all' }).click();
  await page.getByRole('button', { name: 'Go on with all' }).waitFor();
  await look(page, '35-upload-paused');
  await page.reload();
  await heading(page, 'Documents');
  await page.getByText('was not finished before this page was loaded').waitFor();
  await look(page, '36-upload-after-reload');
  page.isAway = false;
  world.cut = null;
  const before = Object.keys(world.uploads).length;
  await page.getByLabel('Choose files', { exact: true }).last().setInputFiles(big);
  await page.getByText('On 2 disks').waitFor();
  await look(page, '37-upload-done');
  if (Object.keys(world.uploads).length !== before || (await page.getByText('went on where it was').count()) === 0) wrong.push('an upload was begun anew after a reload');
  if (world.files.Documents.at(-1).files.get('film.bin')?.bytes.length !== 900_000) wrong.push('what was uploaded is not what is stored');
  await page.getByRole('button', { name: 'film.bin', exact: true }).waitFor();
  // Dropped on the page: a folder of two.
  const drop = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['one'], 'one.txt'));
    data.items.add(new File(['two'], 'two.txt'));
    return data;
  });
  await page.locator('.zone').dispatchEvent('drop', { dataTransfer: drop });
  await page.getByRole('button', { name: 'two.txt', exact: true }).waitFor();
}

/** Onto a stick, with other people's files named first, and what became of it. */
export async function restores(told) {
  const { page, world, box } = told;
  await well(told, '/restore');
  await heading(page, 'Restore');
  await look(page, '40-restore');
  world.others = true;
  await page.getByRole('checkbox', { name: /Fake Disk/ }).check();
  await page.getByRole('button', { name: 'Write the files to this drive' }).click();
  await password(told);
  await page.getByRole('dialog', { name: 'These are files of other people, too' }).waitFor();
  await page.getByText('Ben, Zoe').waitFor();
  await look(page, '41-restore-others');
  await page.getByRole('button', { name: 'I have their word: write them, too' }).click();
  await page.getByText('Leave the drive in until this page says').waitFor();
  if (world.jobs[0].spec.usb.files_of.join() !== 'Ben,Zoe') wrong.push('not those were named whose files it takes');
  await look(page, '42-restore-running');
  const usb = { bytes: 8e8, damaged: 0, earlier: 0, files: 412, finished: true, folder: 'Holdfast 2026-11-27', left_out: 0, names: [], no_room: [], read_back: 400, read_back_bytes: 8e8, renamed: 0, short: 0, wanted_bytes: 9e8, wanted_files: 412 };
  Object.assign(world.jobs[0], { state: 'done', ended_ms: Date.now(), result: { usb } });
  box().tell('job', { job: world.jobs[0] });
  await page.getByText('12 files did not fit').waitFor();
  if (await page.getByText('All of it is there').count()) wrong.push('a restore that is not whole is called whole');
  usb.read_back = 412;
  box().tell('job', { job: world.jobs[0] });
  await page.getByText('All of it is there').waitFor();
  await look(page, '43-restore-done');
  world.others = false;
}

export async function settings(told) {
  const { page, world, box } = told;
  await well(told, '/settings');
  await heading(page, 'Settings');
  await page.getByText('Nobody is told.').waitFor();
  await look(page, '50-settings');
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByLabel('The name they sign in with').fill('Ben');
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  await password(told);
  await page.getByText('7K2M-99QX-41TD').waitFor();
  await page.getByRole('button', { name: 'Add somebody to tell' }).click();
  await page.getByLabel('On a phone, over ntfy').check();
  await page.getByLabel('Address of the topic').fill('https://ntfy.example/our-box');
  await page.getByRole('button', { name: 'Send a message to try it' }).click();
  await page.getByText('A message is on its way').waitFor();
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByLabel('What you call it').fill('Phone');
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByText('hf_4k2m').first().waitFor();
  await page.getByRole('button', { name: 'Make a new sheet of codes' }).click();
  await page.getByText('0019-99QX').waitFor();
  await look(page, '51-settings-told-once');
  await page.getByRole('button', { name: 'Remove Ben' }).click();
  await look(page, '52-settings-remove');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove Ben' }).click();
  await page.getByText('Ben', { exact: true }).waitFor({ state: 'detached' });
  await quietAndNetwork(told);
  await secondFactor(told);
  await newKit(told);
  world.jobs = [job(30, 'scrub'), ...world.jobs];
  box().tell('job', { job: world.jobs[0] });
  await page.getByRole('button', { name: 'Start anew' }).click();
  await page.getByText('1 thing is at work. It is put by').waitFor();
  await look(page, '56-settings-restart');
  if (world.begun) wrong.push('the box was started anew before anybody said so');
  await page.getByRole('dialog').getByRole('button', { name: 'Start anew' }).click();
  await page.getByText('The box is starting anew.').waitFor();
  if (world.begun !== 1) wrong.push('the box was not started anew');
  await page.getByRole('button', { name: 'Shut down' }).click();
  await look(page, '53-settings-shutdown');
  if (world.off) wrong.push('the box was shut down before anybody said so');
  await page.getByRole('dialog').getByRole('button', { name: 'Shut down' }).click();
  await page.getByText('The box is stopping.').waitFor();
  if (!world.off) wrong.push('the box was not shut down');
  await page.goto(`${told.origin()}/#/activity`);
  await heading(page, 'Activity');
  await prunes(told);
  await page.getByText('Who did what').click();
  await page.getByText('The log fits together').waitFor();
  await look(page, '54-log');
}

/** A pruning that would take more than an ordinary one: what that means is said before it is let. */
async function prunes({ page, world, box }) {
  const fault = { code: 'refused', sentence: '81.2 GB of 200 GB would go, more than 30 % of the vault', advice: 'Look at what would go.' };
  world.jobs.unshift(job(31, 'prune', { state: 'failed', ended_ms: Date.now(), fault }));
  box().tell('job', { job: world.jobs[0] });
  await page.getByRole('button', { name: 'Let that much go' }).click();
  await page.getByText('81.2 GB of 200 GB begin to go').waitFor();
  await look(page, '57-activity-prune');
  if (world.pruned) wrong.push('it was let before anybody said so');
  world.elevated = false;
  await page.getByRole('dialog').getByRole('button', { name: 'Let that much go' }).click();
  await password({ page, world });
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  for (let tries = 0; tries < 100 && !world.pruned; tries += 1) await page.waitForTimeout(50);
  if (world.pruned?.allow_large !== true) wrong.push('it was not let');
}

/** An app for codes: not before it has shown one; and away again. */
async function secondFactor({ page, world }) {
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await page.getByText('ABCD EFGH').waitFor();
  await page.getByLabel('The six digits that the app shows now').fill('000000');
  await page.getByRole('button', { name: 'It shows codes' }).click();
  await page.getByText('This is not the code.').waitFor();
  if (world.totp === 'on') wrong.push('a wrong code was taken');
  await look(page, '55-settings-second-factor');
  await page.getByLabel('The six digits that the app shows now').fill('123 456');
  await page.getByRole('button', { name: 'It shows codes' }).click();
  await page.getByText('From now on a code is asked for.').waitFor();
  await page.getByRole('button', { name: 'Ask for no code any more' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ask for no code any more' }).click();
  await page.getByRole('button', { name: 'Set up an app' }).waitFor();
  if (world.totp) wrong.push('the second factor is still asked for');
}

/** Another sheet: for the password, shown, hidden, said back; until then the old one counts. */
async function newKit({ page, world }) {
  await page.getByRole('button', { name: 'Make a new recovery kit' }).click();
  await page.getByText('Copies from before still open with the old one').waitFor();
  await look(page, '57-kit-ask');
  await page.getByLabel('Password of the vault', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Make a new recovery kit' }).click();
  await page.getByText('the old one is as good as before').waitFor();
  await page.getByLabel('Password of the vault', { exact: true }).fill('open sesame now');
  await page.getByRole('button', { name: 'Make a new recovery kit' }).click();
  await page.getByText('These words open nothing yet.').waitFor();
  await look(page, '58-kit-shown');
  await page.emulateMedia({ media: 'print' });
  await page.screenshot({ path: join(SHOTS, '58-kit-printed.png') });
  if (await page.getByRole('heading', { name: 'People' }).isVisible()) wrong.push('settings are printed beside the sheet');
  await page.emulateMedia({ media: 'screen' });
  const shown = await page.locator('.sheet li b').allTextContents();
  await page.getByRole('button', { name: 'I have it on paper' }).click();
  await page.getByLabel('Word 4').fill(shown[3]);
  await page.getByLabel('Word 17').fill('wrong');
  await page.getByRole('button', { name: 'These are they' }).click();
  await page.getByText('Nothing is lost').waitFor();
  const body = await page.locator('body').innerText();
  if (shown.some((word) => word.length > 6 && body.includes(word))) wrong.push('a word of the hidden new sheet is still shown');
  if (world.kit !== 'old') wrong.push('the new sheet counts before it is on paper');
  await page.getByLabel('Word 17').fill(shown[16]);
  await page.getByRole('button', { name: 'These are they' }).click();
  await page.getByText('The new sheet counts').waitFor();
  if (world.kit !== 'new') wrong.push('the new sheet does not count');
}

/** A member was pulled: put back or replaced is asked, and nothing shrinks unseen. */
export async function missing(told) {
  const { page, world, box } = told;
  await well(told, '/');
  Object.assign(world.disks[1], { life: 'ours-absent', sentence: 'It is not here.', action: 'Push it back in, or replace it.' });
  world.volumes = world.volumes.map((one) => (one.id === 'bb' ? { ...one, state: 'absent', packs: null, size: 0, free: 0 } : one));
  world.questions = [
    { kind: 'drive', disk: world.disks[2].id, sentence: 'The disk in usb 1 has something on it.', action: 'Files can be restored onto it, beside what is there; or leave it as it is.' },
    { kind: 'import', disk: world.disks[2].id, sentence: 'The disk in bay 3 has 4102 files, 812.3 GB, that may be new to the vault.', action: 'Import it, if you want: it is only read, and only what is new is stored.' },
  ];
  box().tell('missed', { missed: { count: 1 } });
  await heading(page, 'Not every disk is here.');
  await look(page, '60-home-missing');
  await page.getByRole('link', { name: 'A disk is missing: what to do' }).click();
  await heading(page, 'The disk of bay 2 is missing');
  await look(page, '61-replace-away');
  await page.getByRole('button', { name: 'Go on without it' }).click();
  await page.getByText('only one copy of everything remains').waitFor();
  await look(page, '62-go-on-without');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.goto(`${told.origin()}/#/disks`);
  await heading(page, 'Disks');
  await page.getByRole('link', { name: 'Restore files onto it' }).waitFor();
  await page.getByRole('button', { name: 'Copy its files in' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Copy its files in' }).click();
  await password(told);
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  if (!('import' in world.jobs[0].spec)) wrong.push('the import was not begun');
  await page.locator('details.disk').nth(0).locator('summary').first().click();
  await page.getByRole('button', { name: 'Empty it and let it go' }).click();
  await page.getByText('Put another disk in first.').waitFor();
  await look(page, '63-retire-promise');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('details.disk').nth(2).locator('summary').first().click();
  await page.getByText('Yes. The box does not use it.').waitFor();
  await page.getByLabel('Language').selectOption('de');
  await heading(page, 'Platten');
  await page.getByText('Dateien können darauf gerettet werden').waitFor();
  await look(page, '64-disks-german');
  await page.goto(`${told.origin()}/#/settings`);
  await heading(page, 'Einstellungen');
  await look(page, '65-settings-german');
  await page.goto(`${told.origin()}/#/files`);
  await heading(page, 'Dateien');
  await look(page, '66-files-german');
  await page.getByLabel('Sprache').selectOption('en');
}

/** What is kept is changed: more at once, less with the password, and each after it was seen what goes. */
export async function keeping(told) {
  const { page, world } = told;
  await well(told, '/settings');
  await heading(page, 'Settings');
  await page.getByText('Every version of the last day stays, then the newest of each hour until it is 30 days old, of each day until it is 90 days old, of each week until it is 365 days old, of each month for ever.').waitFor();
  await page.getByRole('button', { name: 'Change what is kept' }).click();
  const look1 = page.getByRole('button', { name: 'See what that does' });
  if (await look1.isEnabled()) wrong.push('what is as it was can be looked at');
  await page.getByLabel('Then one an hour').fill('91');
  await look1.click();
  if (await page.getByRole('dialog').count()) wrong.push('a step that ends after the next is taken');
  await page.getByLabel('Then one an hour').fill('60');
  await page.getByLabel('Copies of everything').selectOption('3 copies');
  await look(page, '67-settings-keep');
  await look1.click();
  await page.getByText('The further copies take about 1.2 TB.').waitFor();
  await page.getByText('Deletes no version.').waitFor();
  await look(page, '68-keep-more');
  await page.getByRole('button', { name: 'Keep this', exact: true }).click();
  await page.getByText('It is kept like this from now on.').waitFor();
  if (world.kept.copies !== 3 || world.kept.versions.hourly_days !== 60) wrong.push(`${JSON.stringify(world.kept)} was kept`);
  await page.getByRole('button', { name: 'Change what is kept' }).click();
  await page.getByLabel('Copies of everything').selectOption('2 copies');
  await page.getByLabel('Then one a day').fill('60');
  await page.getByLabel('Then one a week').fill('60');
  const march = Date.UTC(2026, 2, 3);
  world.foreseen = { less: true, versions: 16, sooner: 15, oldest_ms: march, sources: [{ source: 'Photos', space: 'everyone', versions: 14, oldest_ms: march }], others: 2, frees: { bytes: 8e10, at_least: false }, from_ms: Date.UTC(2026, 11, 29), held: { sentence: 'not all disks are here: 7R4T is missing', action: 'Connect it, or retire or remove it if it is gone.' } };
  await look1.click();
  await page.getByText('Deletes 14 versions of Photos, the oldest of 3 March').waitFor();
  await page.getByText(/Frees about 80 GB on all disks together, from 29 December/).waitFor();
  await look(page, '69-keep-less');
  await page.getByRole('button', { name: 'Cancel' }).last().click();
  await page.getByRole('banner').getByLabel('Language').selectOption('de');
  await page.getByRole('button', { name: 'Zeigen, was das tut' }).click();
  await page.getByText('Löscht 14 Versionen von Photos, die älteste vom 3. März').waitFor();
  await look(page, '70-keep-less-german');
  await page.getByRole('button', { name: 'Das behalten und 16 Versionen löschen' }).click();
  const again = page.getByRole('dialog', { name: 'Ihr Passwort, noch einmal' });
  await again.getByLabel('Passwort', { exact: true }).fill(world.password);
  await again.getByRole('button', { name: 'Weiter' }).click();
  await page.getByText('So bleibt es von jetzt an.').waitFor();
  if (world.kept.goes_at_most !== 16 || world.kept.versions.weekly_days !== 60) wrong.push(`${JSON.stringify(world.kept)} was kept`);
  await look(page, '71-settings-kept-german');
  await page.getByRole('banner').getByLabel('Sprache').selectOption('en');
}

/** Quiet hours are set and taken away; the network is shown as the box tells it. */
async function quietAndNetwork({ page, world }) {
  await page.getByText('enp1s0, 2.5 Gb/s').waitFor();
  await page.getByText('No cable in it').waitFor();
  await page.getByRole('button', { name: 'Set quiet hours' }).click();
  if ((await page.getByLabel('From', { exact: true }).inputValue()) !== '22:00') wrong.push('the form does not begin with the hours that are set');
  await page.getByLabel('Until', { exact: true }).fill('06:30');
  await look(page, '57-settings-quiet-hours');
  await page.getByRole('button', { name: 'Keep these hours quiet' }).click();
  await page.getByText('22:00 - 06:30').waitFor();
  if (world.around.quiet !== '22:00-06:30') wrong.push(`${world.around.quiet} was set`);
  await page.getByRole('button', { name: 'Set quiet hours' }).click();
  await page.getByRole('button', { name: 'Have no quiet hours' }).click();
  await page.getByText('There are none: the box works').waitFor();
  if (world.around.quiet !== null) wrong.push('quiet hours were not taken away');
}

/** A computer is paired with a code that runs out, then with one that is used, and removed. */
export async function computers(told) {
  const { page, world } = told;
  await well(told, '/settings');
  await heading(page, 'Settings');
  await page.getByText('No computer is paired yet.').waitFor();
  await page.getByRole('button', { name: 'Pair a computer' }).click();
  await page.getByLabel('Which computer?').selectOption('Documents');
  world.codeSeconds = 0;
  await page.getByRole('button', { name: 'Make a code' }).click();
  await password(told);
  await page.getByText('This code is no longer good').waitFor();
  if (await page.getByText('ABCD-EFGH').count()) wrong.push('a code that is over is shown');
  if (world.pairing.source !== 'Documents') wrong.push('the code is not for the source that was chosen');
  await look(page, '58-computer-code-over');
  world.codeSeconds = 900;
  await page.getByRole('button', { name: 'Make another code' }).click();
  await page.getByText('ABCD-EFGH').waitFor();
  await page.getByText(`holdfast pair ${new URL(told.origin()).host}`).waitFor();
  await page.locator('#computers').scrollIntoViewIfNeeded();
  await look(page, '59-computer-code');
  world.devices = [{ id: 'c1', name: "Maya's laptop", scope: { backup: { source: 'Documents' } }, quota: 5e9, stored: 4.2e9, since_ms: Date.now(), used_ms: Date.now() }];
  await page.getByText("Maya's laptop is paired.").waitFor();
  if (await page.getByText('ABCD-EFGH').count()) wrong.push('a code that was used is shown');
  await page.getByText(/last backup .*, 4.2 GB stored/).waitFor();
  if (!(await page.getByText('None yet.').count())) wrong.push('a computer stands among other devices, too');
  await look(page, '59-computer-paired');
  await page.getByLabel('Language').first().selectOption('de');
  await page.getByText('letzte Sicherung').waitFor();
  await look(page, '59-computer-paired-german');
  await page.getByLabel('Sprache').first().selectOption('en');
  await page.getByRole('button', { name: "Remove Maya's laptop" }).click();
  await page.getByRole('dialog').getByRole('button', { name: "Remove Maya's laptop" }).click();
  await page.getByText('No computer is paired yet.').waitFor();
  if (world.devices.length !== 0) wrong.push('the computer was not removed');
}

export const stories = { computers, files, folders, uploads, restores, settings, keeping, missing };
