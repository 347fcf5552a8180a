import { apply, trim } from "@rocket-chat-api/client";
import { describe, expect, it } from "vitest";
import { api, direct, group, type Person, people, say } from "./kit.ts";
import { eventually, Follower, freshState, verify, view, viewOfNewest } from "./state-kit.ts";

interface Scene {
  id: string;
  ann: Person;
  bob: Person;
  cat: Person;
  dan: Person;
  everybody: Person[];
  /** Messages that were said before: two of Ann's, one of Bob's. */
  said: { message_id: string; seq: number }[];
}

/** A group of Ann (its owner), Bob and Cat, where something has been said; Dan is not in. */
async function scene(): Promise<Scene> {
  const everybody = await people("ann", "bob", "cat", "dan");
  const [ann, bob, cat, dan] = everybody;
  if (!ann || !bob || !cat || !dan) throw new Error("nobody");
  const id = await group(ann, [bob, cat]);
  const said = [await say(ann, id, "one"), await say(bob, id, "two"), await say(ann, id, "three")];
  return { id, ann, bob, cat, dan, everybody, said };
}

type Act = (scene: Scene) => Promise<unknown>;
const at = (said: Scene["said"], index: number) => said[index]?.message_id ?? "";

/** Every kind of action, by what is done. */
const ACTIONS: [string, Act][] = [
  ["send", ({ ann, id }) => say(ann, id, "four")],
  [
    "send with a mention, and with @all",
    async ({ ann, bob, id }) => {
      await say(ann, id, "hey", { metadata: { mentions: [`@${bob.username}`] } });
      await say(ann, id, "hey all", { metadata: { mentions: ["@all"] } });
    },
  ],
  ["reply", ({ bob, id, said }) => say(bob, id, "re", { reply_to_message_id: at(said, 0) })],
  [
    "edit, also of what is quoted",
    async ({ ann, bob, id, said }) => {
      await say(bob, id, "re", { reply_to_message_id: at(said, 0) });
      await api(ann, "PUT", `/messages/${at(said, 0)}`, { content: "one, edited" });
      await api(ann, "PUT", `/messages/${at(said, 0)}`, {
        content: "one, again",
        metadata: { mentions: [`@${bob.username}`] },
      });
    },
  ],
  [
    "delete for everyone, also of what is quoted",
    async ({ ann, bob, id, said }) => {
      await say(bob, id, "re", { reply_to_message_id: at(said, 0) });
      await api(bob, "POST", `/messages/${at(said, 0)}/reactions`, { emoji: "👍" });
      await api(ann, "DELETE", `/messages/${at(said, 0)}?delete_for_everyone=true`);
      await api(ann, "DELETE", `/messages/${at(said, 1)}?delete_for_everyone=true`);
    },
  ],
  ["delete for me", ({ bob, said }) => api(bob, "DELETE", `/messages/${at(said, 0)}`)],
  [
    "delete for me, then for everyone",
    async ({ ann, said }) => {
      await api(ann, "DELETE", `/messages/${at(said, 0)}`);
      await api(ann, "DELETE", `/messages/${at(said, 0)}?delete_for_everyone=true`);
    },
  ],
  [
    "react, and unreact",
    async ({ ann, bob, said }) => {
      await api(bob, "POST", `/messages/${at(said, 0)}/reactions`, { emoji: "👍" });
      await api(ann, "POST", `/messages/${at(said, 0)}/reactions`, { emoji: "🎉" });
      await api(bob, "POST", `/messages/${at(said, 0)}/reactions`, { emoji: "❤️" });
      await api(bob, "DELETE", `/messages/${at(said, 0)}/reactions/${encodeURIComponent("👍")}`);
      await api(bob, "POST", `/messages/${at(said, 0)}/reactions`, { emoji: "👍" });
    },
  ],
  [
    "read",
    async ({ bob, cat, id, said }) => {
      await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: at(said, 2) });
      await api(cat, "PUT", `/conversations/${id}/read`, { up_to_message_id: at(said, 0) });
    },
  ],
  [
    "add, and say something to the new one",
    async ({ ann, dan, id }) => {
      await api(ann, "POST", `/conversations/${id}/participants`, { user_id: dan.user_id });
      await say(ann, id, "welcome");
    },
  ],
  [
    "remove",
    async ({ ann, cat, id }) => {
      await api(ann, "DELETE", `/conversations/${id}/participants/${cat.user_id}`);
      await say(ann, id, "she is gone");
    },
  ],
  [
    "remove and add again",
    async ({ ann, bob, cat, id }) => {
      await api(ann, "DELETE", `/conversations/${id}/participants/${cat.user_id}`);
      await say(bob, id, "meanwhile");
      await api(ann, "POST", `/conversations/${id}/participants`, { user_id: cat.user_id });
      await say(bob, id, "afterwards");
    },
  ],
  ["leave, as a member", ({ bob, id }) => api(bob, "DELETE", `/conversations/${id}`)],
  ["leave, as the owner", ({ ann, id }) => api(ann, "DELETE", `/conversations/${id}`)],
  [
    "role, and the hand-over of the group",
    async ({ ann, bob, cat, id }) => {
      await api(ann, "PATCH", `/conversations/${id}/participants/${bob.user_id}`, { role: "admin" });
      await api(ann, "PATCH", `/conversations/${id}/participants/${cat.user_id}`, { role: "owner" });
    },
  ],
  [
    "settings, name, photo and description",
    async ({ ann, id }) => {
      await api(ann, "PUT", `/conversations/${id}`, { name: "Another", description: "of us" });
      await api(ann, "PUT", `/conversations/${id}`, { settings: { only_admins_can_send: true } });
      await api(ann, "PUT", `/conversations/${id}`, {
        photo_url: "https://example.com/p.png",
        settings: { disappearing_messages_enabled: true, disappearing_ttl_seconds: 3600 },
      });
      await say(ann, id, "this will disappear");
    },
  ],
  [
    "rename of a person who wrote, reacted, was mentioned and quoted",
    async ({ ann, bob, cat, id, said }) => {
      await say(bob, id, "re", {
        reply_to_message_id: at(said, 0),
        metadata: { mentions: [`@${ann.username}`] },
      });
      await api(ann, "POST", `/messages/${at(said, 1)}/reactions`, { emoji: "👍" });
      await api(ann, "PATCH", "/users/me", { display_name: "Anna", profile_photo_url: "https://x.test/a" });
      await say(ann, id, "I am called Anna now");
      await say(cat, id, "fine");
    },
  ],
  [
    "rename of a person who then leaves",
    async ({ bob, cat, id }) => {
      await api(bob, "PATCH", "/users/me", { display_name: "Robert" });
      await say(bob, id, "bye");
      await api(bob, "DELETE", `/conversations/${id}`);
      await say(cat, id, "fine");
    },
  ],
  [
    "everything that changes nothing: the same edit, reaction, deletion, read, name and retry again",
    async ({ ann, bob, id, said }) => {
      const retry = { client_message_id: "again" };
      for (let i = 0; i < 2; i++) {
        await say(ann, id, "once", retry);
        await api(ann, "PUT", `/messages/${at(said, 0)}`, { content: "one, edited" });
        await api(bob, "POST", `/messages/${at(said, 0)}/reactions`, { emoji: "👍" });
        await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: at(said, 0) });
        await api(ann, "PUT", `/conversations/${id}`, { name: "Another" });
        await api(ann, "DELETE", `/messages/${at(said, 2)}?delete_for_everyone=true`);
      }
    },
  ],
];

