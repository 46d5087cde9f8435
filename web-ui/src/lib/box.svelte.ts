// What the page knows of the box, when it was told, and whether the box is there now. One stream of news
// keeps it true; whatever a screen shows stands here. Start at `Box.start`.
import { api, ask, refusal, setPageWord } from './api/client';
import type { About, Disks, Enclosure, Health, Job, Me, OutletShown, Source, Status } from './api/types';
import { put } from './jobs';
import { decide, type Verdict } from './verdict';

/** Nothing was heard for so long: the box is asked. It says nothing that a page hears while all is quiet. */
const QUIET = 20_000;
const RETRY_FIRST = 1_000;
const RETRY_LAST = 15_000;
/** Where the browser keeps what whoever was signed in here is to the box: a guess of what to ask for first. */
const ROLE = 'holdfast-role';

export type Phase = 'starting' | 'nobody' | 'unclaimed' | 'signedOut' | 'in';

export interface SourceSeen extends Source {
  newest_ms: number | null;
}

const some = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((error: unknown) => {
    // Not for this role, or not while the vault is locked or not there: then it is not shown.
    if ([403, 404, 409, 423, 503].includes(refusal(error).status)) return null;
    throw error;
  });

/** Everything that a screen needs, asked at once; what the box is, only again. */
function questions(isOwner: boolean, again: boolean) {
  const asked = Promise.all([
    again ? ask(api.GET('/api/v1/box')) : null,
    ask(api.GET('/api/v1/status')),
    ask(api.GET('/api/v1/health')),
    ask(api.GET('/api/v1/disks')),
    ask(api.GET('/api/v1/jobs', { params: { query: { items: 100 } } })),
    some(ask(api.GET('/api/v1/enclosure'))),
    some(ask(api.GET('/api/v1/sources'))),
    isOwner ? some(ask(api.GET('/api/v1/outlets'))) : null,
  ]);
  asked.catch(() => {});
  return asked;
}

class Box {
  phase = $state<Phase>('starting');
  about = $state<About | null>(null);
  me = $state<Me | null>(null);
  status = $state<Status | null>(null);
  health = $state<Health | null>(null);
  disks = $state<Disks | null>(null);
  jobs = $state<Job[]>([]);
  sources = $state<SourceSeen[] | null>(null);
  outlets = $state<OutletShown[] | null>(null);
  enclosure = $state<Enclosure | null>(null);
  /** It answers. */
  live = $state(false);
  /** When it last did. */
  heard = $state(0);
  /** It said that it stops. */
  stopping = $state(false);
  /** Goes up whenever what is shown of friends may be another. */
  friendsNews = $state(0);
  /** Everything that a screen needs was told at least once. */
  loaded = $state(false);

  #news: EventSource | null = null;
  #retry = RETRY_FIRST;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #due = new Set<'state' | 'disks'>();
  #loading: Promise<void> | null = null;
  #stale = false;
  /** What was asked before it was known who asks, and for whom. */
  #early: { role: string; asked: ReturnType<typeof questions> } | null = null;

  get verdict(): Verdict {
    const versions = this.sources?.reduce((all, one) => all + one.snapshots, 0) ?? null;
    const { status, health, disks, jobs, live } = this;
    return decide({ status, health, disks, jobs, versions, live });
  }

  get otherVersion(): boolean {
    return !!this.about && this.about.version !== __VERSION__;
  }

  get isOwner(): boolean {
    return this.me?.role === 'owner';
  }

  /** Has files here, and not only looks after the box. */
  get livesHere(): boolean {
    return this.me?.role === 'owner' || this.me?.role === 'member';
  }

  /** The space to name for a source: nothing for one's own, which comes first, and for what is new. */
  spaceOf(name: string): string | null {
    const all = this.sources?.filter((one) => one.name === name) ?? [];
    return all.length > 0 && all.every((one) => one.space === 'everyone') ? 'everyone' : null;
  }

  /** Finds out what this is, and who asks. */
  async start() {
    try {
      // All of it is asked at once where somebody was signed in before: one question after another costs a
      // moment each, and the screen is drawn meanwhile.
      const role = localStorage.getItem(ROLE);
      const who = ask(api.GET('/api/v1/session'));
      who.catch(() => {});
      if (role) this.#early = { role, asked: questions(role === 'owner', false) };
      this.about = await ask(api.GET('/api/v1/box'));
      this.#alive();
      if (!this.about.claimed) {
        this.phase = 'unclaimed';
        return;
      }
      await this.enter(who);
    } catch (error) {
      const why = refusal(error);
      if (why.status === 401) {
        localStorage.removeItem(ROLE);
        this.phase = 'signedOut';
        return;
      }
      if (this.phase === 'starting') this.phase = 'nobody';
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.start(), this.#wait());
    }
  }

  /** Somebody is signed in: everything is asked for, then the news are heard. */
  async enter(who: Promise<Me> = ask(api.GET('/api/v1/session'))) {
    const me = await who;
    setPageWord(me.csrf);
    this.me = me;
    localStorage.setItem(ROLE, me.role);
    this.phase = 'in';
    this.listen();
    await this.reload();
  }

