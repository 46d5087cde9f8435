// The files of the fake box: a source is a list of versions, each a map from path to bytes and time; uploads
// over tus as far as the page speaks it, with a line that a test can cut. Test equipment only.
import { createHash } from 'node:crypto';
import { extname } from 'node:path';

const SHOWN = { '.png': 'image/png', '.jpg': 'image/jpeg', '.txt': 'text/plain; charset=utf-8', '.pdf': 'application/pdf', '.mp3': 'audio/mpeg', '.mp4': 'video/mp4' };
const tagOf = (file) => createHash('sha256').update(file.bytes).digest('hex').slice(0, 16);

/** A new version of a source, made by changing the newest. */
export function store(world, source, change, at = Date.now()) {
  const versions = (world.files[source] ??= []);
  const files = new Map(versions.at(-1)?.files ?? []);
  change(files);
  versions.push({ id: `v${versions.length}`, at, files });
  const known = world.sources.find((one) => one.name === source);
  if (known) Object.assign(known, { snapshots: versions.length, newest: at });
  else world.sources.push({ name: source, id: `s-${source}`, snapshots: versions.length, newest: at });
}

export const file = (text, mtime = Date.UTC(2026, 9, 3)) => ({ bytes: Buffer.from(text), mtime });

const entry = (name, found) => found.bytes
  ? { name, kind: 'file', size: found.bytes.length, mtime_secs: Math.floor(found.mtime / 1000), mtime_nanos: 0, mode: 420, tag: tagOf(found) }
  : { name, kind: 'folder', size: 0, mtime_secs: Math.floor(found.mtime / 1000), mtime_nanos: 0, mode: 493, tag: found.tag };

/** What stands at a path: a file, a folder with all below, or nothing. */
function at(version, path) {
  if (version.files.has(path)) return version.files.get(path);
  const below = [...version.files].filter(([name]) => path === '' || name.startsWith(`${path}/`));
  if (below.length === 0 && path !== '') return null;
  const tag = createHash('sha256').update(below.map(([name, one]) => name + tagOf(one)).join('|')).digest('hex').slice(0, 16);
  return { below, mtime: Math.max(0, ...below.map(([, one]) => one.mtime)), tag };
}

function list(version, path) {
  const found = at(version, path);
  if (!found?.below) return null;
  const names = new Set(found.below.map(([name]) => name.slice(path === '' ? 0 : path.length + 1).split('/')[0]));
  return [...names].sort().map((name) => entry(name, at(version, path === '' ? name : `${path}/${name}`)));
}

const problem = (status, code, detail, next = 'Look at the list again.') => ({ status, problem: { type: `urn:holdfast:problem:${code}`, title: code, status, detail, code, next } });

/** The photos of a source, the newest first: those of a made-up timeline, or the pictures among its files. */
function photosOf(world, source) {
  const made = world.timelines?.[source];
  if (made) return made;
  const pictures = [...(world.files[source]?.at(-1)?.files ?? [])].filter(([name]) => /\.(png|jpg|heic|mp4)$/.test(name));
  return pictures.sort(([, a], [, b]) => b.mtime - a.mtime).map(([path, one]) => photo(path, one.mtime, tagOf(one), { size: one.bytes.length }));
}

/** A photo as the box tells of it. */
export const photo = (path, ms, tag, more = {}) => ({
  path, tag, size: 3_400_000, taken: new Date(ms).toISOString().slice(0, 19), offset_minutes: 120, taken_from: 'camera',
  film: path.endsWith('.mp4'), no_thumbnail: /\.(heic|mp4)$/.test(path) ? 'no_decoder' : null, ...more,
});

