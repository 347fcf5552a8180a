/** Random interleavings: four people in one group do whatever they like, and everything still adds up. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConversationEvent, FetchedMessage, Message } from "../../src/protocol/index.ts";
import { ClientModel, withoutStatus } from "./client-model.ts";
import {
  api,
  cast,
  connect,
  connectTo,
  group,
  history,
  item,
  type Person,
  settled,
  type TestSocket,
} from "./kit.ts";

const PEOPLE = 4;
const RUNS = 25;
const EMOJI = ["👍", "❤️", "🎉"];

const who = fc.nat(PEOPLE - 1);
/** A message by its distance from the newest. */
const back = fc.nat(7);

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("send"), who, back, quotes: fc.boolean(), calls: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("edit"), who, back, calls: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("hide", "erase"), who, back }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom("react", "unreact"), who, back, emoji: fc.nat(2) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("read"), who, back }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("add"), who, target: who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("remove", "leave"), who, target: who }) },
);
type Command = {
  type: string;
  who: number;
  back?: number;
  target?: number;
  emoji?: number;
  calls?: number;
  quotes?: boolean;
};
/** What is done at once, one after the other: about 40 commands. */
const script = fc.array(fc.array(command as fc.Arbitrary<Command>, { minLength: 1, maxLength: 4 }), {
  minLength: 14,
  maxLength: 18,
});

interface Player {
  person: Person;
  /** The user's socket, open all the time. */
  socket: TestSocket;
  model: ClientModel;
  /** Events of the user's socket that the model has taken. */
  taken: number;
  /** The highest position that was marked as read. */
  watermark: number;
  hidden: Set<string>;
}

/** One group, and what its people do. */
class Play {
  readonly id: string;
  readonly players: Player[];
  readonly #said: Message[] = [];
  readonly #erased = new Set<string>();
  /** The conversation's own sockets, and who is behind each. */
  readonly #sockets: [string, TestSocket][] = [];
  #words = 0;

  constructor(id: string, players: Player[]) {
    this.id = id;
    this.players = players;
  }

  /** Opens a conversation's own socket; who is out has none. */
  async open(player: Player): Promise<void> {
    const socket = await connectTo(player.person, this.id).catch(() => undefined);
    if (socket) this.#sockets.push([player.person.user_id, socket]);
  }

  /** Does what can be done; a refusal is as good an answer as any, a failure is none. */
  async run(one: Command): Promise<void> {
    const player = this.players[one.who];
    if (!player) throw new Error("nobody");
    // Chosen now: others speak while this one waits for an answer.
    const message = this.#said.at(-1 - ((one.back ?? 0) % Math.max(this.#said.length, 1)));
    const { status, body } = await this.#ask(player, one, message);
    if (![200, 201, 204, 403, 404, 409].includes(status))
      throw new Error(`${JSON.stringify(one)}: ${status}`);
    if (one.type === "send" && status === 201) this.#said.push(body);
    if (message && status < 300) this.#note(player, one.type, message);
    if (one.type === "add" && status === 201) {
      const added = this.players[one.target ?? 0];
      if (added) await this.open(added);
    }
  }

  async #ask({ person }: Player, one: Command, message: Message | undefined) {
    const { emoji = 0 } = one;
    const target = this.players[one.target ?? 0]?.person.user_id;
    const path = `/messages/${message?.message_id ?? crypto.randomUUID()}`;
    const here = `/conversations/${this.id}`;
    const says = { content: `words ${this.#words++}`, metadata: this.#calling(one.calls) };
    switch (one.type) {
      case "send": {
        const quote = one.quotes && message ? { reply_to_message_id: message.message_id } : {};
        return await api(person, "POST", `${here}/messages`, { type: "text", ...says, ...quote });
      }
      case "edit":
        return await api(person, "PUT", path, says);
      case "hide":
        return await api(person, "DELETE", path);
      case "erase":
        return await api(person, "DELETE", `${path}?delete_for_everyone=true`);
      case "react":
        return await api(person, "POST", `${path}/reactions`, { emoji: EMOJI[emoji] });
      case "unreact":
        return await api(person, "DELETE", `${path}/reactions/${encodeURIComponent(EMOJI[emoji] ?? "")}`);
      case "read":
        return await api(person, "PUT", `${here}/read`, {
          up_to_message_id: path.slice("/messages/".length),
        });
      case "add":
        return await api(person, "POST", `${here}/participants`, { user_id: target });
      case "remove":
        return await api(person, "DELETE", `${here}/participants/${target}`);
      default:
        return await api(person, "DELETE", here);
    }
  }

