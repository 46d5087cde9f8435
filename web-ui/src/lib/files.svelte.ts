// One folder as the box has it, now or at a version: its page of entries, when it changed, what was deleted
// from it. Asked for by the Files screen. Start at `Shelf.go`.
import { api, ask, refusal, type Refused } from './api/client';
import type { Entry, Hit, Moment } from './api/types';
import { box } from './box.svelte';
import { join, parent, query, same, type Raw } from './paths';

/** Entries in one answer. */
const PAGE = '200';
/** And in the next ones: whoever scrolls on wants more of them. */
const MORE = '1000';
/** Pages of a search for what was deleted, at most: then it is asked for by name instead. */
const PAGES = 20;

/** Something of a folder that is looked at by itself. */
export interface Opened {
  path: Raw;
  entry: Entry;
  version: string | null;
  deleted: boolean;
}

export class Shelf {
  source = $state('');
  path = $state<Raw>('');
  /** Nothing for one's own space. */
  space = $state<string | null>(null);
  /** The version that is looked at; null for now. */
  version = $state<string | null>(null);
  /** When the box had received that. */
  at = $state<number | null>(null);
  entries = $state.raw<Entry[] | null>(null);
  next = $state<string | null>(null);
  moments = $state.raw<Moment[]>([]);
  deleted = $state.raw<Hit[] | null>(null);
  wantsDeleted = $state(false);
  why = $state<Refused | null>(null);
  #run = 0;

  words(more: Record<string, string> = {}) {
    return { ...query(this.path), ...(this.space ? { space: this.space } : {}), ...(this.version ? { version: this.version } : {}), ...more };
  }

  /** Shows a folder as it is now. */
  async go(source: string, path: Raw) {
    if (source !== this.source) this.space = box.spaceOf(source);
    Object.assign(this, { source, path, version: null, at: null, entries: null, next: null, moments: [], deleted: null });
    await this.load();
    await this.past();
  }

  /** The same folder at another time. */
  async visit(version: string | null) {
    this.version = version;
    await this.load();
  }

  async load() {
    const run = ++this.#run;
    try {
      const page = await this.#entries();
      if (run !== this.#run) return;
      this.why = null;
      this.entries = page.entries as unknown as Entry[];
      this.next = page.next ?? null;
      this.at = page.received_ms;
      if (this.wantsDeleted && !this.version) await this.lookForDeleted();
    } catch (error) {
      if (run !== this.#run) return;
      this.why = refusal(error);
      this.entries = null;
    }
  }

  /** A source may be in one's own space or in the one that everybody shares. */
  async #entries() {
    const params = (words: Record<string, string>) => ({ params: { path: { source: this.source }, query: words } });
    try {
      return await ask(api.GET('/api/v1/files/{source}/entries', params(this.words({ items: PAGE }))));
    } catch (error) {
      if (refusal(error).status !== 404 || this.space) throw error;
      const page = await ask(api.GET('/api/v1/files/{source}/entries', params({ ...this.words({ items: PAGE }), space: 'everyone' })));
      this.space = 'everyone';
      return page;
    }
  }

  async more() {
    const from = this.next;
    if (!from || !this.entries) return;
    this.next = null;
    const run = this.#run;
    const params = { path: { source: this.source }, query: this.words({ items: MORE, from }) };
    const page = await ask(api.GET('/api/v1/files/{source}/entries', { params }));
    if (run !== this.#run) return;
    this.entries = [...this.entries, ...(page.entries as unknown as Entry[])];
    this.next = page.next ?? null;
  }

  /** When this folder changed. */
  async past() {
    const { source, path } = this;
    const words = this.words({ items: '500' });
    delete words.version;
    const found = await ask(api.GET('/api/v1/files/{source}/history', { params: { path: { source }, query: words } })).catch(() => null);
    if (source === this.source && same(path, this.path)) this.moments = (found?.moments ?? []) as unknown as Moment[];
  }

  /** What was deleted from this folder, the newest of each name. */
  async lookForDeleted() {
    const { source, path } = this;
    const found: Hit[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES; page += 1) {
      const words: Record<string, string> = { deleted: 'true', items: '500', ...(this.space ? { space: this.space } : {}), ...(cursor ? { cursor } : {}) };
      const answer = await ask(api.GET('/api/v1/files/{source}/search', { params: { path: { source }, query: words } }));
      for (const hit of answer.hits as unknown as Hit[]) {
        const at = hit.path;
        if (hit.deleted && same(parent(at), path) && !found.some((one) => same(one.path, at))) found.push(hit);
      }
      cursor = answer.next ?? null;
      if (!cursor) break;
    }
    if (source === this.source && same(path, this.path)) this.deleted = found;
  }

  /** All versions of something in this folder. */
  async historyOf(path: Raw): Promise<Moment[]> {
    const words = { ...query(path), ...(this.space ? { space: this.space } : {}), items: 200 };
    return (await ask(api.GET('/api/v1/files/{source}/history', { params: { path: { source: this.source }, query: words } }))).moments as unknown as Moment[];
  }

  /** Puts back what a version had; where it stands now is told. */
  async bringBack(path: Raw, version: string): Promise<{ path: Raw; changed: boolean }> {
    const body = { path: path as never, version, ...(this.space ? { space: this.space } : {}) };
    const done = await ask(api.POST('/api/v1/files/{source}/bring-back', { params: { path: { source: this.source } }, body }));
    return { path: done.path as unknown as Raw, changed: done.changed };
  }

  async remove(path: Raw, entry: Entry) {
    const words = { ...query(path), ...(this.space ? { space: this.space } : {}), ...(entry.kind === 'folder' ? { recursive: true } : {}) };
    await ask(api.DELETE('/api/v1/files/{source}/content', { params: { path: { source: this.source }, query: words }, headers: entry.kind === 'folder' ? {} : { 'if-match': `"${entry.tag}"` } }));
  }

  async rename(path: Raw, name: string) {
    const body = { from: path as never, to: join(parent(path), name) as never, ...(this.space ? { space: this.space } : {}) };
    await ask(api.POST('/api/v1/files/{source}/rename', { params: { path: { source: this.source } }, body }));
  }

  async makeFolder(name: string) {
    const body = { path: join(this.path, name) as never, ...(this.space ? { space: this.space } : {}) };
    await ask(api.POST('/api/v1/files/{source}/folder', { params: { path: { source: this.source } }, body }));
  }
}