/** Answers what is about photos; null for anything else. */
function photoAnswer(world, url) {
  const match = /^\/api\/v1\/files\/([^/]+)\/(photos|photos\/months|thumbnail|content)$/.exec(url.pathname);
  if (!match) return null;
  const [source, what] = [decodeURIComponent(match[1]), match[2]];
  const path = url.searchParams.get('path') ?? '';
  if (what === 'content') return world.timelines?.[source]?.some((one) => one.path === path) ? { bytes: world.small?.(path) ?? Buffer.from('no picture'), type: 'image/jpeg' } : null;
  if (!world.files[source] && !world.timelines?.[source]) return problem(404, 'no_source', `there is no source "${source}"`);
  const all = photosOf(world, source);
  const revision = world.revision ?? 1;
  if (what === 'photos') {
    const skip = Number(url.searchParams.get('skip') ?? 0);
    return { body: { revision, photos: all.slice(skip, skip + Number(url.searchParams.get('items') ?? 200)) } };
  }
  if (what === 'photos/months') {
    const months = [];
    for (const { taken } of all) {
      const [year, month] = taken.split('-').map(Number);
      const last = months.at(-1);
      if (last?.year === year && last.month === month) last.count += 1;
      else months.push({ year, month, count: 1 });
    }
    return { body: { version: 'v0', revision, months, total: all.length, read: all.length, left_out: 0, looking: false, ...world.reading } };
  }
  const small = world.small?.(path) ?? (path.endsWith('.png') ? world.files[source]?.at(-1)?.files.get(path)?.bytes : null);
  return small ? { bytes: small, type: small[0] === 0xff ? 'image/jpeg' : 'image/png' } : { bytes: Buffer.alloc(0), type: 'image/jpeg', status: 204 };
}

/** Answers what is about files; null for anything else. */
export function answer(world, request, url, body) {
  const ofPhotos = photoAnswer(world, url);
  if (ofPhotos) return ofPhotos;
  const match = /^\/api\/v1\/files\/([^/]+)\/(\w[\w-]*)$/.exec(url.pathname);
  if (!match) return null;
  const [source, what] = [decodeURIComponent(match[1]), match[2]];
  const versions = world.files[source];
  if (!versions && what !== 'folder') return problem(404, 'no_source', `there is no source "${source}"`);
  const path = url.searchParams.get('path') ?? '';
  const wanted = url.searchParams.get('version');
  const version = wanted ? versions.find((one) => one.id === wanted) : versions?.at(-1);
  const told = (one) => ({ version: one.id, received_ms: one.at });
  if (what === 'entries') {
    const all = list(version, path);
    if (!all) return problem(404, 'not_found', 'There is no such folder.');
    const from = url.searchParams.get('from');
    const first = from ? all.findIndex((one) => Buffer.from(one.name).toString('hex') === from) : 0;
    const page = all.slice(first, first + Number(url.searchParams.get('items') ?? 200));
    const next = all[first + page.length];
    return { body: { ...told(version), top: entry('', at(version, path)), entries: page, next: next ? Buffer.from(next.name).toString('hex') : null } };
  }
  if (what === 'history') {
    const moments = [];
    for (const one of [...versions].reverse()) {
      const found = at(one, path);
      const shown = found ? entry(path.split('/').at(-1), found) : null;
      const last = moments.at(-1);
      if (last && (last.entry?.tag ?? null) === (shown?.tag ?? null)) last.since_ms = one.at;
      else moments.push({ ...told(one), since_ms: one.at, entry: shown });
    }
    if (moments.at(-1)?.entry === null) moments.pop();
    return { body: { moments, next: null } };
  }
  if (what === 'search') {
    const hits = [];
    const newest = versions.at(-1);
    for (const one of [...versions].reverse()) {
      for (const [name, found] of one.files) {
        if (newest.files.has(name) || hits.some((hit) => hit.path === name)) continue;
        hits.push({ path: name, entry: entry(name.split('/').at(-1), found), version: one.id, deleted: true });
      }
    }
    return { body: { hits, next: null } };
  }
  if (what === 'bring-back') {
    const old = versions.find((one) => one.id === body.version);
    let target = body.path;
    const there = at(versions.at(-1), target);
    const back = at(old, target);
    const same = there && (there.bytes ? back.bytes && tagOf(there) === tagOf(back) : there.tag === back.tag);
    if (!same) {
      if (there?.bytes) target = target.replace(/(\.[^.]*)?$/, ' (2)$1');
      store(world, source, (files) => (back.bytes ? files.set(target, back) : back.below.forEach(([name, one]) => files.set(name, one))));
    }
    return { body: { path: target, tag: null, changed: !same } };
  }
  if (what === 'rename') {
    store(world, source, (files) => [...files].filter(([name]) => name === body.from || name.startsWith(`${body.from}/`)).forEach(([name, one]) => {
      files.delete(name);
      files.set(body.to + name.slice(body.from.length), one);
    }));
    return { body: { path: body.to, tag: null, changed: true } };
  }
  if (what === 'folder') {
    store(world, source, (files) => files.set(`${body.path}/.keep`, file('')));
    return { body: { path: body.path, tag: null, changed: true } };
  }
  if (what === 'content' && request.method === 'DELETE') {
    store(world, source, (files) => [...files.keys()].filter((name) => name === path || name.startsWith(`${path}/`)).forEach((name) => files.delete(name)));
    return { body: { path, tag: null, changed: true } };
  }
  if (what === 'content') {
    const found = at(version, path);
    if (!found?.bytes) return problem(404, 'not_found', 'There is no such file.');
    const type = url.searchParams.get('shown') === 'true' ? SHOWN[extname(path)] : undefined;
    return { bytes: found.bytes, type: type ?? 'application/octet-stream' };
  }
  return null;
}

