// Files on their way to the box, one after the other: what was taken stays taken, so that each goes on where
// it was after a pause, a lost line or a reload. A browser keeps no files over a reload: they are given again,
// and known again by name, size and time. Start at `Uploads.add`.
import { begun, giveUp, send } from './tus';
import { fingerprint, Stopped, target, type State } from './uploads';

export interface Given {
  file: File;
  /** Its path below the folder that it is dropped on. */
  relative: string;
}

export class One {
  state = $state<State>('waiting');
  sent = $state(0);
  /** The box's words, when it took it not. */
  why = $state('');
  /** It went on where it had been left. */
  resumed = $state(false);
  stop: AbortController | null = null;
  readonly print: string;

  constructor(
    readonly file: File,
    readonly source: string,
    readonly space: string | null,
    readonly path: string,
  ) {
    this.print = fingerprint(source, space, path, file);
  }

  get size(): number {
    return this.file.size;
  }
}

/** Something that was begun before the page was loaded and is not done. */
export interface Left {
  path: string;
  source: string;
  size: number;
}

class Uploads {
  all = $state<One[]>([]);
  left = $state<Left[]>([]);
  /** Told after each file that the box has. */
  onstored: (one: One) => void = () => {};

  /** Takes files up; what cannot be a path is left out, and said. */
  add(given: Given[], source: string, space: string | null, folder: string): string[] {
    const refused: string[] = [];
    const open = new Set(this.all.filter((one) => one.state !== 'failed' && one.state !== 'done').map((one) => one.print));
    const fresh: One[] = [];
    for (const { file, relative } of given) {
      const path = target(folder, relative);
      if (!path) {
        refused.push(relative);
        continue;
      }
      const one = new One(file, source, space, path);
      if (!open.has(one.print)) fresh.push(one);
      open.add(one.print);
    }
    this.all.push(...fresh);
    this.look();
    this.#next();
    return refused;
  }

  #next() {
    if (this.all.some((one) => one.state === 'sending')) return;
    const one = this.all.find((found) => found.state === 'waiting');
    if (one) void this.#send(one);
  }

  async #send(one: One) {
    one.state = 'sending';
    one.why = '';
    const stop = new AbortController();
    one.stop = stop;
    const words = { source: one.source, path: one.path, mtime: String(one.file.lastModified), ...(one.space ? { space: one.space } : {}), ...(one.file.type ? { filetype: one.file.type } : {}) };
    try {
      await send(one.print, one.file, words, {
        signal: stop.signal,
        onsent: (bytes) => {
          one.sent = bytes;
        },
        onresumed: () => {
          one.resumed = true;
        },
      });
      one.state = 'done';
      one.sent = one.size;
      this.onstored(one);
    } catch (error) {
      if (stop.signal.aborted) return;
      const why = error instanceof Stopped ? error : new Stopped(0);
      one.why = said(why.body);
      // Without an answer the line is gone: nothing is lost, and somebody may press "go on".
      one.state = why.status === 0 ? 'paused' : 'failed';
    } finally {
      if (one.stop === stop) one.stop = null;
      this.look();
      this.#next();
    }
  }

  pause(one: One) {
    one.state = 'paused';
    one.stop?.abort();
    this.#next();
  }

  resume(one: One) {
    one.state = 'waiting';
    this.#next();
  }

  /** Gives one up, and what the box has of it. */
  drop(one: One) {
    this.all = this.all.filter((other) => other !== one);
    one.stop?.abort();
    void giveUp(one.print).then(() => this.look());
    this.#next();
  }

  pauseAll() {
    for (const one of this.all) if (one.state === 'waiting') one.state = 'paused';
    for (const one of this.all) if (one.state === 'sending') this.pause(one);
  }

  resumeAll() {
    for (const one of this.all) if (one.state === 'paused' || one.state === 'failed') one.state = 'waiting';
    this.#next();
  }

  clear() {
    this.all = this.all.filter((one) => one.state !== 'done');
  }

  /** What was begun in this browser, is not done and is not on its way now. */
  look() {
    this.left = begun().filter((one) => !this.all.some((here) => here.path === one.path && here.source === one.source && here.state !== 'done'));
  }
}

/** The words of a refusal. */
function said(body: string): string {
  try {
    const problem = JSON.parse(body) as { detail?: string; next?: string };
    return `${problem.detail ?? ''} ${problem.next ?? ''}`.trim();
  } catch {
    return '';
  }
}

export const uploads = new Uploads();

/** Files and folders that were dropped, with all that is in them. */
export async function dropped(items: DataTransferItemList): Promise<Given[]> {
  // The list is emptied as soon as the event is over: everything is taken out of it at once.
  const taken = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: Given[] = [];
  const visit = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      found.push({ file, relative: entry.fullPath });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const one of some) await visit(one);
    }
  };
  for (const { entry, file } of taken) {
    if (entry) await visit(entry);
    else if (file) found.push({ file, relative: file.name });
  }
  return found;
}

/** Files that were chosen: a folder keeps its paths. */
export function chosen(files: FileList | null): Given[] {
  return [...(files ?? [])].map((file) => ({ file, relative: file.webkitRelativePath || file.name }));
}
