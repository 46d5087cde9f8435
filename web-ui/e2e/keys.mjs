// A key on a stick: made, waited for at the door, copied, lost, and taken away.
import { heading, look, wrong } from './drive.mjs';
import { password, well } from './more.mjs';

async function leave({ page, world }) {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading(page, 'Sign in');
  await page.getByLabel('Name', { exact: true }).fill(world.name);
  await page.getByLabel('Password', { exact: true }).fill(world.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function keys(told) {
  const { page, world, box } = told;
  await well(told, '/settings');
  await heading(page, 'Settings');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByText('No stick with a file system is plugged in.').waitFor();
  world.sticks = [
    { id: 's1', model: 'Kingston DataTraveler', place: 'USB socket front', size: 31_000_000_000 },
    { id: 's2', model: 'SanDisk Ultra', place: 'USB socket back', size: 62_000_000_000 },
  ];
  box().tell('disks', {});
  await page.getByLabel('SanDisk Ultra').check();
  await look(page, '90-key-choose');
  await page.getByRole('button', { name: 'Make the key on this stick' }).click();
  await password(told);
  await page.getByText('nothing else would let you in').waitFor();
  if (world.key) wrong.push('a key was made that would be the only way in');
  await page.getByRole('button', { name: 'Make a new sheet of codes' }).click();
  await page.getByText('0019-99QX').waitFor();
  await page.getByRole('button', { name: 'Make the key on this stick' }).click();
  await page.getByText('holdfast-key-1a2b3c4d').waitFor();
  await look(page, '91-key-made');

  await leave(told);
  await page.getByText('Plug your key into the box.').waitFor();
  await look(page, '92-sign-in-key');
  // What is asked for is this person's, and nobody else's.
  await page.getByLabel('Name', { exact: true }).fill('Noor');
  if (await page.getByText('Plug your key into the box.').count()) wrong.push('the key of one person is asked of another');
  await page.getByLabel('Name', { exact: true }).fill(world.name);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('Plug your key into the box.').waitFor();
  world.refusesKey = ['key_wanted', 'Somebody else who has your password waited for your key, so it opens nothing for now.', 'Use a code or the 24 words, and change your password: then your key opens again.'];
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('waited for your key').waitFor();
  await look(page, '97-sign-in-wanted');
  await page.getByLabel('Language').selectOption('de');
  await page.getByText('Jemand anders mit Ihrem Passwort wartete').waitFor();
  await page.getByLabel('Sprache').selectOption('en');
  world.refusesKey = null;
  world.waited = 0;
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('The box waits for your key.').waitFor();
  await look(page, '93-sign-in-waits');
  while (world.waited < 3) await page.waitForTimeout(50);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Plug your key into the box.').waitFor();
  if (await page.getByRole('alert').getByText('not').count()) wrong.push('who did not want to wait any more is told that it failed');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  world.plugged = true;
  await heading(page, 'Settings');

  world.key.wanted_ms = Date.now();
  await page.reload();
  await page.getByText('Somebody else who has your password waited for it').waitFor();
  world.people.push({ id: 'p9', name: 'Ben', role: 'member', joined: true, second_factor: true, key: true, created_ms: 1, until_ms: null, quota: null, stored: 0 });
  await page.reload();
  await page.getByRole('button', { name: 'Take away the key of Ben' }).click();
  await look(page, '98-key-of-somebody');
  await page.getByRole('dialog').getByRole('button', { name: 'Take away the key of Ben' }).click();
  await page.getByRole('button', { name: 'Take away the key of Ben' }).waitFor({ state: 'detached' });
  world.key = { ...world.key, wanted_ms: null, copied_ms: Date.now() };
  await leave(told);
  await page.getByText('Plug your key into the box.').waitFor();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('Somebody used a copy of your key').waitFor();
  await look(page, '94-sign-in-copied');
  await page.getByLabel('the 24 words of the recovery kit').check();
  await page.getByLabel('The 24 words, in their order').fill('one two three');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await heading(page, 'Settings');
  world.elevated = false;
  await page.getByText('Somebody used a copy of it').waitFor();
  await look(page, '95-key-copied');
  await page.getByRole('button', { name: 'Take this key away' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take this key away' }).click();
  const again = page.getByRole('dialog', { name: 'Your password, once more' });
  await again.getByLabel('Password', { exact: true }).fill(world.password);
  await again.getByLabel('Code', { exact: true }).fill('0000-99QX');
  await look(page, '96-rights-key');
  await again.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Make a key' }).waitFor();
  if (world.key) wrong.push('the key is still there');
}
