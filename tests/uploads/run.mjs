// Story `upload`: a folder of many files through a public tus client, with the line cut and the box killed on
// the way. `node run.mjs PROGRAMS FOLDER [FILES]` prints its figures as `uploads: name=number ...`.
//
// Each zero stands beside one that is not: a client that forgets what the box told it, and a file that was
// changed after it was sent, are found by the same counts. Everything follows from the seed.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { Box, freePort, until } from './box.mjs';
import { CHUNK, upload } from './client.mjs';
import { Line } from './line.mjs';

const [programs, folder, count = '5000'] = process.argv.slice(2);
if (!folder) throw new Error('name the folder of the programs and one for everything that is made');
const FILES = Number(count);
const AT_ONCE = 8;
/** One file in so many is of several chunks. */
const LARGE_ONE_IN = 60;
/** Where it is cut and killed, in parts of all files. */
const TROUBLES = [[0.1, 'cut'], [0.2, 'kill'], [0.35, 'cut'], [0.5, 'kill'], [0.65, 'cut'], [0.8, 'kill']];
const SOURCE = 'pictures';

/** Numbers that follow from a seed (xorshift). */
function dice(seed) {
  let state = seed >>> 0 || 1;
  return (sides) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % sides;
  };
}

function make(at, number, largeOneIn, roll) {
  mkdirSync(at, { recursive: true });
  const files = [];
  for (let n = 0; n < number; n += 1) {
    const size = n % largeOneIn === 0 ? CHUNK * 2 + roll(CHUNK * 2) : roll(24_000);
    const bytes = Buffer.alloc(size);
    for (let from = 0; from < size; from += 1) bytes[from] = roll(256);
    const name = `album ${n % 23}/picture-${n}.bin`;
    const here = join(at, `${n}.bin`);
    writeFileSync(here, bytes);
    files.push({ name, at: here, size });
  }
  return files;
}

const sum = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** How many files come back otherwise than they lie here. */
async function differ(box, files) {
  const waiting = files[Symbol.iterator]();
  let different = 0;
  const worker = async () => {
    for (const file of waiting) {
      const path = encodeURIComponent(file.name);
      const { status, body } = await box.ask('GET', `/api/v1/files/${SOURCE}/content?path=${path}`);
      if (status !== 200 || sum(body) !== sum(readFileSync(file.at))) different += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return different;
}

rmSync(folder, { recursive: true, force: true });
const box = new Box(programs, join(folder, 'box'), await freePort());
const line = new Line(box.port);
const figures = {};
try {
  const roll = dice(20_261_127);
  const files = make(join(folder, 'files'), FILES, LARGE_ONE_IN, roll);
  await box.start();
  await box.claim();
  const token = await box.token(SOURCE);
  const origin = `https://localhost:${await line.open()}`;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca: box.ca });
  const options = { origin, token, source: SOURCE, ca: box.ca, agent, atOnce: AT_ONCE };

  const troubles = TROUBLES.map(([part, what]) => [Math.floor(part * FILES), what]);
  let kills = 0;
  const trouble = async (done) => {
    if (troubles.length === 0 || done < troubles[0][0]) return;
    const [, what] = troubles.shift();
    if (what === 'cut') return line.cut();
    kills += 1;
    await box.end('SIGKILL');
    await box.start();
    await box.unlock();
  };
  const began = performance.now();
  const told = await upload(files, options, trouble);
  const seconds = (performance.now() - began) / 1000;
  const bytes = files.reduce((all, file) => all + file.size, 0);
  Object.assign(figures, { files: told.done, bytes, cuts: line.cuts, kills, retries: told.retries, sent_again: told.sent - bytes, beyond: told.beyond, up: line.up });
  figures.different = await differ(box, files);
  figures.milliseconds = Math.round(seconds * 1000);

  // What would have been seen: a client that begins anew, and a file that is another one now.
  const large = make(join(folder, 'large'), 8, 1, roll).map((file) => ({ ...file, name: `large/${file.name}` }));
  const forgetful = upload(large, { ...options, forgets: true, atOnce: 2 }, async () => {});
  const before = line.up;
  await until('some of it is on its way', async () => line.up > before + 3 * CHUNK);
  line.cut();
  await until('more of it is on its way', async () => line.up > before + 9 * CHUNK);
  line.cut();
  figures.sabotaged_beyond = (await forgetful).beyond;
  appendFileSync(files[0].at, '.');
  figures.sabotaged_different = await differ(box, files.slice(0, 50));
} catch (error) {
  console.error(String(error?.stack ?? error), box.log.slice(-3000));
  process.exitCode = 1;
} finally {
  line.close();
  await box.end('SIGTERM');
}
console.log(`uploads: ${Object.entries(figures).map(([name, number]) => `${name}=${number}`).join(' ')}`);
process.exit();
