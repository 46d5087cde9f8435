// A box for trying the page without one: the same routes, answers and refusals as far as the screens use
// them, with a world that a test changes by hand. It is test equipment: what it says of the box is no
// proof of the box. Start at `start`.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { friendRoutes } from './friends.mjs';
import { answer as fileAnswer, file, store, upload } from './fakefiles.mjs';

const dist = new URL('../dist/', import.meta.url).pathname;
const WORDS = 'arctic live gadget display excess mandate sniff autumn people disorder affair hole retreat fancy close tip deer village tuition orbit cannon owner maid spare'.split(' ');
const KINDS = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
/** As `firmware/api/src/guard.rs` has it; a test compares the two. */
export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const TB = 1e12;
export const disk = (bay, serial, size, more = {}) => ({
  id: `0000000${bay}`, place: `bay ${bay}`, bay: String(bay), model: 'Fake Disk', serial, size, transport: 'virtual', life: 'blank',
  sentence: 'It is blank.', action: '', volume: null, to_be_replaced: false, safe_to_pull: false, joining: null, erase_word: null,
  temperature_c: 34, power_on_hours: 4021, ...more,
});
export const volume = (id, more = {}) => ({ id, path: `/v/${id}`, state: 'member', size: 4 * TB, free: 1.7 * TB, packs: 1000, detail: null, ...more });
export const job = (id, kind, more = {}) => ({
  id, spec: { [kind]: {} }, state: 'running', asked_by: 'owner', created_ms: Date.now() - 60_000, started_ms: Date.now() - 60_000, ended_ms: null, attempts: 1,
  progress: { items: 120, items_total: 480, bytes: 3.1e11, bytes_total: 1.2e12, bytes_per_second: 1.12e8, left_ms: 7_900_000 }, result: null, fault: null, ...more,
});

/** A box that nobody owns, with two blank disks and one that has something on it. */
const RULE = { all_days: 1, hourly_days: 30, daily_days: 90, weekly_days: 365 };

export function newWorld() {
  return {
    version: '0.1.0', claimed: false, code: '4F7K-22QA-9XWD', name: '', password: '', elevated: false, session: '', csrf: '', saidBack: false,
    vault: '', lock: 'none', clock: 'trusted', findings: [], volumes: [], jobs: [], sources: [], outlets: [],
    questions: [], news: [], copies: 2, files: {}, uploads: {}, cut: null, people: [], devices: [], off: false, begun: 0, totp: null, key: null, waited: 0, plugged: false, sticks: [], sheets: 0, kit: 'old', drawn: null,
    around: { quiet: '22:00-07:00', quiet_now: false, opens_itself: false, power: 'wall' },
    keeping: { copies: 2, versions: { ...RULE }, usual: { ...RULE }, thins: true }, foreseen: {}, kept: null,
    pairing: null, codeSeconds: 900,
    network: { announced: 'holdfast.local', names: ['box.example'], only_itself: false, links: [
      { name: 'enp1s0', carrier: 'cable', connected: true, mbit: 2500, addresses: ['192.168.1.20', '2001:db8:4f::20'] },
      { name: 'enp2s0', carrier: 'cable', connected: false, addresses: [] },
      { name: 'wlp3s0', carrier: 'radio', connected: true, addresses: ['192.168.1.21'] }] },
    disks: [disk(1, 'K8QD', 4 * TB), disk(2, '7R4T', 4 * TB), disk(3, 'F9LG', 6 * TB, { life: 'foreign', sentence: 'On it: ext4 called Backup 2019, 4102 files, 812.3 GB.', erase_word: 'F9LG' })],
    enclosure: { name: 'Desk', bays: [1, 2, 3, 4].map((n) => ({ name: String(n), row: 0, column: n - 1, light: true })), sockets: ['front', 'back'] },
  };
}

