/** One play of the random interleavings: what is done, and what must hold when all is quiet. */
import { env } from "cloudflare:workers";
import type { ConversationEvent, FetchedMessage, Message, Participant } from "@rocket-chat-api/protocol";
import { expect } from "vitest";
import { ClientModel, withoutStatus } from "./client-model.ts";
import { ask, type Command } from "./interleaving-commands.ts";
import { api, connectTo, group, history, item, type Person, settled, type TestSocket } from "./kit.ts";

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

  /** Runs one command. A refusal is a good answer; a failure is not, and throws. */
  async run(one: Command): Promise<void> {
    const player = this.players[one.who];
    if (!player) throw new Error("nobody");
    // Chosen now: others speak while this one waits for an answer.
    const message = this.#said.at(-1 - ((one.back ?? 0) % Math.max(this.#said.length, 1)));
    const { id } = this;
    const people = this.players.map((each) => each.person);
    const content = `words ${this.#words++}`;
    const { status, body } = await ask(one, { id, people, socket: player.socket, message, content });
    if (![200, 201, 204, 403, 404, 409].includes(status))
      throw new Error(`${JSON.stringify(one)}: ${status}`);
    if (one.type === "send" && status === 201) this.#said.push(body);
    if (message && status < 300) this.#note(player, one.type, message);
    if (one.type === "add" && status === 201) {
      const added = this.players[one.target ?? 0];
      if (added) await this.open(added);
    }
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
      const roles = details.body.participants.map((one: Participant) => [
        one.user_id,
        one.is_owner ? "owner" : one.role,
      ]);
      expect(Object.fromEntries(roles)).toMatchObject(Object.fromEntries(model.roles));
      const fetched = await history(player.person, this.id);
      expect(model.history()).toEqual(fetched.map(withoutStatus));
      this.#checkHistory(player, fetched);
      await this.#checkPins(player, fetched);
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

  /** The list of pins has what the user's own history shows as pinned, the newest pin first. */
  async #checkPins({ person }: Player, fetched: FetchedMessage[]): Promise<void> {
    const { body } = await api(person, "GET", `/conversations/${this.id}/pins?limit=100`);
    const listed: FetchedMessage[] = body.messages;
    const pinned = fetched.filter((message) => message.is_pinned);
    expect(listed.toSorted((a, b) => b.seq - a.seq)).toEqual(pinned);
    const times = listed.map((message) => message.pinned_at);
    expect(times).toEqual(times.toSorted().reverse());
    for (const { is_deleted, type } of listed) expect([is_deleted, type]).toEqual([false, "text"]);
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
    const inList = { unread_count: above.length, unread_mentions: calls.length };
    await expect.poll(() => item(player.person, this.id)).toMatchObject(inList);
    await expect.poll(() => this.#lastRead(user_id)).toBe(watermark);
  }

  async #lastRead(user_id: string): Promise<unknown> {
    const sql = "SELECT last_read_seq FROM members WHERE conversation_id = ? AND user_id = ?";
    return await env.DB.prepare(sql).bind(this.id, user_id).first("last_read_seq");
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
  const closing = { type: "error", code: "FORBIDDEN", details: { close_code: 4011 } };
  if (removal >= 0) expect(socket.events.slice(removal + 1)).toMatchObject([closing]);
}

/** Plays a script from the beginning. @returns when everything has been checked. */
export async function play(people: Person[], sockets: TestSocket[], bursts: Command[][]): Promise<void> {
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