/** An upload, as tus has it. The test's `world.cut` breaks the line after so many bytes. */
export function upload(world, request, response, url) {
  const head = (status, more = {}) => response.writeHead(status, { 'tus-resumable': '1.0.0', 'cache-control': 'no-store', ...more });
  if (request.method === 'POST') {
    const words = Object.fromEntries((request.headers['upload-metadata'] ?? '').split(',').filter(Boolean).map((pair) => {
      const [key, value] = pair.trim().split(' ');
      return [key, Buffer.from(value ?? '', 'base64').toString()];
    }));
    const id = `u${Object.keys(world.uploads).length}`;
    world.uploads[id] = { words, size: Number(request.headers['upload-length']), bytes: Buffer.alloc(0), begun: 0 };
    head(201, { location: `/api/v1/uploads/${id}?space=everyone`, 'upload-offset': '0' });
    finish(world, id);
    return response.end();
  }
  const id = url.pathname.split('/').at(-1);
  const one = world.uploads[id];
  if (!one) {
    head(404);
    return response.end();
  }
  if (request.method === 'HEAD') {
    one.begun += 1;
    head(200, { 'upload-offset': String(one.bytes.length), 'upload-length': String(one.size) });
    return response.end();
  }
  if (request.method === 'DELETE') {
    delete world.uploads[id];
    head(204);
    return response.end();
  }
  if (Number(request.headers['upload-offset']) !== one.bytes.length) {
    world.doubled = true;
    head(409);
    return response.end();
  }
  request.on('data', (part) => {
    const room = world.cut === null ? part.length : Math.min(part.length, Math.max(0, world.cut - one.bytes.length));
    one.bytes = Buffer.concat([one.bytes, part.subarray(0, room)]);
    if (world.cut !== null && one.bytes.length >= world.cut) request.destroy();
  });
  request.on('end', () => {
    head(204, { 'upload-offset': String(one.bytes.length) });
    response.end();
    finish(world, id);
  });
}

function finish(world, id) {
  const one = world.uploads[id];
  if (one.bytes.length !== one.size || one.done) return;
  one.done = true;
  store(world, one.words.source, (files) => files.set(one.words.path, { bytes: one.bytes, mtime: Number(one.words.mtime) }));
}