/** The same, owned and in use: two disks hold everything. */
export function usedWorld() {
  const world = newWorld();
  const now = Date.now();
  Object.assign(world, { claimed: true, name: 'Maya', password: 'correct horse battery', elevated: true, vault: 'v0', lock: 'unlocked', saidBack: true });
  world.volumes = [volume('aa'), volume('bb', { free: 1.9 * TB })];
  ['aa', 'bb'].forEach((id, i) => Object.assign(world.disks[i], { life: 'member', volume: id, sentence: 'It is well.' }));
  world.sources = [{ name: 'Photos', id: 's1', snapshots: 212, newest: now - 7_200_000 }, { name: 'Documents', id: 's2', snapshots: 31, newest: now - 86_400_000 * 2 }];
  world.people = [{ id: 'p', name: 'Maya', role: 'owner', joined: true, second_factor: false, created_ms: now, until_ms: null }];
  fill(world, now);
  world.jobs = [job(7, 'scrub', { state: 'done', ended_ms: now - 36_000_000 }), job(6, 'backup', { state: 'done', ended_ms: now - 7_200_000 })];
  return world;
}

/** A few files with a past: a letter that was changed, one that was deleted, a picture. */
function fill(world, now) {
  const DAY = 86_400_000;
  const at = (days, change) => store(world, 'Documents', change, now - days * DAY);
  at(90, (files) => { files.set('letters/to Ada.txt', file('Dear Ada,\nfirst words.\n')); files.set('letters/old.txt', file('To be deleted.')); });
  at(30, (files) => { files.set('letters/to Ada.txt', file('Dear Ada,\nbetter words.\n')); files.set('dot.png', { bytes: DOT, mtime: now - 30 * DAY }); files.set('plan.pdf', file('%PDF-1.4')); });
  at(3, (files) => { files.delete('letters/old.txt'); for (let n = 0; n < 260; n += 1) files.set(`many/note ${String(n).padStart(3, '0')}.txt`, file(`Note ${n}`)); });
}

const DOT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const problem = (status, code, detail, next = 'Try again.') => ({ status, problem: { type: `urn:holdfast:problem:${code}`, title: code, status, detail, code, next } });