describe("state plus events equals a fresh fetch", () => {
  it.each(ACTIONS)("[STATE-1] %s", async (_, act) => {
    const stage = await scene();
    await verify(stage.id, stage.everybody, () => act(stage));
  });

  it("[STATE-2] in a direct chat: send, read, disappearing messages, leave and come back", async () => {
    const [ann, bob] = (await people("ann", "bob")) as [Person, Person];
    const id = await direct(ann, bob);
    const said = await verify(id, [ann, bob], () => say(ann, id, "hello"));
    await verify(id, [ann, bob], () =>
      api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: said.message_id }),
    );
    await verify(id, [ann, bob], () =>
      api(ann, "PUT", `/conversations/${id}`, { settings: { disappearing_messages_enabled: true } }),
    );
    await verify(id, [ann, bob], async () => {
      await api(bob, "DELETE", `/conversations/${id}`);
      await say(ann, id, "still there?");
    });
  });

  it("[STATE-3] where only the newest messages are loaded, the rest is not brought in and the counts stay right", async () => {
    const { id, ann, bob, said } = await scene();
    const reply = { reply_to_message_id: at(said, 0) };
    await say(bob, id, "re", reply);
    const follower = await Follower.start(bob, id, "user");
    follower.state = trim(follower.state, 2);
    await api(ann, "PUT", `/messages/${at(said, 0)}`, { content: "one, edited" });
    await api(ann, "DELETE", `/messages/${at(said, 1)}?delete_for_everyone=true`);
    await api(ann, "POST", `/messages/${at(said, 0)}/reactions`, { emoji: "👍" });
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: at(said, 0) });
    const last = await say(ann, id, "last");
    await eventually(async () => {
      follower.catchUp();
      // What the deletion of an unread message that is not loaded does to the count, only the server knows.
      if (follower.gaps > 0) await follower.sync();
      const fresh = await freshState(bob, id);
      expect(fresh.seq).toBe(last.seq);
      expect(viewOfNewest(follower.state, 3)).toEqual(viewOfNewest(fresh, 3));
    });
  });

  it("[STATE-5] quotes of messages that one does not see oneself follow what becomes of those, also while away", async () => {
    const { id, ann, bob, dan, everybody, said } = await scene();
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: dan.user_id });
    await say(bob, id, "to what was said before Dan's time", { reply_to_message_id: at(said, 0) });
    await say(bob, id, "to what Ann will hide", { reply_to_message_id: at(said, 1) });
    await api(ann, "DELETE", `/messages/${at(said, 1)}`);
    await verify(id, everybody, async () => {
      await api(ann, "DELETE", `/messages/${at(said, 0)}?delete_for_everyone=true`);
      await api(bob, "PUT", `/messages/${at(said, 1)}`, { content: "two, edited" });
    });
  });

  it("[STATE-4] applying everything twice, or an old sync again, changes nothing", async () => {
    const { id, ann, bob, said } = await scene();
    const follower = await Follower.start(bob, id, "conversation");
    const old = follower.state;
    await say(ann, id, "four");
    await api(ann, "PUT", `/messages/${at(said, 0)}`, { content: "one, edited" });
    await eventually(async () => {
      follower.catchUp();
      expect(follower.state.seq).toBe(old.seq + 2);
    });
    const once = view(follower.state);
    await follower.sync(old.seq);
    await follower.sync(0);
    expect(view(follower.state)).toEqual(once);
    const jump = apply(old, {
      type: "message.deleted",
      conversation_id: id,
      seq: old.seq + 2,
      data: { message_id: at(said, 0), deleted_by: ann.user_id, for_everyone: true, reason: "deleted" },
    });
    expect(jump).toEqual({ state: old, outcome: "gap" });
  });
});
