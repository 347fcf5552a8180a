/**
 * A group for the property of blocks-leak.test.ts: ann blocks and unblocks xen while everybody talks, comes and goes.
 * Whatever xen says has {@link CANARY} in it, and {@link EMOJI} is his alone.
 */
import { runInDurableObject } from "cloudflare:test";
import type { Message, ServerEvent } from "@rocket-chat-api/protocol";
import { expect } from "vitest";
import { block } from "./blocks-kit.ts";
import { hibernate } from "./checks.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  group,
  type Person,
  people,
  type TestSocket,
} from "./kit.ts";

export const CANARY = "canary";
export const EMOJI = "🐤";

/** One step: what is done, by whom, and about which message. */
export interface Step {
  what: number;
  by: number;
  at: number;
}

/** A socket of ann's, and what it had heard when the present block began. */
interface Watched {
  socket: TestSocket;
  from: number;
  /** How often it was told to begin again. */
  resets: number;
}

const isReset = (event: ServerEvent) => event.type === "sync.required" && event.reset === true;

export class BlocksWorld {
  readonly id: string;
  readonly ann: Person;
  readonly xen: Person;
  readonly bob: Person;
  isBlocked = false;
  readonly #messages: Message[] = [];
  #mine: Watched[] = [];
  readonly #others: TestSocket[];
  /** What ann was answered during the present block. */
  readonly #answers: string[] = [];
  #isIn = true;
  #token: string | undefined;

  private constructor(id: string, [ann, xen, bob]: [Person, Person, Person], others: TestSocket[]) {
    this.id = id;
    this.ann = ann;
    this.xen = xen;
    this.bob = bob;
    this.#others = others;
  }

  static async create(): Promise<BlocksWorld> {
    const who = await people("ann", "xen", "bob");
    const [ann, xen, bob] = who;
    const id = await group(bob, [ann, xen]);
    await api(bob, "PUT", `/conversations/${id}`, { settings: { history: "all" } });
    const world = new BlocksWorld(id, who, [
      await connect(bob),
      await connectTo(bob, id),
      await connectTo(xen, id),
    ]);
    await world.#watch();
    return world;
  }

  /** Does one step. What is refused is refused. */
  async take(step: Step): Promise<void> {
    const all = [
      ...[() => this.#say(step), () => this.#say(step), () => this.#say(step), () => this.#reply(step)],
      ...[
        () => this.#reply(step),
        () => this.#change(step),
        () => this.#change(step),
        () => this.#read(step),
      ],
      ...[() => this.#read(step), () => this.#read(step), () => this.#turn(), () => this.#burst(step)],
      ...[
        () => this.#type(step),
        () => this.#mark(step),
        () => this.#comeAndGo(step),
        () => this.#resume(step),
      ],
      () => this.#sleep(),
    ];
    await all[step.what % all.length]?.();
  }

  #person(by: number): Person {
    return [this.xen, this.bob, this.xen, this.ann][by % 4] ?? this.xen;
  }

  #message(at: number): Message | undefined {
    return this.#messages[this.#messages.length - 1 - (at % Math.max(1, Math.min(8, this.#messages.length)))];
  }