function routes(world) {
  const signed = { needs: true };
  const raised = { needs: true, raised: true };
  const worst = () => ['alarm', 'warning', 'notice'].find((one) => world.findings.some((finding) => finding.severity === one)) ?? null;
  const status = () => ({ version: world.version, vault: world.vault, lock: world.lock, clock: world.clock, uptime_ms: 1, now_ms: Date.now(), verdict: worst(), running: 0, queued: 0, paused: 0 });
  const welcome = () => ({ person: 'p', name: world.name, role: 'owner', csrf: world.csrf });
  const enter = () => {
    Object.assign(world, { session: randomBytes(12).toString('hex'), csrf: randomBytes(12).toString('hex') });
    return { body: welcome(), cookie: `__Host-holdfast-session=${world.session}; Path=/; Secure; HttpOnly; SameSite=Strict` };
  };
  const disks = () => ({ disks: world.disks, questions: world.questions, news: world.news, copies: world.copies });
  const outlets = () => world.outlets.map((outlet) => ({ outlet, has_secret: false, sent_ms: null, waiting: 0, fault: null }));
  const begun = (kind, more = {}) => (said) => {
    const started = job(20 + world.jobs.length, kind, { spec: { [kind]: said }, ...more });
    world.jobs = [started, ...world.jobs];
    return { body: { job: started, already_there: false }, news: ['job', { job: started }] };
  };
  const kept = (said) => {
    if (world.foreseen.versions > said.goes_at_most) return problem(409, 'wrong_state', `${world.foreseen.versions} versions would go, and not ${said.goes_at_most}.`);
    world.kept = said;
    world.keeping = { ...world.keeping, copies: said.copies ?? world.keeping.copies, versions: said.versions ?? world.keeping.versions };
    return { body: { keeping: world.keeping, jobs: [] } };
  };
  /** What is shown beside the password, where somebody has a key; none when it is right. */
  const beside = (said) => {
    if (!world.key || said.code === '0000-99QX' || said.words) return null;
    if (said.key_seconds === undefined) return problem(403, 'code_or_key', 'A code of the second factor, or the key, is needed, too.');
    world.waited += 1;
    if (world.refusesKey) return problem(403, ...world.refusesKey);
    if (world.key.copied_ms) return problem(403, 'key_copied', 'Somebody used a copy of your key, so it opens nothing any more.', 'Use a code or the 24 words, take this key away in Settings, and change your password.');
    if (!world.plugged) return { wait: 300, ...problem(403, 'key_not_here', 'Your key is not plugged into the box.', 'Plug it in, or pull it out and plug it in again: it counts for ten minutes.') };
    world.key = { ...world.key, used_ms: Date.now() };
    return null;
  };
  const withDisk = (act) => (said, at) => {
    const one = world.disks.find((found) => found.id === at[0]);
    if (!one) return problem(404, 'not_found', 'There is no such disk.');
    return act(one, said) ?? { body: disks() };
  };
  return {
    ...friendRoutes(world, { signed, raised, problem }),
    'GET /api/v1/box': [{}, () => ({ body: { holdfast: 'holdfast', version: world.version, claimed: world.claimed, desk: true } })],
    'POST /api/v1/claim': [{}, (said) => {
      if (said.code !== world.code) return problem(403, 'wrong_code', 'This is not the code.', 'Read it from the console.');
      Object.assign(world, { claimed: true, name: said.name, password: said.password, elevated: false });
      return enter();
    }],
    'POST /api/v1/session': [{}, (said) => {
      if (said.name !== world.name || said.password !== world.password) return problem(403, 'wrong_secret', 'Name and password do not fit.', 'Try again.');
      return beside(said) ?? enter();
    }],
    'GET /api/v1/session': [signed, () => ({ body: { ...welcome(), space: 'p', session: 's', elevated: world.elevated, second_factor: world.totp === 'on' || !!world.key, totp: world.totp === 'on', key: world.key, codes_left: world.sheets * 20, until_ms: null } })],
    'DELETE /api/v1/session': [signed, () => { world.session = ''; return { body: { done: true } }; }],
    'POST /api/v1/session/elevation': [signed, (said) => {
      if (said.password !== world.password) return problem(403, 'wrong_secret', 'The password does not fit.');
      const refused = beside(said);
      if (refused) return refused;
      world.elevated = true;
      return { body: { seconds: 900 } };
    }],
    'GET /api/v1/status': [signed, () => ({ body: status() })],
    'GET /api/v1/health': [signed, () => ({ body: { findings: world.findings, volumes: world.volumes } })],
    'GET /api/v1/disks': [signed, () => ({ body: disks() })],
    'GET /api/v1/jobs': [signed, () => ({ body: { jobs: world.jobs, more: false } })],
    'GET /api/v1/enclosure': [signed, () => ({ body: { enclosure: world.enclosure } })],
    'GET /api/v1/outlets': [signed, () => ({ body: { outlets: outlets() } })],
    'PUT /api/v1/outlets': [raised, (said) => { world.outlets = said.outlets; return { body: { outlets: outlets() } }; }],
    'POST /api/v1/outlets/*/test': [signed, () => ({ body: { done: true } })],
    'GET /api/v1/sources': [signed, () => ({ body: { sources: world.sources.map(({ name, id, snapshots }) => ({ name, id, snapshots })) } })],
    'GET /api/v1/snapshots': [signed, (_, __, query) => {
      const source = world.sources.find((one) => one.name === query.get('source'));
      return { body: { snapshots: source ? [{ id: 'a0', source: source.name, received_ms: source.newest, kind: 'backup' }] : [], more: false } };
    }],
    'POST /api/v1/unlock': [signed, (said) => {
      if (said.password !== 'open sesame now') return problem(403, 'wrong_secret', 'This opens nothing.');
      world.lock = 'unlocked';
      return { body: { lock: 'unlocked' } };
    }],
    'POST /api/v1/vault': [raised, (said) => {
      if (world.saidBack) return problem(409, 'wrong_state', 'There is a vault.');
      Object.assign(world, { vault: 'v0', lock: 'unlocked' });
      world.volumes = said.disks.map((id) => volume(`vol${id}`, { free: 4 * TB, packs: 0 }));
      said.disks.forEach((id) => Object.assign(world.disks.find((one) => one.id === id), { life: 'member', volume: `vol${id}`, sentence: 'It is well.' }));
      return { body: { vault: 'v0', words: WORDS.join(' ') } };
    }],
    'POST /api/v1/vault/words': [signed, (said) => {
      const right = Object.entries(said.words).every(([number, word]) => WORDS[number - 1] === word);
      if (!right) return problem(403, 'wrong_secret', 'These are not two or more of the words.', 'Read them from your paper, with their numbers.');
      world.saidBack = true;
      return { body: { done: true } };
    }],
    'POST /api/v1/jobs/check': [signed, begun('check', { progress: { items: 0, items_total: null, bytes: 0, bytes_total: null, bytes_per_second: null, left_ms: null } })],
    'POST /api/v1/jobs/prune': [raised, (said) => { world.pruned = said; return begun('prune')(said); }],
    'POST /api/v1/jobs/import': [raised, begun('import')],
    'POST /api/v1/jobs/usb': [raised, (said) => (world.others && said.files_of.length === 0 ? problem(409, 'files_of_others', 'This takes the files of others, too: Ben, Zoe.', 'Name them.') : begun('usb')(said))],
    'POST /api/v1/jobs/usb-verify': [signed, begun('usb_verify')],
    'GET /api/v1/people': [signed, () => ({ body: { people: world.people } })],
    'POST /api/v1/people': [raised, (said) => {
      world.people = [...world.people, { id: `p${world.people.length}`, name: said.name, role: said.role, joined: false, second_factor: false, created_ms: Date.now(), until_ms: null }];
      return { body: { id: 'p1', code: '7K2M-99QX-41TD' } };
    }],
    'DELETE /api/v1/people/*': [raised, (_, at) => { world.people = world.people.filter((one) => one.id !== at[0]); return { body: { done: true } }; }],
    'GET /api/v1/devices': [signed, () => ({ body: { devices: world.devices } })],
    'POST /api/v1/devices': [raised, (said) => {
      world.devices = [...world.devices, { id: 'd1', name: said.name, scope: said.scope, quota: null, stored: 0, since_ms: Date.now(), used_ms: null }];
      return { body: { id: 'd1', token: 'hf_4k2m99qx41td7k2m99qx41td' } };
    }],
    'POST /api/v1/devices/pairing': [raised, (said) => { world.pairing = said; return { body: { code: 'ABCD-EFGH-JKMN-PQRS-TUVW-XYZ2-3456', seconds: world.codeSeconds } }; }],
    'DELETE /api/v1/devices/*': [signed, (_, at) => { world.devices = world.devices.filter((one) => one.id !== at[0]); return { body: { done: true } }; }],
    'GET /api/v1/network': [signed, () => ({ body: world.network })],
    'GET /api/v1/keeping': [signed, () => ({ body: world.keeping })],
    'POST /api/v1/keeping/foreseen': [signed, (said) => ({ body: { less: false, takes: said.copies > world.keeping.copies ? 1.2 * TB : 0, versions: 0, sooner: 0, oldest_ms: null, sources: [], others: 0, frees: null, from_ms: null, held: null, ...world.foreseen } })],
    'PUT /api/v1/keeping': [signed, (said) => (world.foreseen.less ? problem(409, 'wrong_state', 'This keeps less than until now.') : kept(said))],
    'PUT /api/v1/keeping/less': [raised, (said) => kept(said)],
    'PUT /api/v1/quiet-hours': [signed, (said) => { world.around = { ...world.around, quiet: said.hours }; return { body: world.around }; }],
    'GET /api/v1/sessions': [signed, () => ({ body: { sessions: [{ id: 's', agent: 'Chromium on Linux', since_ms: Date.now(), used_ms: Date.now(), this: true }, { id: 't', agent: 'Phone', since_ms: Date.now(), used_ms: Date.now() - 3_600_000, this: false }] } })],
    'DELETE /api/v1/sessions/*': [signed, () => ({ body: { done: true } })],
    'PUT /api/v1/password': [raised, (said) => { world.password = said.password; return { body: { done: true } }; }],
    'POST /api/v1/sheet': [raised, () => ({ body: { ...((world.sheets = 1), {}), codes: Array.from({ length: 20 }, (_, n) => `${String(n).padStart(4, '0')}-99QX`) } })],
    'GET /api/v1/audit': [signed, () => ({ body: { entries: [{ number: 1, at_ms: Date.now() - 60_000, who: 'Maya', act: 'sign-in', what: '', from: '127.0.0.1', hash: 'ab' }], whole: true } })],
    'GET /api/v1/support-bundle': [signed, () => ({ body: { status: status(), health: { findings: [], volumes: [] }, jobs: [], settings: [], disks: [] } })],
    'GET /api/v1/surroundings': [signed, () => ({ body: world.around })],
    'POST /api/v1/restart': [raised, () => { world.begun += 1; return { body: { done: true } }; }],
    'GET /api/v1/key/sticks': [signed, () => ({ body: { sticks: world.sticks } })],
    'POST /api/v1/key': [raised, (said) => {
      if (!world.sheets) return problem(409, 'no_other_way', 'A key can be lost, and nothing else would let you in.', 'Print a sheet of codes first, and keep it somewhere else.');
      const on = world.sticks.find((one) => one.id === said.stick);
      world.key = { stick: on.model, made_ms: Date.now() - 60_000, used_ms: null, copied_ms: null };
      return { body: { file: 'holdfast-key-1a2b3c4d' } };
    }],
    'DELETE /api/v1/people/*/key': [raised, (_, [id]) => { world.people.find((one) => one.id === id).key = false; return { body: { done: true } }; }],
    'DELETE /api/v1/key': [raised, () => { world.key = null; return { body: { done: true } }; }],
    'POST /api/v1/totp': [raised, () => { world.totp = 'new'; return { body: { secret: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', uri: 'otpauth://totp/Holdfast:Maya?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Holdfast' } }; }],
    'PUT /api/v1/totp': [raised, (said) => {
      if (said.code !== '123456') return problem(403, 'wrong_secret', 'This is not the code.');
      world.totp = 'on';
      return { body: { done: true } };
    }],
    'DELETE /api/v1/totp': [raised, () => { world.totp = null; return { body: { done: true } }; }],
    'POST /api/v1/kit': [raised, (said) => {
      if (said.password !== 'open sesame now') return problem(403, 'wrong_secret', 'This opens nothing.');
      world.drawn = [...WORDS].reverse();
      return { body: { vault: 'v0', words: world.drawn.join(' ') } };
    }],
    'POST /api/v1/kit/words': [raised, (said) => {
      if (!Object.entries(said.words).every(([number, word]) => world.drawn?.[number - 1] === word)) return problem(403, 'wrong_secret', 'These are not two or more of the words.', 'Read them from your paper, with their numbers.');
      world.kit = 'new';
      return { body: { done: true } };
    }],
    'POST /api/v1/lock': [signed, () => { world.lock = 'locked'; return { body: { lock: 'locked' } }; }],
    'POST /api/v1/shutdown': [raised, () => { world.off = true; return { body: { done: true } }; }],
    'POST /api/v1/disks/*/replace': [raised, withDisk((one) => {
      one.to_be_replaced = true;
      world.questions = [{ kind: 'insert', disk: null, sentence: `A new disk is wanted in the place of the disk in ${one.place}.`, action: 'Put one into bay 4; do not pull the old one before you are told.' }];
    })],
    'POST /api/v1/disks/*/keep': [signed, withDisk((one) => { one.to_be_replaced = false; world.questions = []; })],
    'POST /api/v1/disks/*/retire': [raised, withDisk((one) => { one.life = 'retiring'; })],
    'POST /api/v1/disks/*/find': [signed, withDisk(() => undefined)],
    'POST /api/v1/disks/*/adopt': [raised, withDisk((one) => { one.joining = 'formatting'; })],
    'POST /api/v1/disks/*/undo': [signed, withDisk((one) => { one.joining = null; })],
    'POST /api/v1/disks/*/erase': [raised, withDisk((one, said) => {
      if (String(said.typed).toUpperCase() !== one.erase_word) return problem(409, 'refused', 'That is not its serial.');
      one.joining = { waiting: { left_ms: 600_000 } };
      return undefined;
    })],
  };
}

/** Serves the page and this world; `world` may be changed at any time, and `tell` makes it news. */
export async function start(world) {
  const readers = new Set();
  let number = 0;
  const tell = (name, data) => readers.forEach((reader) => reader.write(`id: x-${number++}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
  const send = (response, { status = 200, body, problem: said, cookie, news }) => {
    response.writeHead(status, { 'content-type': said ? 'application/problem+json' : 'application/json', ...(cookie ? { 'set-cookie': cookie } : {}), 'content-security-policy': POLICY });
    response.end(JSON.stringify(said ?? body));
    if (news) tell(...news);
  };
  const isOwn = (request) => !!world.session && (request.headers.cookie ?? '').includes(`__Host-holdfast-session=${world.session}`);
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname.startsWith('/api/v1/uploads')) {
      if (!isOwn(request)) return send(response, problem(401, 'no_session', 'Nobody is signed in.'));
      if (request.method !== 'HEAD' && request.headers['x-holdfast-csrf'] !== world.csrf) return send(response, problem(403, 'no_page_word', 'The header is missing.'));
      return upload(world, request, response, url);
    }
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      const own = isOwn(request);
      if (url.pathname === '/api/v1/events') {
        if (!own) return send(response, problem(401, 'no_session', 'Nobody is signed in.'));
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-security-policy': POLICY });
        response.write('retry: 2000\nid: x-0\nevent: hello\ndata: {}\n\n');
        readers.add(response);
        return response.on('close', () => readers.delete(response));
      }
      const files = own ? fileAnswer(world, request, url, text ? JSON.parse(text) : {}) : null;
      if (files?.bytes) {
        response.writeHead(files.status ?? 200, { 'content-type': files.type, 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' });
        return response.end(files.bytes);
      }
      if (files) return send(response, files);
      if (url.pathname.startsWith('/api/')) {
        const at = [];
        const found = Object.entries(routes(world)).find(([key]) => {
          const [method, path] = key.split(' ');
          const match = new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`).exec(url.pathname);
          if (method !== request.method || !match) return false;
          at.push(...match.slice(1));
          return true;
        });
        if (!found) return send(response, problem(404, 'not_found', `There is no ${request.method} ${url.pathname}.`));
        const [needs, answer] = found[1];
        if (needs.needs && !own) return send(response, problem(401, 'no_session', 'Nobody is signed in.'));
        if (needs.needs && request.method !== 'GET' && request.headers['x-holdfast-csrf'] !== world.csrf) return send(response, problem(403, 'no_page_word', 'The header is missing.'));
        if (needs.raised && !world.elevated) return send(response, problem(403, 'not_elevated', 'The password is wanted once more.'));
        const answered = answer(text ? JSON.parse(text) : {}, at, url.searchParams);
        return setTimeout(() => send(response, answered), answered.wait ?? 0);
      }
      const path = url.pathname === '/' ? '/index.html' : url.pathname;
      try {
        const bytes = readFileSync(join(dist, path));
        response.writeHead(200, { 'content-type': KINDS[extname(path)] ?? 'application/octet-stream', 'content-security-policy': POLICY });
        response.end(bytes);
      } catch {
        send(response, problem(404, 'not_found', `There is no ${path}.`));
      }
    });
  });
  await new Promise((resolve) => server.listen(world.port ?? 0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return { origin: `http://localhost:${server.address().port}`, port: server.address().port, tell, close };
}
