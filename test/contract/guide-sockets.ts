/** Section 2 of the guide, over the user's socket of a client that knows nothing else; and its screens. */
import { describe, expect, it } from "vitest";
import type { GuideSocket } from "./guide-client.ts";
import type { EventOf } from "./guide-fields.ts";
import { Screen } from "./guide-screen.ts";
import { type Literal, three, two } from "./guide-stage.ts";

describe("a client of the guide: events to the server", () => {
  it("[GUIDE-2.1] a client of the guide connects with its token in the address, and is confirmed", async () => {
    const { ann } = await two();
    const [event] = (await ann.connect()).events;
    expect(event).toMatchObject({ type: "connection.established", data: { user_id: ann.user_id } });
  });

  it("[GUIDE-2.2 GUIDE-2.6] a client of the guide sends over its socket, and hears its own message like everyone", async () => {
    const { ann, bob, id } = await two();
    const quoted = (await bob.client.sendText(id, "first")).body;
    const [own, other] = [await ann.connect(), await bob.connect()];
    own.sendMessage(id, "Hello!", quoted.message_id);
    for (const socket of [own, other]) {
      const { conversation_id, data } = await socket.next("message.new");
      expect(conversation_id).toBe(id);
      expect(data).toMatchObject({ content: "Hello!", sender: { user_id: ann.user_id } });
      expect(data.reply_to).not.toBeNull();
    }
    expect(own.ignored).toEqual(["ack"]);
  });

  it("[GUIDE-2.3 GUIDE-2.10] a client of the guide starts and stops typing over its socket", async () => {
    const { ann, bob, id } = await two();
    const [own, other] = [await ann.connect(), await bob.connect()];
    own.typing("typing.start", id);
    const begun = await other.next("typing.indicator");
    expect(begun).toMatchObject({
      conversation_id: id,
      data: { user_id: ann.user_id, username: ann.username, is_typing: true },
    });
    own.typing("typing.stop", id);
    await other.next("typing.indicator", (event) => !event.data.is_typing);
  });

  it("[GUIDE-2.4 GUIDE-2.11] a client of the guide reads over its socket, and hears who has read", async () => {
    const { ann, bob, id } = await two();
    const [own, other] = [await ann.connect(), await bob.connect()];
    const { message_id } = (await ann.client.sendText(id, "Hello!")).body;
    other.read(message_id);
    for (const status of ["delivered", "read"] as const) {
      const event = await own.next("message.receipt", ({ data }) => data.status === status);
      expect(event).toMatchObject({ conversation_id: id, data: { message_id, user_id: bob.user_id } });
    }
  });

  it("[GUIDE-2.5 GUIDE-2.12] a client of the guide says that it is away, online and offline", async () => {
    const { ann, bob } = await two();
    const other = await bob.connect();
    const own = await ann.connect();
    const heard = () =>
      other.events.flatMap((event) =>
        event.type === "user.presence" && event.data.user_id === ann.user_id ? [event.data.status] : [],
      );
    await expect.poll(heard).toEqual(["online"]);
    for (const status of ["away", "online", "offline"] as const) {
      own.presence(status);
      await expect.poll(() => heard().at(-1)).toBe(status);
    }
  });
});

describe("a client of the guide: events from the server", () => {
  it("[GUIDE-2.7 GUIDE-2.8 GUIDE-2.9] a client of the guide hears edits, deletions and reactions", async () => {
    const { ann, bob, id } = await two();
    const socket = await bob.connect();
    const { message_id } = (await ann.client.sendText(id, "Hello!")).body;
    await ann.client.editMessage(message_id, "Updated content");
    const edited = await socket.next("message.edited");
    expect(edited).toMatchObject({ conversation_id: id, data: { message_id, content: "Updated content" } });
    const by = { message_id, user_id: ann.user_id, username: ann.username, emoji: "👍" };
    await ann.client.addReaction(message_id, "👍");
    expect((await socket.next("message.reaction")).data).toEqual({ ...by, action: "add" });
    await ann.client.removeReaction(message_id, "👍");
    const removed = await socket.next("message.reaction", ({ data }) => data.action === "remove");
    expect(removed).toEqual({
      type: "message.reaction",
      conversation_id: id,
      data: { ...by, action: "remove" },
    });
    await ann.client.deleteMessage(message_id);
    const deleted = await socket.next("message.deleted");
    expect(deleted.data).toEqual({ message_id, deleted_by: ann.user_id });
  });
});

/** Someone who looks at their screens. */
interface Watcher extends Literal {
  socket: GuideSocket;
  screen: Screen;
}

async function watch(who: Literal): Promise<Watcher> {
  const socket = await who.connect();
  return { ...who, socket, screen: await Screen.open(who.client, who.user_id, socket) };
}

