// Friends, told to the fake box by `run.mjs`: none, the question before the first invite, an invite and one of
// somebody else, one friend with all that is done with it. Two real boxes become friends in `friendly.mjs`.
import { heading, look, wrong } from './drive.mjs';
import { password, well } from './more.mjs';

const DAY = 86_400_000;
const promise = (bytes) => ({ bytes, not_before_days: 30, silence_months: 12 });
const terms = (here, there) => ({ here: promise(here), there: promise(there), notice_days: 30 });

/** A friend as the box shows one. */
export const friend = (id, name, more = {}) => ({
  id, endpoint: id.repeat(16).slice(0, 64), name, label: `casa-${name.toLowerCase()}`, place: 'Porto', since_ms: Date.now() - 300 * DAY, standing: 'active', ends_ms: null,
  seen: 'direct', round_trip_ms: 84, last_seen_ms: Date.now(), days: Array.from({ length: 28 }, (_, i) => (i === 3 ? null : i % 9 === 5 ? 0 : 10 + (i % 14))),
  there: { given: 2e12, bytes: 1.38e12, packs: 88_204 }, here: { given: 1e12, bytes: 6.12e11, packs: 39_000 },
  waiting_bytes: 0, waiting_packs: 0, waiting_since_ms: null, only_there_bytes: 2.1e11,
  proofs: { last_ms: Date.now() - 3_600_000, last_day: 600, proved: 41_000, failed: 0, unanswered: 3, score: 1000 },
  terms: terms(1e12, 2e12), pact_number: 3, asked: null, limits: { kbit: 20_000, full_speed: '00:00-07:00', relayed_kbit: null, month_bytes: null }, unread: 0, fault: null, ...more,
});