  #calling(calls = 9) {
    const name = calls === PEOPLE ? "all" : this.players[calls]?.person.username;
    return name === undefined ? {} : { mentions: [`@${name}`] };
  }

  #note(player: Player, type: string, { message_id, seq }: Message): void {
    if (type === "erase") this.#erased.add(message_id);
    if (type === "hide") player.hidden.add(message_id);
    if (type === "read") player.watermark = Math.max(player.watermark, seq);
  }

  /** Everything that must hold when all is quiet. */
  async check(): Promise<void> {
    for (const player of this.players) {
      const details = await api(player.person, "GET", `/conversations/${this.id}`);
      if (details.status !== 200) continue;
      const { model } = player;
      await expect.poll(() => this.#listen(player).seq).toBe(details.body.seq);
      const roles = details.body.participants.map((one: { user_id: string; role: string }) => [
        one.user_id,
        one.role,
      ]);
      expect(Object.fromEntries(roles)).toMatchObject(Object.fromEntries(model.roles));
      const fetched = await history(player.person, this.id);
      expect(model.history()).toEqual(fetched.map(withoutStatus));
      this.#checkHistory(player, fetched);
      await this.#checkCounts(player, fetched);
    }
    await settled(10);
    for (const player of this.players) expect(this.#listen(player).complaints).toEqual([]);
    for (const [userId, socket] of this.#sockets) checkSocket(userId, socket);
  }

  /** Gives the model what the socket has heard since. */
  #listen(player: Player): ClientModel {
    const news = player.socket.events.slice(player.taken);
    player.taken += news.length;
    for (const event of news) {
      if ("conversation_id" in event && event.conversation_id === this.id) {
        player.model.apply(event as ConversationEvent);
      }
    }
    return player.model;
  }

  #checkHistory(player: Player, fetched: FetchedMessage[]): void {
    for (const message of fetched) {
      const keys = message.reactions.map((one) => `${one.user_id} ${one.emoji}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(message.seq).toBeGreaterThanOrEqual(player.model.joinedSeq);
      expect(player.hidden.has(message.message_id)).toBe(false);
      if (this.#erased.has(message.message_id))
        expect(message).toMatchObject({ is_deleted: true, content: "" });
    }
  }

  /** The list counts what the user's own history holds above the watermark. */
  async #checkCounts(player: Player, fetched: FetchedMessage[]): Promise<void> {
    const { user_id } = player.person;
    const watermark = Math.max(player.watermark, player.model.joinedSeq);
    const above = fetched.filter(
      (one) => one.type !== "system" && one.sender_id !== user_id && !one.is_deleted && one.seq > watermark,
    );
    const calls = above.filter(
      (one) => one.mentions_all || one.mentions.some((name) => name.user_id === user_id),
    );
    await expect
      .poll(() => item(player.person, this.id))
      .toMatchObject({ unread_count: above.length, unread_mentions: calls.length });
    const row = await env.DB.prepare(
      "SELECT last_read_seq FROM members WHERE conversation_id = ? AND user_id = ?",
    )
      .bind(this.id, user_id)
      .first<{ last_read_seq: number }>();
    expect(row?.last_read_seq).toBe(watermark);
  }
}

/** The conversation's own socket: no number is missing between the first and the last, which is the removal. */
function checkSocket(userId: string, socket: TestSocket): void {
  const seqs = socket.events.flatMap((event) =>
    "seq" in event && event.seq !== undefined ? [event.seq] : [],
  );
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  const removal = socket.events.findIndex(
    (event) => event.type === "participant.removed" && event.data.user_id === userId,
  );
  if (removal >= 0) expect(socket.events.slice(removal + 1)).toEqual([]);
}

/** Plays a script from the beginning. @returns when everything has been checked. */
async function play(people: Person[], sockets: TestSocket[], bursts: Command[][]): Promise<void> {
  const [owner, ...others] = people;
  if (!owner) throw new Error("nobody");
  const taken = sockets.map((socket) => socket.events.length);
  const id = await group(owner, others);
  const players = people.map((person, index) => ({
    person,
    socket: sockets[index] as TestSocket,
    model: new ClientModel(person.user_id),
    taken: taken[index] ?? 0,
    watermark: 0,
    hidden: new Set<string>(),
  }));
  const game = new Play(id, players);
  for (const player of players.slice(2)) await game.open(player);
  for (const [index, burst] of bursts.entries()) {
    await Promise.all(burst.map((one) => game.run(one)));
    if (index === bursts.length >> 1) await game.check();
  }
  await game.check();
}

describe("random interleavings", () => {
  it("[R6 R8 R11 R16 R17 R18 R19] counts, order, deletions and who hears what, whatever four people do at once", async () => {
    const seed = Date.now() ^ Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    const people = await cast("ann", "bob", "cid", "dee");
    const sockets = await Promise.all(people.map(connect));
    await fc.assert(
      fc.asyncProperty(script, (bursts) => play(people, sockets, bursts)),
      { seed, numRuns: RUNS, interruptAfterTimeLimit: 25_000, markInterruptAsFailure: false },
    );
  });
});
