// One file over tus 1.0, as docs/protocols/uploads.md has it: begun once, gone on with from where the box
// says it stands, as often as the line breaks. What is begun is remembered in this browser until it is
// done, so that a reload loses nothing. Start at `send`.
import { pageWord } from './api/client';
import { metadata, pause, Stopped } from './uploads';

const KEPT = 'holdfast-upload ';
const PLACE = '/api/v1/uploads';
const HEAD = { 'tus-resumable': '1.0.0' };

export interface Begun {
  url: string;
  source: string;
  path: string;
  size: number;
}

/** What was begun in this browser and is not done. */
export function begun(): Begun[] {
  const found: Begun[] = [];
  for (let at = 0; at < localStorage.length; at += 1) {
    const key = localStorage.key(at) ?? '';
    const one = key.startsWith(KEPT) ? read(key) : null;
    if (one) found.push(one);
  }
  return found;
}

function read(key: string): Begun | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as Begun | null;
  } catch {
    return null;
  }
}

export function forget(print: string) {
  localStorage.removeItem(KEPT + print);
}

async function ask(url: string, method: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { method, headers: { ...HEAD, 'x-holdfast-csrf': pageWord(), ...headers }, signal });
  } catch {
    throw new Stopped(0);
  }
  if (answer.ok) return answer;
  throw new Stopped(answer.status, await answer.text().catch(() => ''));
}

/** Where it stands: one that was begun before, or a new one; `resumed` says which. */
async function stand(print: string, file: Blob, words: Record<string, string>, signal: AbortSignal): Promise<{ url: string; offset: number; resumed: boolean }> {
  const known = read(KEPT + print);
  if (known) {
    try {
      const answer = await ask(known.url, 'HEAD', {}, signal);
      return { url: known.url, offset: Number(answer.headers.get('upload-offset')), resumed: true };
    } catch (error) {
      // It has expired, or was given up elsewhere: it is begun anew. Anything else is no reason to.
      if (!(error instanceof Stopped) || ![403, 404, 410].includes(error.status)) throw error;
    }
  }
  const answer = await ask(PLACE, 'POST', { 'upload-length': String(file.size), 'upload-metadata': metadata(words) }, signal);
  const url = answer.headers.get('location');
  if (!url) throw new Stopped(answer.status);
  const kept: Begun = { url, source: words['source'] ?? '', path: words['path'] ?? '', size: file.size };
  localStorage.setItem(KEPT + print, JSON.stringify(kept));
  return { url, offset: 0, resumed: false };
}

/** Sends what is missing. Only this kind of request says how far it is. */
function patch(url: string, file: Blob, offset: number, signal: AbortSignal, onsent: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const over = (error?: Stopped) => {
      signal.removeEventListener('abort', stop);
      if (error) reject(error);
      else resolve();
    };
    request.open('PATCH', url);
    const headers = { ...HEAD, 'x-holdfast-csrf': pageWord(), 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' };
    for (const [key, value] of Object.entries(headers)) request.setRequestHeader(key, value);
    request.upload.onprogress = (event) => onsent(offset + event.loaded);
    request.onload = () => over(request.status < 300 ? undefined : new Stopped(request.status, request.responseText));
    request.onerror = () => over(new Stopped(0));
    request.onabort = () => over(new Stopped(0));
    signal.addEventListener('abort', stop);
    request.send(file.slice(offset));
  });
}

export interface Sending {
  signal: AbortSignal;
  onsent: (bytes: number) => void;
  onresumed: () => void;
}

/** Sends a file until the box has all of it; throws `Stopped` when it will not, or nothing comes back. */
export async function send(print: string, file: Blob, words: Record<string, string>, { signal, onsent, onresumed }: Sending): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const wait = pause(tries);
    try {
      const { url, offset, resumed } = await stand(print, file, words, signal);
      if (resumed && offset > 0) onresumed();
      onsent(offset);
      if (offset < file.size) await patch(url, file, offset, signal, onsent);
      forget(print);
      return;
    } catch (error) {
      if (!(error instanceof Stopped) || !error.isPassing || wait === null || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
      if (signal.aborted) throw error;
    }
  }
}

/** Gives up what the box has of it. */
export async function giveUp(print: string): Promise<void> {
  const known = read(KEPT + print);
  forget(print);
  if (known) await ask(known.url, 'DELETE', {}, new AbortController().signal).catch(() => {});
}