/** What the fake box answers about friends. `raised` needs the password once more, `signed` does not. */
export function friendRoutes(world, { signed, raised, problem }) {
  const all = () => (world.friends ??= { reach: null, endpoint: 'ab'.repeat(32), may_give: 8.4e11, friends: [], invites: [], offers: [], trouble: null });
  const act = (done) => (said, [id]) => {
    const one = all().friends.find((found) => found.id === id);
    if (!one) return problem(404, 'not_found', 'There is no such friend.');
    return done(one, said) ?? { body: one, news: ['friends', { friends: {} }] };
  };
  const named = (done) => act((one, said) => {
    if (said.name.trim().toLowerCase() !== one.name.toLowerCase()) return problem(400, 'bad_request', `This is about "${one.name}", and another name was said.`);
    return done(one);
  });
  const invite = (body) => ({ id: 'i1', terms: body.terms, expires_ms: Date.now() + 3 * DAY, by: null, words: null });
  const fresh = (id, name, offered) => friend(id, name, { since_ms: Date.now(), terms: offered, there: { given: offered.there.bytes, bytes: 0, packs: 0 }, here: { given: offered.here.bytes, bytes: 0, packs: 0 }, proofs: { last_ms: null, last_day: 0, proved: 0, failed: 0, unanswered: 0, score: null }, place: '', days: [], only_there_bytes: 0 });
  const base = 'GET /api/v1/friends'.slice(4);
  return {
    [`GET ${base}`]: [signed, () => ({ body: all() })],
    [`PUT ${base}/reach`]: [signed, (said) => { all().reach = said.reach; return { body: all() }; }],
    [`POST ${base}/invites`]: [signed, (said) => {
      if (said.terms.here.bytes > all().may_give) return problem(507, 'full', 'There is no room for that: 840 GB can be promised.', 'Give less, or add a disk.');
      all().invites.push(invite(said));
      return { body: { invite: all().invites.at(-1), ticket: 'holdfast1'.concat('qpzry9x8gf2tvdw0s3jn54khce6mua7l'.repeat(6)), spaced: 'qpzr y9x8' } };
    }],
    [`POST ${base}/invites/*/answer`]: [signed, (said) => {
      const [one] = all().invites;
      all().invites = [];
      if (said.yes) all().friends.push(fresh('f2', 'Ben', one.terms));
      return { body: all() };
    }],
    [`POST ${base}/offers`]: [signed, (said) => {
      if (!said.ticket.startsWith('holdfast1')) return problem(400, 'bad_request', 'This is no invite.', 'Copy all of it.');
      const offer = { id: 'o1', by: 'casa-cleo', terms: terms(2e11, 1e11), expires_ms: Date.now() + DAY, words: ['otter', 'candle', 'north'], state: 'asking', fits: true, fault: null };
      all().offers = [offer];
      return { body: offer };
    }],
    [`POST ${base}/offers/*/answer`]: [signed, (said) => {
      const [offer] = all().offers;
      if (!said.yes) all().offers = [];
      else offer.state = 'waiting';
      return { body: offer };
    }],
    [`POST ${base}/*/reconciled`]: [raised, act(() => void (world.findings = []))],
    [`PATCH ${base}/*`]: [signed, act((one, said) => void Object.assign(one, said))],
    [`PUT ${base}/*/limits`]: [signed, act((one, said) => void (one.limits = said))],
    [`POST ${base}/*/audit`]: [signed, act((one) => void Object.assign(one.proofs, { last_ms: Date.now(), last_day: one.proofs.last_day + 40 }))],
    [`POST ${base}/*/pause`]: [signed, act((one) => void (one.standing = 'paused'))],
    [`POST ${base}/*/resume`]: [signed, act((one) => void (one.standing = 'active'))],
    [`POST ${base}/*/unblock`]: [signed, act((one) => void (one.standing = 'active'))],
    [`GET ${base}/*/messages`]: [signed, () => ({ body: { messages: world.messages } })],
    [`POST ${base}/*/messages`]: [signed, act((_, said) => void world.messages.push({ at_ms: Date.now(), mine: true, alarm: false, text: said.text, taken: false }))],
    [`POST ${base}/*/messages/read`]: [signed, act((one) => void (one.unread = 0))],
    [`POST ${base}/*/terms`]: [signed, act((_, said) => void (world.proposed = said.terms))],
    [`POST ${base}/*/terms/shorter`]: [raised, act((_, said) => void (world.proposed = said))],
    [`POST ${base}/*/terms/answer`]: [signed, act((one, said) => void Object.assign(one, said.yes ? { terms: one.asked.terms } : {}, { asked: null }))],
    [`POST ${base}/*/end`]: [raised, named((one) => void Object.assign(one, { standing: 'ending', ends_ms: Date.now() + 30 * DAY }))],
    [`POST ${base}/*/block`]: [raised, named((one) => void (one.standing = 'blocked'))],
    [`POST ${base}/*/stop`]: [raised, named((one) => void (one.standing = 'ended'))],
  };
}

