/** Tabs of a browser without a browser: locks and channels that a test can kill and freeze with their tab. */
import type { TabChannel, TabLocks, TabPlatform } from "@rocket-chat-api/client/tabs";

interface Request {
  tab: FakeTab;
  held: (lock: object | null) => Promise<void> | undefined;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** What the tabs of one browser share. */
export class FakeBrowser {
  /** Everything that was posted, as text. */
  readonly posted: string[] = [];
  /** How often a lock was stolen. */
  steals = 0;
  readonly #locks = new Map<string, { holder: Request | undefined; queue: Request[] }>();
  readonly #channels = new Set<FakeChannel>();

  tab(): FakeTab {
    return new FakeTab(this);
  }

  channel(tab: FakeTab, name: string): TabChannel {
    const channel = new FakeChannel(this, tab, name);
    this.#channels.add(channel);
    return channel;
  }

  post(from: FakeChannel, message: unknown): void {
    if (from.tab.isDead) return;
    const text = JSON.stringify(message);
    this.posted.push(text);
    for (const channel of this.#channels) {
      if (channel !== from && channel.name === from.name) channel.tab.run(() => channel.hear(text));
    }
  }

  locksOf(tab: FakeTab): TabLocks {
    return {
      request: (name, { ifAvailable, steal, signal }, held) =>
        new Promise((resolve, reject) => {
          if (tab.isDead) return;
          const request: Request = { tab, held, resolve, reject };
          const lock = this.#locks.get(name) ?? { holder: undefined, queue: [] };
          this.#locks.set(name, lock);
          if (steal) {
            this.steals += 1;
            const { holder } = lock;
            holder?.tab.run(() => holder.reject(new DOMException("stolen", "AbortError")));
            lock.holder = undefined;
            this.#grant(name, request);
          } else if (!lock.holder) this.#grant(name, request);
          else if (ifAvailable) tab.run(() => resolve(held(null)));
          else {
            lock.queue.push(request);
            signal?.addEventListener("abort", () => {
              const at = lock.queue.indexOf(request);
              if (at < 0) return;
              lock.queue.splice(at, 1);
              reject(new DOMException("aborted", "AbortError"));
            });
          }
        }),
    };
  }

  /** A tab is gone: its locks are free, and nobody says goodbye. */
  bury(tab: FakeTab): void {
    for (const channel of this.#channels) if (channel.tab === tab) this.#channels.delete(channel);
    for (const [name, lock] of this.#locks) {
      lock.queue = lock.queue.filter((request) => request.tab !== tab);
      if (lock.holder?.tab === tab) this.#free(name, lock.holder);
    }
  }

  #grant(name: string, request: Request): void {
    const lock = this.#locks.get(name);
    if (!lock) return;
    lock.holder = request;
    request.tab.run(() => {
      const done = request.held({});
      void done?.then(() => {
        request.resolve(undefined);
        this.#free(name, request);
      });
    });
  }

  #free(name: string, request: Request): void {
    const lock = this.#locks.get(name);
    if (lock?.holder !== request) return;
    lock.holder = undefined;
    const next = lock.queue.shift();
    if (next) this.#grant(name, next);
  }
}

class FakeChannel implements TabChannel {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly tab: FakeTab;
  readonly name: string;
  readonly #browser: FakeBrowser;

  constructor(browser: FakeBrowser, tab: FakeTab, name: string) {
    this.#browser = browser;
    this.tab = tab;
    this.name = name;
  }

  postMessage(message: unknown): void {
    this.#browser.post(this, message);
  }

  hear(text: string): void {
    this.onmessage?.({ data: JSON.parse(text) });
  }

  close(): void {
    this.onmessage = null;
  }
}

/** One tab. */
export class FakeTab implements TabPlatform {
  readonly locks: TabLocks;
  isDead = false;
  #isFrozen = false;
  #tasks: (() => void)[] = [];
  readonly #leaving: (() => void)[] = [];
  readonly #browser: FakeBrowser;

  constructor(browser: FakeBrowser) {
    this.#browser = browser;
    this.locks = browser.locksOf(this);
  }

  channel(name: string): TabChannel {
    return this.#browser.channel(this, name);
  }

  onLeave(listener: () => void): void {
    this.#leaving.push(listener);
  }

  /** Something comes to the tab, when it next runs. */
  run(task: () => void): void {
    if (this.#isFrozen) this.#tasks.push(task);
    else
      queueMicrotask(() => {
        if (!this.isDead) task();
      });
  }

  /** The user closes the tab. */
  leave(): void {
    for (const listener of this.#leaving) listener();
    queueMicrotask(() => this.kill());
  }

  /** The tab is gone at once. */
  kill(): void {
    this.isDead = true;
    this.#browser.bury(this);
  }

  /** The tab does nothing until it is thawed, and keeps its locks. */
  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const task of this.#tasks.splice(0)) this.run(task);
  }
}
