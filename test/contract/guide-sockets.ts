/** Section 2 of the guide, over the user's socket of a client that knows nothing else; and its screens. */
import { describe, expect, it } from "vitest";
import { Screen } from "./guide-screen.ts";
import { two } from "./guide-stage.ts";

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

describe("a client of the guide: its screens", () => {
  it("[GUIDE-2.6 GUIDE-2.7 GUIDE-2.8 GUIDE-2.9 GUIDE-2.10 GUIDE-2.11 GUIDE-2.12 R31] the screens of two people who follow their sockets show what a fresh load shows", async () => {
    const { ann, bob, id } = await two();
    const sockets = { ann: await ann.connect(), bob: await bob.connect() };
    const screens = {
      ann: await Screen.open(ann.client, ann.user_id, sockets.ann),
      bob: await Screen.open(bob.client, bob.user_id, sockets.bob),
    };
    /** Waits until a fresh load of both shows what their screens show. */
    const agree = async () => {
      for (const [person, screen] of [
        [ann, screens.ann],
        [bob, screens.bob],
      ] as const) {
        const fresh = async () => (await Screen.open(person.client, person.user_id)).shown();
        await expect
          .poll(async () => {
            await screen.idle();
            return [screen.shown(), await fresh()];
          })
          .toSatisfy(([own, loaded]) => {
            expect(own).toEqual(loaded);
            return true;
          });
      }
    };
    await agree();

    sockets.bob.typing("typing.start", id);
    await expect.poll(() => screens.ann.typing(id)).toEqual([bob.user_id]);
    sockets.bob.sendMessage(id, "one");
    sockets.bob.sendMessage(id, "two");
    const two_ = await sockets.ann.next("message.new", ({ data }) => data.content === "two");
    await expect.poll(() => [screens.ann.typing(id), screens.ann.unread(id)]).toEqual([[], 2]);
    await agree();

    sockets.ann.read(two_.data.message_id);
    screens.ann.read(id, two_.data.message_id);
    await sockets.bob.next("message.receipt", ({ data }) => data.status === "read");
    await agree();

    const reply = (await ann.client.sendText(id, "three", two_.data.message_id)).body;
    await bob.client.addReaction(reply.message_id, "👍");
    await ann.client.addReaction(two_.data.message_id, "❤️");
    await bob.client.removeReaction(reply.message_id, "👍");
    await bob.client.editMessage(two_.data.message_id, "two, edited");
    await ann.client.editMessage(reply.message_id, "three, edited");
    await agree();

    const gone = (await bob.client.sendText(id, "a mistake")).body;
    await expect.poll(() => screens.ann.unread(id)).toBe(1);
    await bob.client.deleteMessage(gone.message_id);
    await expect.poll(() => screens.ann.unread(id)).toBe(0);
    await agree();

    const group = (await ann.client.createGroup([bob.user_id])).body.conversation_id;
    await ann.client.updateConversation(group, "Renamed");
    sockets.ann.sendMessage(group, "welcome");
    await sockets.bob.next("message.new", ({ data }) => data.content === "welcome");
    await agree();
    expect(screens.bob.unread(group)).toBe(1);

    sockets.ann.presence("away");
    await sockets.bob.next("user.presence", ({ data }) => data.status === "away");
    await agree();
    sockets.ann.presence("offline");
    await sockets.bob.next("user.presence", ({ data }) => data.status === "offline");
    await agree();
  });
});