/** Waits until the screens of all show what a fresh load shows. */
async function agree(...watchers: Watcher[]): Promise<void> {
  for (const { client, user_id, screen } of watchers) {
    const both = async () => {
      const loaded = await Screen.open(client, user_id);
      await screen.idle();
      return { followed: screen.shown(), loaded: loaded.shown() };
    };
    await expect.poll(both).toSatisfy(({ followed, loaded }) => {
      expect(followed).toEqual(loaded);
      return true;
    });
  }
}

/** Bob types and speaks, Ann reads and answers. @returns the messages of both. */
async function talk(ann: Watcher, bob: Watcher, id: string): Promise<[heard: string, own: string]> {
  bob.socket.typing("typing.start", id);
  await expect.poll(() => ann.screen.typing(id)).toEqual([bob.user_id]);
  bob.socket.sendMessage(id, "one");
  bob.socket.sendMessage(id, "two");
  const heard = (await ann.socket.next("message.new", ({ data }) => data.content === "two")).data.message_id;
  await expect.poll(() => [ann.screen.typing(id), ann.screen.unread(id)]).toEqual([[], 3]);
  ann.socket.read(heard);
  ann.screen.read(id, heard);
  await bob.socket.next("message.receipt", ({ data }) => data.status === "read" && data.message_id === heard);
  return [heard, (await ann.client.sendText(id, "three", heard)).body.message_id];
}

/** Both react, take back, edit; Bob says something and deletes it before Ann has read it. */
async function change(ann: Watcher, bob: Watcher, id: string, [heard, own]: [string, string]): Promise<void> {
  await bob.client.addReaction(own, "👍");
  await ann.client.addReaction(heard, "❤️");
  await bob.client.addReaction(heard, "🇫🇷");
  await bob.client.removeReaction(own, "👍");
  await bob.client.editMessage(heard, "two, edited");
  await ann.client.editMessage(own, "three, edited");
  const mistake = (await bob.client.sendText(id, "a mistake")).body.message_id;
  await expect.poll(() => ann.screen.unread(id)).toBe(1);
  await bob.client.deleteMessage(mistake);
  await expect.poll(() => ann.screen.unread(id)).toBe(0);
}

/** Ann begins a group, of which Bob has heard nothing. */
async function begin(ann: Watcher, bob: Watcher): Promise<void> {
  const { conversation_id } = (await ann.client.createGroup([bob.user_id])).body;
  ann.socket.sendMessage(conversation_id, "welcome");
  await bob.socket.next("message.new", ({ data }) => data.content === "welcome");
  await ann.client.updateConversation(conversation_id, "Renamed");
  await expect.poll(() => bob.screen.unread(conversation_id)).toBe(1);
}

describe("a client of the guide: its screens", () => {
  it("[GUIDE-2.6 GUIDE-2.7 GUIDE-2.8 GUIDE-2.9 GUIDE-2.10 GUIDE-2.11 GUIDE-2.12 R31] the screens of two people who follow their sockets show what a fresh load shows", async () => {
    const { ann: first, bob: second, id } = await two();
    await second.client.sendText(id, "before");
    const [ann, bob] = [await watch(first), await watch(second)];
    await agree(ann, bob);
    const said = await talk(ann, bob, id);
    await agree(ann, bob);
    await change(ann, bob, id, said);
    await agree(ann, bob);
    await begin(ann, bob);
    await agree(ann, bob);
    for (const status of ["away", "online", "offline"] as const) {
      ann.socket.presence(status);
      const own = (event: EventOf<"user.presence">) =>
        event.data.user_id === ann.user_id && event.data.status === status;
      await bob.socket.next("user.presence", own);
      await agree(bob);
    }
    expect(new Set([...ann.socket.ignored, ...bob.socket.ignored])).toEqual(
      new Set(["ack", "conversation.created", "conversation.updated", "sync.required", "unread.total"]),
    );
  });

  it("[GUIDE-3.5 R31] whoever is removed hears nothing that the guide names; the list is right when it is loaded again", async () => {
    const { ann, bob, cid } = await three();
    const { conversation_id: id } = (await ann.client.createGroup([bob.user_id, cid.user_id])).body;
    const watcher = await watch(cid);
    const before = watcher.socket.events.length;
    await ann.client.removeParticipant(id, cid.user_id);
    await expect.poll(() => watcher.socket.ignored).toContain("participant.removed");
    await ann.client.sendText(id, "afterwards");
    await expect.poll(async () => (await cid.client.listConversations()).body.total).toBe(0);
    expect(watcher.socket.events.slice(before)).toEqual([]);
  });
});
