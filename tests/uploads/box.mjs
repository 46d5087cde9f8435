// A real box in desk mode with two disks: begun, claimed over its own door, killed, begun again, unlocked.
// It speaks HTTPS and is known by its own certificate. Start at `Box`.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';

const PATIENCE = 120_000;
const PASSWORD = 'correct horse battery';

/** Waits for a state, not for a time. */
export async function until(what, is) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    let why;
    const found = await is().catch((error) => void (why = error));
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}: ${why ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A port of this computer that nobody has. */
export const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

export class Box {
  constructor(programs, home, port) {
    Object.assign(this, { programs, home, port, log: '', cookies: '', csrf: '' });
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'holdfastd.toml'), `vault = "vault.toml"\nstate = "state"\nsocket = "box.sock"\nlog = "warn"\n\n[board]\nkind = "desk"\nfolder = "machine"\n\n[web]\nlisten = "127.0.0.1:${port}"\n`);
  }

  get ca() {
    return readFileSync(join(this.home, 'state/web/ca.pem'));
  }

  async start() {
    this.agent?.destroy();
    this.agent = undefined;
    const program = join(this.programs, 'holdfastd');
    this.service = spawn(program, ['--config', join(this.home, 'holdfastd.toml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.service.stderr.on('data', (part) => (this.log += part));
    this.ended = new Promise((resolve) => this.service.on('exit', resolve));
    await until('the box answers', () => this.ask('GET', '/api/v1/openapi.json').then(({ status }) => status > 0));
  }

  /** With SIGKILL nothing is put in order; with SIGTERM everything is. */
  async end(signal) {
    this.service.kill(signal);
    await this.ended;
  }

  hand(...words) {
    return execFileSync(join(this.programs, 'holdfast'), ['--box', join(this.home, 'box.sock'), ...words], { encoding: 'utf8', timeout: PATIENCE });
  }

  async ask(method, path, body) {
    this.agent ??= new Agent({ keepAlive: true, maxSockets: 16, ca: this.ca });
    const headers = { cookie: this.cookies, 'x-holdfast-csrf': this.csrf };
    const sent = body === undefined ? undefined : JSON.stringify(body);
    if (sent) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) });
    return new Promise((resolve, reject) => {
      const asked = request({ agent: this.agent, host: 'localhost', port: this.port, method, path, headers }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
      });
      asked.on('error', reject).end(sent);
    });
  }

  async does(method, path, body) {
    const { status, headers, body: said } = await this.ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${said}`);
    const given = headers['set-cookie']?.map((one) => one.split(';')[0]);
    if (given) this.cookies = given.join('; ');
    return said.length > 0 ? JSON.parse(said) : {};
  }

  /** Claims it, makes the vault, and has the words said back. */
  async claim() {
    for (const [name, bay] of [['red', 'bay-1'], ['green', 'bay-2']]) {
      this.hand('desk', 'disk', 'new', name, '--gigabytes', '8');
      this.hand('desk', 'disk', 'insert', name, bay);
    }
    const code = readFileSync(join(this.home, 'state/web/claim-code'), 'utf8').trim();
    const { csrf } = await this.does('POST', '/api/v1/claim', { code, name: 'ada', password: PASSWORD });
    this.csrf = csrf;
    await this.does('POST', '/api/v1/session/elevation', { password: PASSWORD });
    const { words } = await until('the disks are seen', () => this.does('POST', '/api/v1/vault', { disks: ['1', '2'], copies: 2 }));
    this.words = words;
    const one = words.split(' ');
    await this.does('POST', '/api/v1/vault/words', { words: { 3: one[2], 17: one[16] } });
  }

  /** A token that may add to this source, and nothing else. */
  async token(source) {
    const made = await this.does('POST', '/api/v1/devices', { name: 'camera', scope: { add: { source } } });
    return made.token;
  }

  async unlock() {
    await this.does('POST', '/api/v1/unlock', { words: this.words });
    await until('it is unlocked', () => this.does('GET', '/api/v1/status').then(({ lock }) => lock === 'unlocked'));
  }
}
