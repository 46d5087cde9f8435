// The timeline of one source as the box has it: how many photos each month has, and those parts of it that somebody
// has come near to. Asked for by the Photos screen. Start at `Album.go`.
import { api, ask, refusal, type Refused } from './api/client';
import type { Photo } from './api/types';
import { box } from './box.svelte';
import type { Month } from './timeline';

/** Photos in one answer. */
const PART = 200;
/** Parts that are kept: whoever comes back to others asks for them again. */
const KEPT = 40;
/** Whoever scrolls fast asks for nothing on the way. */
const REST = 70;
/** While the box reads dates, it is asked how far it is: soon at first, then now and then. */
const SOON = 1_000;
const LATER = 15_000;

export class Album {
  source = $state('');
  space = $state<string | null>(null);
  months = $state.raw<Month[] | null>(null);
  total = $state(0);
  read = $state(0);
  leftOut = $state(0);
  looking = $state(false);
  why = $state<Refused | null>(null);
  #parts = $state.raw(new Map<number, Photo[]>());
  #revision = -1;
  #run = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #wanted: [number, number] = [0, 0];
  #asked = new Set<number>();
  #wait = SOON;

  /** Shows a source. */
  async go(source: string) {
    this.leave();
    Object.assign(this, { source, space: box.spaceOf(source), months: null, total: 0, read: 0, leftOut: 0, looking: true, why: null });
    this.#parts = new Map();
    this.#revision = -1;
    this.#wait = SOON;
    await this.look();
  }

  leave() {
    this.#run += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#rest);
  }

  /** Asks how far the box is, again and again until it has read all dates. */
  async look() {
    const run = ++this.#run;
    clearTimeout(this.#timer);
    try {
      const found = await this.#months();
      if (run !== this.#run) return;
      if (found.revision !== this.#revision) {
        this.#revision = found.revision;
        this.#asked = new Set();
        // What is seen stays until it is there anew.
        this.months = found.version ? found.months : null;
        void this.#load();
      }
      Object.assign(this, { total: found.total, read: found.read, leftOut: found.left_out, looking: found.looking, why: null });
      if (found.looking || found.read < found.total) {
        this.#timer = setTimeout(() => void this.look(), this.#wait);
        this.#wait = Math.min(LATER, this.#wait * 1.5);
      }
    } catch (error) {
      if (run !== this.#run) return;
      this.why = refusal(error);
      this.looking = false;
    }
  }

  #words(more: Record<string, number> = {}) {
    return { params: { path: { source: this.source }, query: { ...(this.space ? { space: this.space } : {}), ...more } } };
  }

  /** A source may be in one's own space or in the one that everybody shares. */
  async #months() {
    try {
      return await ask(api.GET('/api/v1/files/{source}/photos/months', this.#words()));
    } catch (error) {
      if (refusal(error).status !== 404 || this.space) throw error;
      this.space = 'everyone';
      return ask(api.GET('/api/v1/files/{source}/photos/months', this.#words()));
    }
  }

  /** One of them; nothing while it is not here. */
  photo(index: number): Photo | undefined {
    return this.#parts.get(Math.floor(index / PART))?.[index % PART];
  }

  /** These are near the screen. */
  near(from: number, to: number) {
    this.#wanted = [from, to];
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#load(), REST);
  }

  async #load() {
    const [from, to] = this.#wanted;
    if (to <= from) return;
    const all = [];
    for (let part = Math.floor(from / PART); part <= Math.floor((to - 1) / PART); part += 1) if (!this.#asked.has(part)) all.push(part);
    await Promise.all(all.map((part) => this.#one(part)));
  }

  async #one(part: number) {
    const [run, revision] = [this.source + String(this.space), this.#revision];
    const asked = this.#asked;
    asked.add(part);
    const found = await ask(api.GET('/api/v1/files/{source}/photos', this.#words({ skip: part * PART, items: PART }))).catch(() => null);
    if (run !== this.source + String(this.space) || revision !== this.#revision) return;
    if (!found || found.revision !== revision) {
      // Another order since: how many there are is asked first.
      asked.delete(part);
      if (found) void this.look();
      return;
    }
    const parts = new Map(this.#parts).set(part, found.photos as unknown as Photo[]);
    for (const old of [...parts.keys()].slice(0, Math.max(0, parts.size - KEPT))) {
      parts.delete(old);
      asked.delete(old);
    }
    this.#parts = parts;
  }
}
