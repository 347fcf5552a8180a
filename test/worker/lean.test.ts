import { describe, expect, it } from "vitest";
import { hears, hibernate, sendCommand } from "./checks.ts";
import { api, connect, connectTo, group, type Person, people, say, type TestSocket } from "./kit.ts";

/** What a client hears of a conversation, without what each socket hears at its own time. */
function story(socket: TestSocket) {
  return socket.events.filter((event) => "seq" in event);
}

/** A device of each kind, and one that asks for nothing. */
async function devices(who: Person, id: string): Promise<TestSocket[]> {
  return [
    await connect(who, "/ws?lean=1"),
    await connect(who, "/ws?lean=1&batch=1"),
    await connect(who),
    await connectTo(who, id, "?lean=1"),
    await connectTo(who, id, "?lean=1&batch=1"),
    await connectTo(who, id),
  ];
}

async function everythingHappens(id: string, ann: Person, bob: Person, from: TestSocket): Promise<void> {
  const said = await say(ann, id, "plain", { metadata: { mentions: [bob.username] } });
  await from.ask(sendCommand(id, "from a socket", { client_message_id: crypto.randomUUID() }));
  await say(bob, id, "a reply", { reply_to_message_id: said.message_id });
  await api(bob, "POST", `/messages/${said.message_id}/reactions`, { emoji: "👍" });
  await api(ann, "PUT", `/messages/${said.message_id}`, { content: "edited" });
  await api(ann, "PUT", `/messages/${said.message_id}/pin`);
  await api(bob, "PATCH", "/users/me", { display_name: `Bob ${crypto.randomUUID()}` });
  await say(bob, id, "under another name");
  await api(ann, "DELETE", `/messages/${said.message_id}?delete_for_everyone=true`);
  await api(ann, "PUT", `/conversations/${id}`, { description: crypto.randomUUID() });
}

describe("the short form of events (`?lean=1`)", () => {
  it("[LEAN-13] every device hears the same, whichever form it takes, also after hibernation", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const all = [...(await devices(ann, id)), ...(await devices(bob, id))];
    const [anns] = all as [TestSocket];
    for (const round of ["awake", "hibernated", "again"]) {
      await everythingHappens(id, ann, bob, anns);
      await say(ann, id, `end of ${round}`);
      for (const socket of all) await hears(socket, `end of ${round}`);
      await hibernate(id, ann, bob);
    }
    const [first] = all.filter((socket) => socket.frames.every((frame) => !frame.includes("profiles")));
    expect(story(first as TestSocket).length).toBeGreaterThan(30);
    for (const socket of all) {
      expect(story(socket)).toEqual(story(first as TestSocket));
      expect(socket.frames).not.toContain("a profile is missing");
    }
  });

  it("[LEAN-14] a profile is sent once to each socket, and again where it has changed", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    for (const open of [() => connect(bob, "/ws?lean=1"), () => connectTo(bob, id, "?lean=1")]) {
      const socket = await open();
      for (const content of ["one", "two", "three"]) await say(ann, id, content);
      await hears(socket, "three");
      const profiles = () => socket.frames.filter((frame) => frame.includes('"profiles"'));
      expect(profiles()).toHaveLength(1);
      await api(ann, "PATCH", "/users/me", { display_name: `Ann ${crypto.randomUUID()}` });
      for (const content of ["four", "five"]) await say(ann, id, content);
      await hears(socket, "five");
      expect(profiles()).toHaveLength(2);
      expect(socket.frames.filter((frame) => frame.includes('"sender"'))).toEqual([]);
    }
  });

  it("[LEAN-15] what a resume sends is short, too, and says the same", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    for (const content of ["one", "two"]) await say(ann, id, content);
    const answers = await Promise.all(
      ["", "?lean=1"].map(async (query) => {
        const hub = await connect(bob, `/ws${query}`);
        await hub.ask({ type: "sync", conversations: { [id]: 1 } });
        const own = await connectTo(bob, id, `?since=1${query.replace("?", "&")}`);
        await own.heard("conversation.sync");
        return [hub, own].map((socket) => ({
          sync: socket.all("conversation.sync"),
          size: socket.frames.find((frame) => frame.includes("conversation.sync"))?.length ?? 0,
        }));
      }),
    );
    const [full, lean] = answers as [(typeof answers)[0], (typeof answers)[0]];
    for (const i of [0, 1]) {
      expect(lean[i]?.sync).toEqual(full[i]?.sync);
      expect(lean[i]?.size).toBeLessThan((full[i]?.size ?? 0) * 0.6);
    }
  });

  it("[LEAN-16] who did not ask for it gets every field", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const [lean, hub, own] = [await connect(bob, "/ws?lean=1"), await connect(bob), await connectTo(bob, id)];
    await say(ann, id, "hello");
    for (const socket of [lean, hub, own]) await hears(socket, "hello");
    const raw = (socket: TestSocket) =>
      JSON.parse(socket.frames.find((frame) => frame.includes('"message.new"')) ?? "{}");
    expect(raw(hub)).toEqual(raw(own));
    expect(Object.keys(raw(hub).data).length).toBeGreaterThan(20);
    expect(Object.keys(raw(lean).data).sort()).toEqual(["content", "created_at", "sender_id"]);
  });
});
