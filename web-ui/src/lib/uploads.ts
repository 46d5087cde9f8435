// Uploads as they are shown and recognised. Pure.
export type State = 'waiting' | 'sending' | 'paused' | 'failed' | 'done';

export interface Progress {
  state: State;
  size: number;
  /** Bytes that went out; the box may have fewer yet. */
  sent: number;
}

/** What a file is known by after the page was loaded anew: where it goes, its name, size and time. */
export function fingerprint(source: string, space: string | null, path: string, file: { size: number; lastModified: number }): string {
  return JSON.stringify([source, space ?? '', path, file.size, file.lastModified]);
}

export interface Sum {
  files: number;
  done: number;
  failed: number;
  waiting: number;
  paused: number;
  size: number;
  sent: number;
}

/** All of them in one line. */
export function sum(all: Progress[]): Sum {
  const count = (state: State) => all.filter((one) => one.state === state).length;
  const add = (of: (one: Progress) => number) => all.reduce((whole, one) => whole + of(one), 0);
  return {
    files: all.length,
    done: count('done'),
    failed: count('failed'),
    paused: count('paused'),
    waiting: count('waiting') + count('sending'),
    size: add((one) => one.size),
    sent: add((one) => (one.state === 'done' ? one.size : Math.min(one.sent, one.size))),
  };
}

/** On how many disks a file lies that the box has taken: the promise, and never more than take part. */
export function onDisks(copies: number | null | undefined, members: number): number | null {
  return copies ? Math.min(copies, members) : null;
}

/** A path as the box takes one, of what a browser calls a file; none when it is no path. */
export function target(folder: string, relative: string): string | null {
  const parts = relative.split('/').filter((part) => part !== '');
  if (parts.length === 0 || parts.some((part) => part === '.' || part === '..')) return null;
  return folder === '' ? parts.join('/') : `${folder}/${parts.join('/')}`;
}

/** The box's answer, when it does not take it: its words, or none when nothing came back. */
export class Stopped extends Error {
  constructor(
    readonly status: number,
    readonly body = '',
  ) {
    super(`${status}`);
  }

  /** Nothing came back, or the box is busy with it: it is worth another try. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 409 || this.status === 423 || this.status >= 500;
  }
}

/** The words that go with an upload, as tus writes them. */
export function metadata(words: Record<string, string>): string {
  const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return Object.entries(words).map(([key, value]) => (value ? `${key} ${base64(value)}` : key)).join(',');
}

/** Milliseconds before a try; null when there were enough of them. */
export function pause(tries: number): number | null {
  return [0, 1_000, 3_000, 8_000, 20_000][tries] ?? null;
}
