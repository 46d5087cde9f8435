// Two real boxes in desk mode become friends by hand, each in its own page: an invite on one, the ticket on the
// other, the same three words on both, a yes on both. `node e2e/friendly.mjs FOLDER`, as `real.mjs`. They find each
// other by the addresses in the ticket only, and nothing leaves this computer. Before that an invite is refused, and
// what is left of it is put away.
import { heading, look, open, SHOTS, wrong } from './drive.mjs';
import { claim, lend, PATIENCE, startBox } from './realbox.mjs';

const programs = process.argv[2];
if (!programs) throw new Error('name the folder of the programs');

/** Friends on the page of this box, with the question answered how others find it. */
async function begin(page, origin, button) {
  await page.goto(`${origin}/#/friends`);
  await heading(page, 'Friends');
  await page.getByText('No friends yet.').waitFor();
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('dialog').getByLabel('They do not: only addresses in an invite').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Have it so' }).click();
}

const boxes = [];
const browsers = [];
try {
  for (const name of ['box-here', 'box-there']) {
    const box = await startBox(programs, name);
    boxes.push(box);
    const opened = await open(box.origin);
    browsers.push(opened);
    await lend(box, opened.page);
    await claim(box, opened.page);
  }
  const [here, there] = browsers.map(({ page }) => page);
  await begin(here, boxes[0].origin, 'Invite a friend');
  await begin(there, boxes[1].origin, 'I was sent an invite');
  const invite = async () => {
    await here.getByLabel('You keep for them, in GB').fill('1');
    await here.getByLabel('They keep for you, in GB').fill('1');
    await here.getByRole('button', { name: 'Make the invite' }).click();
    const ticket = await here.locator('p.ticket').innerText({ timeout: PATIENCE });
    await there.getByLabel('The invite, as you got it').fill(ticket);
    await there.getByRole('button', { name: 'Look at it' }).click();
  };
  await invite();
  await there.getByRole('button', { name: /^They match/ }).click({ timeout: PATIENCE });
  await here.getByRole('button', { name: /^They do not match/ }).click({ timeout: PATIENCE });
  await there.getByText('Nothing comes of the invite').waitFor({ timeout: PATIENCE });
  await there.getByText('The other owner said no.').waitFor();
  await look(there, 'real-19-friends-refused');
  await there.getByRole('button', { name: 'Put it away' }).click();
  await there.getByText('Nothing comes of the invite').waitFor({ state: 'detached' });
  await here.getByRole('button', { name: 'Invite a friend' }).click();
  await there.getByRole('button', { name: 'I was sent an invite' }).click();
  await invite();
  const words = (page) => page.locator('p.words').innerText({ timeout: PATIENCE });
  const [mine, theirs] = await Promise.all([words(here), words(there)]);
  if (mine !== theirs || mine.split(/\s·\s/).length !== 3) wrong.push(`the screens show other words: ${mine}, ${theirs}`);
  await look(here, 'real-20-friends-compare');
  await there.getByRole('button', { name: /^They match/ }).click();
  await here.getByRole('button', { name: /^They match/ }).click();
  for (const page of [here, there]) {
    await page.getByText('Connected', { exact: true }).waitFor({ timeout: PATIENCE });
    await page.getByText('of 1 GB').first().waitFor();
  }
  await look(here, 'real-21-friends');
  await here.getByRole('button', { name: /^Messages/ }).click();
  await here.getByRole('textbox', { name: 'Message' }).fill('Is it you?');
  await here.getByRole('button', { name: 'Send' }).click();
  await there.getByRole('button', { name: /^Messages, 1 new/ }).click({ timeout: PATIENCE });
  await there.getByText('Is it you?').waitFor({ timeout: PATIENCE });
} catch (error) {
  for (const [i, { page }] of browsers.entries()) await page.screenshot({ path: `${SHOTS}/failed-${i}.png` });
  wrong.push(String(error), ...boxes.map((box) => box.log.slice(-2000)));
} finally {
  for (const { browser } of browsers) await browser.close();
  for (const box of boxes) await box.stop();
}
console.log(`two boxes, ${wrong.length} findings`);
if (wrong.length > 0) {
  console.error([...new Set(wrong)].join('\n'));
  process.exit(1);
}