/** No friends, the question of how boxes find each other, an invite that is taken, and one that is accepted. */
async function invites({ page, world, box }) {
  await page.getByText('No friends yet.').waitFor();
  await page.getByText('Nobody has said so yet.').waitFor();
  await look(page, '70-friends-none');
  await page.getByRole('button', { name: 'Invite a friend' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It sees the addresses of both boxes, never data.').waitFor();
  if (await dialog.locator('input:checked').count()) wrong.push('a way to be found is chosen before anybody said so');
  await look(page, '71-friends-reach');
  await dialog.getByLabel('Only boxes in the same house').check();
  await dialog.getByRole('button', { name: 'Have it so' }).click();
  await dialog.getByLabel('You keep for them, in GB').fill('900');
  await dialog.getByRole('button', { name: 'Make the invite' }).click();
  await dialog.getByText('There is no room for that').waitFor();
  await look(page, '72-friends-no-room');
  await dialog.getByLabel('You keep for them, in GB').fill('150');
  await dialog.getByRole('button', { name: 'Make the invite' }).click();
  await dialog.getByRole('img', { name: 'The invite as a picture for a camera' }).waitFor();
  if (world.friends.invites[0].terms.here.bytes !== 150e9) wrong.push('another size was offered than was typed');
  await look(page, '73-friends-ticket');
  Object.assign(world.friends.invites[0], { by: 'casa-ben', words: ['maple', 'seven', 'harbour'] });
  box().tell('friends', { friends: {} });
  await page.getByText('maple · seven · harbour').waitFor();
  if (await dialog.count()) wrong.push('the ticket covers the words that are to be compared');
  await look(page, '74-friends-compare');
  await page.getByRole('button', { name: 'They match: yes to “casa-ben”' }).click();
  await page.getByRole('heading', { name: 'Ben', exact: true }).waitFor();
  await page.getByText('Print a sheet for Ben').waitFor();
  await page.getByRole('button', { name: 'I was sent an invite' }).click();
  await dialog.getByLabel('The invite, as you got it').fill('nonsense');
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await dialog.getByText('This is no invite.').waitFor();
  await look(page, '75-friends-accept');
  await dialog.getByLabel('The invite, as you got it').fill('holdfast1abc');
  await dialog.getByRole('button', { name: 'Look at it' }).click();
  await page.getByRole('button', { name: 'They match: yes to “casa-cleo”' }).click();
  await page.getByText('You said yes. Now “casa-cleo” has to say so, too.').waitFor();
  Object.assign(world.friends.offers[0], { state: 'failed', fault: 'The other owner said no.' });
  box().tell('friends', { friends: {} });
  await page.getByText('Nothing comes of the invite of “casa-cleo”.').waitFor();
  await look(page, '85-friends-failed');
  await page.getByRole('button', { name: 'Put it away' }).click();
  await page.getByText('Nothing comes of the invite').waitFor({ state: 'detached' });
}

/** This box went back in time: what is meant by it is said before anybody says that it is right. */
async function wentBack({ page, world, box }) {
  world.findings = [{ severity: 'alarm', sentence: "Ana's box has seen newer versions of this box than it has: it went back in time.", action: "Was a disk put back, or a copy of the box started? If so, say that it is right on the friends' page; until then nothing is let go there." }];
  box().tell('missed', { missed: { count: 1 } });
  await page.getByText('Did you put an old disk back').waitFor();
  await look(page, '86-friends-went-back');
  world.elevated = false;
  await page.getByRole('button', { name: 'What this box has is right' }).click();
  await password({ page, world });
  box().tell('missed', { missed: { count: 1 } });
  await page.getByText('Did you put an old disk back').waitFor({ state: 'detached' });
}

/** Home with friends: one that is there and one that is not are grips, and the verdict counts what they keep. */
async function onHome({ page, origin }) {
  await page.goto(`${origin()}/#/`);
  await heading(page, 'Everything is safe.');
  await page.getByText('2 friends keep 2.8 TB outside this house.').waitFor();
  await page.getByText('Outside: 1.4 TB of 2 TB, 18 GB on the way').waitFor();
  const drawing = await page.getByRole('img', { name: /Drawing: your files/ }).getAttribute('aria-label');
  if (!/Ana: Holds; Tomasz: Not here/.test(drawing)) wrong.push(`friends are not in the drawing: ${drawing}`);
  await look(page, '87-home-friends');
  await page.goto(`${origin()}/#/friends`);
}

/** What is done with a friend who is there, up to the end. */
async function keeps({ page, world, box, origin }) {
  const [ana] = (world.friends.friends = [friend('f1', 'Ana', { unread: 1, asked: { pact: 'aa', terms: terms(1.5e12, 2e12), shorter: false } }), friend('f3', 'Tomasz', { place: 'Kraków', seen: 'offline', round_trip_ms: null, last_seen_ms: Date.now() - 9 * DAY, waiting_packs: 400, waiting_bytes: 1.8e10, waiting_since_ms: Date.now() - 8 * DAY, proofs: { last_ms: Date.now() - 9 * DAY, last_day: 38, proved: 900, failed: 2, unanswered: 60, score: 997 } })]);
  world.messages = [{ at_ms: Date.now() - DAY, mine: false, alarm: false, text: 'Our power will be out on Saturday.', taken: true }];
  box().tell('friends', { friends: {} });
  await page.getByText('600 pieces proved').waitFor();
  await page.getByText('2 pieces wrong or missing').waitFor();
  await look(page, '76-friends');
  await page.getByLabel('Language').selectOption('de');
  await page.getByText('600 Stücke bewiesen').waitFor();
  await look(page, '77-friends-german');
  await page.getByLabel('Sprache').selectOption('en');
  await wentBack({ page, world, box });
  await onHome({ page, origin });
  const dialog = page.getByRole('dialog');
  const begin = async (name) => { await page.getByRole('button', { name, exact: true }).click(); await dialog.waitFor(); };
  await begin('Messages, 1 new: Ana');
  await dialog.getByText('Our power will be out').waitFor();
  await dialog.getByLabel('Message').fill('Thanks.');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await dialog.getByText('not there yet').waitFor();
  await look(page, '78-friends-messages');
  await dialog.getByRole('button', { name: 'Close' }).click();
  if (ana.unread !== 0) wrong.push('what was read is still new');
  await page.getByRole('button', { name: 'Look at it' }).click();
  await look(page, '79-friends-asked');
  await dialog.getByRole('button', { name: 'Agree to these terms' }).click();
  await dialog.waitFor({ state: 'detached' });
  if (ana.terms.here.bytes !== 1.5e12) wrong.push('the terms that were agreed to do not count');
  await begin('Terms: Ana');
  await dialog.getByLabel('Keep deleted files for so many days').fill('7');
  await dialog.getByText('That takes your 24 words.').waitFor();
  await look(page, '80-friends-shorter');
  await dialog.getByLabel('Keep deleted files for so many days').fill('60');
  await dialog.getByRole('button', { name: 'Propose these terms' }).click();
  await dialog.waitFor({ state: 'detached' });
  if (world.proposed.there.not_before_days !== 60 || world.proposed.here.not_before_days !== 30) wrong.push('other terms were proposed than were typed');
  await begin('Name and limits: Ana');
  await dialog.getByLabel('At most, in Mbit/s').fill('');
  await look(page, '81-friends-limits');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  if (ana.limits.kbit !== null || ana.limits.full_speed !== '00:00-07:00') wrong.push('limits are others than were typed');
  await page.getByRole('button', { name: 'Have it prove some now: Ana' }).click();
  await page.getByText('640 pieces proved').waitFor();
  await page.getByRole('button', { name: 'Take nothing new for now: Ana' }).click();
  await page.getByRole('button', { name: 'Take new copies again: Ana' }).click();
  await page.getByRole('button', { name: 'Friend sheet: Ana' }).click();
  await heading(page, 'Friend sheet: Ana');
  await look(page, '82-friends-sheet');
  await page.getByRole('button', { name: 'Back to friends' }).click();
  await begin('End it with Ana');
  await dialog.getByLabel('Stop at once').check();
  await dialog.getByText('count as lost from this moment').waitFor();
  if (await dialog.getByRole('button', { name: 'Stop at once' }).isEnabled()) wrong.push('a friend can be given up without a name');
  await dialog.getByLabel('To confirm, type the name: Ana').fill('ana');
  await look(page, '83-friends-end');
  world.elevated = false;
  await dialog.getByRole('button', { name: 'Stop at once' }).click();
  await password({ page, world });
  await page.getByText('Over', { exact: true }).waitFor();
}

/** Friends, from none to one that is over; then out of reach, and locked. */
export async function friends(told) {
  await well(told, '/friends');
  told.world.friends = undefined;
  await heading(told.page, 'Friends');
  await invites(told);
  await keeps(told);
  told.world.lock = 'locked';
  told.box().tell('lock', { lock: 'locked' });
  await told.page.getByText('The box is locked.').waitFor();
  await look(told.page, '84-friends-locked');
  told.world.lock = 'unlocked';
}