  async leave() {
    await ask(api.DELETE('/api/v1/session'));
    location.reload();
  }

  /** All of it anew. Who asks while that is under way is answered with what is so after the question: what
   * was told just before may be old already. */
  reload(): Promise<void> {
    this.#stale = true;
    this.#loading ??= this.#whileStale().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #whileStale() {
    while (this.#stale) {
      this.#stale = false;
      const early = this.#early?.role === this.me?.role ? this.#early?.asked : undefined;
      await this.#load(early);
      this.#early = null;
    }
  }

  async #load(asked = questions(this.isOwner, this.loaded)) {
    try {
      const [about, status, health, disks, jobs, enclosure, sources, outlets] = await asked;
      this.about = about ?? this.about;
      this.status = status;
      this.health = health;
      this.disks = disks;
      this.jobs = jobs.jobs;
      this.enclosure = enclosure?.enclosure ?? null;
      const before = this.sources ?? [];
      const known = (source: Source) => before.find((one) => one.id === source.id && one.snapshots === source.snapshots)?.newest_ms ?? null;
      this.sources = status.lock === 'unlocked' && sources ? sources.sources.map((one) => ({ ...one, newest_ms: known(one) })) : null;
      this.outlets = outlets?.outlets ?? null;
      this.loaded = true;
      this.friendsNews += 1;
      this.#alive();
      // When each was last stored into is no part of the verdict: it comes after the first look.
      if (this.sources) this.sources = await some(this.#newest(this.sources));
    } catch (error) {
      if (refusal(error).status === 401) location.reload();
      else this.#gone();
    }
  }

  async #newest(sources: SourceSeen[]): Promise<SourceSeen[]> {
    return Promise.all(
      sources.map(async (source) => {
        if (source.snapshots === 0 || source.newest_ms !== null) return source;
        const query = { source: source.name, skip: source.snapshots - 1, items: 1, ...(source.space ? { space: source.space } : {}) };
        const { snapshots } = await ask(api.GET('/api/v1/snapshots', { params: { query } }));
        return { ...source, newest_ms: snapshots.at(-1)?.received_ms ?? null };
      }),
    );
  }

  /** Asks for a part soon; what is asked for twice meanwhile is asked once. */
  #soon(what: 'state' | 'disks') {
    if (this.#due.size === 0) {
      setTimeout(() => {
        const all = this.#due.has('state');
        this.#due.clear();
        void (all ? this.reload() : this.lookAtDisks());
      }, 150);
    }
    this.#due.add(what);
  }

  async lookAtDisks() {
    try {
      this.disks = await ask(api.GET('/api/v1/disks'));
      this.#alive();
    } catch (error) {
      if (refusal(error).code === 'unreachable') this.#gone();
    }
  }

  /** Hears the news until the page is closed. */
  listen() {
    this.#news?.close();
    const news = new EventSource('/api/v1/events');
    this.#news = news;
    const on = (name: string, heard: (said: Record<string, unknown>) => void) => {
      news.addEventListener(name, (event) => {
        this.#alive();
        heard(JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>);
      });
    };
    on('hello', () => {
      // It was away and is back, or was asked before it was listened to: what happened meanwhile may not be kept,
      // or it is another version.
      if (this.loaded || this.#early) this.#soon('state');
    });
    on('job', (said) => {
      const job = said['job'] as Job;
      this.jobs = put(this.jobs, job);
      if (job.ended_ms) this.#soon('state');
    });
    on('health', (said) => {
      this.health = said['health'] as Health;
      this.#soon('state');
    });
    for (const name of ['lock', 'volume', 'missed']) on(name, () => this.#soon('state'));
    for (const name of ['disk', 'disks']) on(name, () => this.#soon('disks'));
    on('friends', () => {
      this.friendsNews += 1;
    });
    on('shutting_down', () => {
      this.stopping = true;
    });
    news.onerror = () => {
      news.close();
      this.#gone();
    };
    clearInterval(this.#watch);
    this.#watch = setInterval(() => void this.#isThere(), QUIET);
  }

  async #isThere() {
    if (!this.live || Date.now() - this.heard < QUIET) return;
    try {
      this.status = await ask(api.GET('/api/v1/status'));
      this.#alive();
    } catch (error) {
      if (refusal(error).status === 401) location.reload();
      this.#gone();
    }
  }

  #alive() {
    this.live = true;
    this.heard = Date.now();
    this.stopping = false;
    this.#retry = RETRY_FIRST;
  }

  #gone() {
    this.live = false;
    if (this.phase !== 'in') return;
    this.#news?.close();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#again(), this.#wait());
  }

  async #again() {
    await this.reload();
    if (this.live) this.listen();
  }

  /** Tries now instead of in a while. */
  retry() {
    clearTimeout(this.#timer);
    this.#retry = RETRY_FIRST;
    void (this.phase === 'in' ? this.#again() : this.start());
  }

  #wait(): number {
    const wait = this.#retry;
    this.#retry = Math.min(wait * 2, RETRY_LAST);
    return wait;
  }
}

export const box = new Box();