  async #send(who: Person, more: object): Promise<void> {
    const own =
      who === this.xen ? { content: `${CANARY} text`, metadata: { note: CANARY } } : { content: "plain" };
    const { status, body } = await this.#api(who, "POST", `/conversations/${this.id}/messages`, {
      ...{ type: "text", ...own, ...more },
    });
    if (status === 201) this.#messages.push(body);
  }

  async #say({ by, at }: Step): Promise<void> {
    const mentions = { mentions: [`@${this.ann.username}`] };
    const who = this.#person(by);
    await this.#send(
      who,
      at % 3 === 0 ? { metadata: { ...mentions, ...(who === this.xen && { note: CANARY }) } } : {},
    );
  }

  async #reply({ by, at }: Step): Promise<void> {
    const to = this.#message(at);
    if (to) await this.#send(this.#person(by), { reply_to_message_id: to.message_id });
  }

  async #change({ by, at }: Step): Promise<void> {
    const message = this.#message(at);
    if (!message) return;
    const who = this.#person(by);
    const path = `/messages/${message.message_id}`;
    const ways: [method: string, path: string, body?: object][] = [
      ["PUT", path, { content: who === this.xen ? `${CANARY} edited` : "plain again" }],
      ["POST", `${path}/reactions`, { emoji: who === this.xen ? EMOJI : "👍" }],
      ["PUT", `${path}/pin`],
      ["DELETE", `${path}?delete_for_everyone=true`],
      ["DELETE", path],
      ["DELETE", `${path}/reactions/${encodeURIComponent(EMOJI)}`],
    ];
    const [method, where, body] = ways[Math.floor(at / 8) % ways.length] ?? ["GET", path];
    await this.#api(who, method, where, body);
  }

  /** Ann reads everything that there is. */
  async #read({ by, at }: Step): Promise<void> {
    const message = this.#message(at);
    const id = this.id;
    const one = message ? `/messages/${message.message_id}` : `/conversations/${id}`;
    const bound = message ? `&${["before", "after", "around"][by % 3]}_id=${message.message_id}` : "";
    const token = this.#token === undefined ? "" : `?since=${encodeURIComponent(this.#token)}`;
    const paths = [
      `/conversations/${id}/messages?limit=${1 + (at % 20)}${bound}`,
      `/conversations/${id}/messages`,
    ];
    const more = [
      `/conversations/${id}`,
      `/conversations/${id}/pins`,
      one,
      `${one}/edits`,
      `${one}/receipts`,
    ];
    for (const path of [...paths, ...more, "/conversations", "/unread"])
      await this.#api(this.ann, "GET", path);
    const { body } = await this.#api(this.ann, "GET", `/sync${token}`);
    if (at % 2 === 0) this.#token = body?.token ?? this.#token;
  }

  /** The conversation and ann's hub sleep. Waking, the conversation may say once more what it has said. */
  async #sleep(): Promise<void> {
    await hibernate(this.id, this.ann);
    await api(this.bob, "GET", `/conversations/${this.id}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const watched of this.#mine) watched.resets = watched.socket.events.filter(isReset).length;
  }

  /** Ann blocks xen, or ends it. */
  async #turn(): Promise<void> {
    const isBlocked = !this.isBlocked;
    if (!isBlocked) this.check();
    await block(this.id, this.ann, this.xen, isBlocked);
    this.isBlocked = isBlocked;
    this.#answers.length = 0;
    for (const watched of this.#mine) {
      const { events } = watched.socket;
      const resets = () => events.filter(isReset).length;
      // Who is out hears nothing, but what was on its way.
      if (this.#isIn) await expect.poll(resets).toBeGreaterThan(watched.resets);
      else await new Promise((resolve) => setTimeout(resolve, 50));
      watched.resets = resets();
      watched.from = this.#isIn ? events.findLastIndex(isReset) + 1 : events.length;
    }
  }

  /** Everything at the same moment. */
  async #burst(step: Step): Promise<void> {
    const said = [
      this.#say({ ...step, by: 0 }),
      this.#reply({ ...step, by: 1 }),
      this.#say({ ...step, by: 0 }),
    ];
    await Promise.all([...said, this.#change({ ...step, by: 0 }), this.#turn()]);
  }

  async #type({ by }: Step): Promise<void> {
    await this.#api(this.#person(by), "POST", `/conversations/${this.id}/typing`);
  }

  async #mark({ by, at }: Step): Promise<void> {
    const message = this.#message(at);
    if (!message) return;
    const read = { up_to_message_id: message.message_id };
    await this.#api(this.#person(by), "PUT", `/conversations/${this.id}/read`, read);
  }

  /** Ann or xen is removed, or added again. */
  async #comeAndGo({ by }: Step): Promise<void> {
    const who = by % 2 === 0 ? this.ann : this.xen;
    const path = `/conversations/${this.id}/participants`;
    const { status } = await api(this.bob, "DELETE", `${path}/${who.user_id}`);
    if (who === this.ann) this.#isIn = false;
    if (status === 204) await this.#send(this.bob, {});
    if (by % 3 === 0) await this.#turn();
    await api(this.bob, "POST", path, { user_id: who.user_id });
    if (who !== this.ann) return;
    this.#isIn = true;
    this.check();
    await this.#watch();
  }

  /** Ann comes with what she has from before. */
  async #resume({ at, by }: Step): Promise<void> {
    const since = (this.#message(at)?.seq ?? 0) + (by % 2);
    const socket = await connectTo(this.ann, this.id, `?since=${since}`);
    await socket.heard("conversation.sync");
    this.#mine.push({ socket, from: 0, resets: 0 });
    const all = await connect(this.ann);
    await all.ask({ type: "sync", conversations: { [this.id]: since } });
    this.#mine.push({ socket: all, from: 0, resets: 0 });
  }

  /** Opens ann's sockets. */
  async #watch(): Promise<void> {
    for (const { socket } of this.#mine) socket.close();
    const ways = [
      connect(this.ann),
      connectTo(this.ann, this.id, "?batch=1"),
      connectTo(this.ann, this.id, "?lean=1"),
    ];
    this.#mine = (await Promise.all(ways)).map((socket) => ({ socket, from: 0, resets: 0 }));
  }

  async #api(who: Person, method: string, path: string, body?: object) {
    const answer = await api(who, method, path, body);
    if (who === this.ann) this.#answers.push(JSON.stringify(answer.body ?? null));
    return answer;
  }

  /** Nothing of what xen has said or done has reached ann since she has blocked him. */
  check(): void {
    if (!this.isBlocked) return;
    const heard = this.#mine.flatMap(({ socket, from }) => socket.events.slice(from));
    expect(
      heard.filter((event) => event.type === "typing.indicator" && event.data.user_id === this.xen.user_id),
    ).toEqual([]);
    for (const text of [...heard.map((event) => JSON.stringify(event)), ...this.#answers]) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(EMOJI);
    }
  }

  /** Everybody else hears every number once, and so does ann but where she begins again. */
  async checkNumbers(): Promise<void> {
    const { seq } = (await api(this.bob, "GET", `/conversations/${this.id}`)).body;
    for (const socket of this.#others) {
      if (socket === this.#others[2]) continue;
      await socket.heard((event) => "seq" in event && event.seq === seq);
      const numbers = numbersOf(socket.events);
      expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
    }
    for (const { socket } of this.#mine) {
      let last = 0;
      for (const event of socket.events) {
        if (isReset(event) || event.type === "conversation.sync") last = 0;
        const [number] = numbersOf([event]);
        if (number === undefined) continue;
        if (last > 0) expect(number).toBe(last + 1);
        last = number;
      }
    }
  }

  /** What counting all over gives for ann, from the rows. */
  async naive(): Promise<{ unread: number; mentions: number; seen: number[] }> {
    const { ann, xen, isBlocked } = this;
    return await runInDurableObject(conversationObject(this.id) as DurableObjectStub, (_, { storage }) => {
      const rows = (query: string, ...bindings: SqlStorageValue[]) =>
        storage.sql.exec(query, ...bindings).toArray();
      const [me] = rows("SELECT * FROM members WHERE user_id = ?", ann.user_id);
      const hidden = new Set(
        rows("SELECT seq FROM hidden WHERE user_id = ?", ann.user_id).map(({ seq }) => seq),
      );
      const called = new Set(
        rows("SELECT seq FROM mentions WHERE user_id = ?", ann.user_id).map(({ seq }) => seq),
      );
      const open = rows("SELECT seq, sender_id, type, deleted_at FROM messages ORDER BY seq").filter(
        ({ seq, sender_id, type }) =>
          Number(seq) >= Number(me?.visible_from ?? me?.joined_seq) &&
          !hidden.has(seq as number) &&
          !(isBlocked && sender_id === xen.user_id && type !== "system"),
      );
      const unread = open.filter(
        ({ seq, sender_id, type, deleted_at }) =>
          Number(seq) > Number(me?.last_read_seq) &&
          Number(seq) >= Number(me?.joined_seq) &&
          sender_id !== ann.user_id &&
          type !== "system" &&
          deleted_at === null,
      );
      const mentions = unread.filter(({ seq }) => called.has(seq as number)).length;
      return { unread: unread.length, mentions, seen: open.map(({ seq }) => Number(seq)) };
    });
  }
}

function numbersOf(events: ServerEvent[]): number[] {
  return events.flatMap((event) =>
    event.type !== "conversation.sync" && "seq" in event && typeof event.seq === "number" ? [event.seq] : [],
  );
}
