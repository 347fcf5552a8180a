import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Me, UserList } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { searchUsers } from "../../src/directory/people.ts";
import { alarmOf, atTime, expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, direct, group, hubObject, type Person, people, sign } from "./kit.ts";

/** Somebody whose names nobody else in this file has. */
async function named(username: string, display_name: string): Promise<Person> {
  const user_id = crypto.randomUUID();
  const token = await sign({ sub: user_id, username, display_name });
  const who = { user_id, username, token };
  await api(who, "GET", "/users/me");
  return who;
}

/** The usernames that a search finds. */
async function found(who: Person, q: string, more = ""): Promise<string[]> {
  const { status, body } = await api(who, "GET", `/users?q=${encodeURIComponent(q)}${more}`);
  expect(status).toBe(200);
  return UserList.parse(body).users.map((user) => user.username);
}

describe("users", () => {
  it("[USERS] oneself and others, with the guide's fields", async () => {
    const [ann, bob] = await people("ann", "bob");
    const me = await api(ann, "GET", "/users/me");
    expect(Me.parse(me.body)).toMatchObject({
      user_id: ann.user_id,
      username: ann.username,
      display_name: "ann",
      profile_photo_url: null,
      is_online: false,
      last_seen_at: null,
    });
    const { external_id, ...shown } = me.body;
    expect(external_id).toBe(ann.user_id);
    expect((await api(bob, "GET", `/users/${ann.user_id}`)).body).toEqual(shown);
    expect((await api(bob, "GET", `/users/${ann.user_id.toUpperCase()}`)).status).toBe(200);
    expectError(await api(bob, "GET", `/users/${crypto.randomUUID()}`), "NOT_FOUND");
  });

  it("[USERS] a change of name or photo changes only that, and others see it", async () => {
    const [ann, bob] = await people("ann", "bob");
    const photo = "https://cdn.example.com/ann.jpg";
    const named = await api(ann, "PATCH", "/users/me", { display_name: "  Ann Example " });
    expect(named).toMatchObject({
      status: 200,
      body: { display_name: "Ann Example", profile_photo_url: null },
    });
    const pictured = await api(ann, "PATCH", "/users/me", { profile_photo_url: photo });
    expect(pictured.body).toMatchObject({ display_name: "Ann Example", profile_photo_url: photo });
    const { external_id: _, ...shown } = pictured.body;
    expect((await api(bob, "GET", `/users/${ann.user_id}`)).body).toEqual(shown);
    const bare = await api(ann, "PATCH", "/users/me", { profile_photo_url: null });
    expect(bare.body).toMatchObject({ display_name: "Ann Example", profile_photo_url: null });
    const mine = { user_id: bob.user_id, username: "other", is_online: true };
    expectError(await api(ann, "PATCH", "/users/me", mine), "VALIDATION_ERROR");
  });

  it("[USERS] the list of conversations shows the new name", async () => {
    const [ann, bob] = await people("ann", "bob");
    await direct(ann, bob);
    await api(bob, "PATCH", "/users/me", { display_name: "Bob the Builder" });
    const { body } = await api(ann, "GET", "/conversations");
    expect(body.conversations[0].other_user).toMatchObject({ display_name: "Bob the Builder" });
  });

  it("[USERS] who has a socket is online; ten seconds after the last has closed, offline", async () => {
    const [ann, bob] = await people("ann", "bob");
    await direct(ann, bob);
    const isOnline = async () => (await api(bob, "GET", `/users/${ann.user_id}`)).body.is_online;
    const sockets = [await connect(ann), await connect(ann)];
    await expect.poll(isOnline).toBe(true);
    for (const socket of sockets) {
      expect(await isOnline()).toBe(true);
      socket.close();
      await socket.closed;
    }
    const closed = Date.now();
    await expect.poll(() => runDurableObjectAlarm(hubObject(ann.user_id))).toBe(true);
    expect(await isOnline()).toBe(true);
    await atTime(closed + 11_000, () => runDurableObjectAlarm(hubObject(ann.user_id)));
    await expect.poll(isOnline).toBe(false);
    const { last_seen_at } = (await api(bob, "GET", `/users/${ann.user_id}`)).body;
    expect(Math.abs(Date.parse(last_seen_at) - Date.now())).toBeLessThan(60_000);
  });
});

describe("pictures", () => {
  afterEach(() => {
    faults.settings = {};
  });

  it("[R3 PHOTO-3] where hosts are named, users and groups have pictures on them alone", async () => {
    const [ann] = await people("ann");
    const id = await group(ann, []);
    const change = async (url: string) => {
      const me = await api(ann, "PATCH", "/users/me", { profile_photo_url: url });
      const room = await api(ann, "PUT", `/conversations/${id}`, { photo_url: url });
      expect(me.status).toBe(room.status);
      return me;
    };
    expect((await change("https://anywhere.test/a.png")).status).toBe(200);
    faults.settings = { PHOTO_HOSTS: "CDN.example.com, *.pictures.example" };
    for (const url of ["https://cdn.example.com/a.png", "https://eu.pictures.example/a.png"]) {
      expect((await change(url)).body.profile_photo_url).toBe(url);
    }
    for (const url of [
      "https://anywhere.test/a.png",
      "https://cdn.example.com.evil.test/",
      "https://pictures.example/",
    ]) {
      expectError(await change(url), "VALIDATION_ERROR");
    }
    for (const body of [{ profile_photo_url: null }, { display_name: "Ann" }]) {
      expect((await api(ann, "PATCH", "/users/me", body)).status).toBe(200);
    }
    expect((await api(ann, "PUT", `/conversations/${id}`, { photo_url: null })).status).toBe(200);
  });
});

describe("search", () => {
  it("[USERS-SEARCH] by the beginning of the username or the display name, whatever the case", async () => {
    const ann = await named("zq-annabel", "Zq Annabel Lee");
    await named("zq-anton", "Mister Zqx");
    await named("hidden-zq", "Somebody Zq");
    expect(await found(ann, "zq-an")).toEqual(["zq-annabel", "zq-anton"]);
    expect(await found(ann, "ZQ-ANN")).toEqual(["zq-annabel"]);
    expect(await found(ann, "zq annabel l")).toEqual(["zq-annabel"]);
    expect(await found(ann, "mister z")).toEqual(["zq-anton"]);
    expect(await found(ann, " zq-anton ")).toEqual(["zq-anton"]);
    expect(await found(ann, "annabel")).toEqual(["zq-annabel"]);
    expect(await found(ann, "nnabel")).toEqual([]);
    expect(await found(ann, "zq-nobody")).toEqual([]);
  });

  it("[USERS-SEARCH] what would be a pattern elsewhere is text here", async () => {
    const ann = await named("wild_card", "100% Wild*Card?");
    await named("wildxcard", "1000 wild cards");
    expect(await found(ann, "wild_")).toEqual(["wild_card"]);
    expect(await found(ann, "100%")).toEqual(["wild_card"]);
    for (const q of ["%%", "__", "**", "%wild", "' OR 1=1 --", '""', "\\\\", "[a-z]"]) {
      expect(await found(ann, q)).toEqual([]);
    }
  });

  it("[USERS-SEARCH] names beyond ASCII are found, also in another form of the same letters", async () => {
    const ann = await named("uml-aut", "Ünal Çelik");
    await named("emo-ji", "😀 Smiley");
    expect(await found(ann, "ünal")).toEqual(["uml-aut"]);
    expect(await found(ann, "U\u0308nal")).toEqual(["uml-aut"]);
    expect(await found(ann, "😀 s")).toEqual(["emo-ji"]);
  });

  it("[USERS-SEARCH] the limit holds, and a new name is found, the old one not", async () => {
    const many = await Promise.all(Array.from({ length: 5 }, (_, i) => named(`many-${i}`, `Old Name ${i}`)));
    const [ann] = many;
    if (!ann) throw new Error("nobody");
    expect(await found(ann, "many-", "&limit=3")).toEqual(["many-0", "many-1", "many-2"]);
    await api(ann, "PATCH", "/users/me", { display_name: "Brand New" });
    expect(await found(ann, "brand n")).toEqual(["many-0"]);
    expect(await found(ann, "old name 0")).toEqual([]);
  });

  it("[R3 PEOPLE-5] people are folded as messages are, and found by any word of their name, in any order", async () => {
    const ann = await named("pq-jose", "José Núñez de Vries");
    await named("pq-strauss", "Levi Strauß");
    await named("pq-yamada", "山田太郎丸");
    for (const q of ["josé núñez d", "nunez de", "vries jose", "NÚÑEZ", "de vr", "pq-jo"]) {
      expect([q, await found(ann, q)]).toEqual([q, ["pq-jose"]]);
    }
    for (const q of ["strauss", "STRAUẞ", "straus", "strauss levi", "levi strauß"]) {
      expect([q, await found(ann, q)]).toEqual([q, ["pq-strauss"]]);
    }
    for (const q of ["太郎丸", "丸", "山田太"]) expect([q, await found(ann, q)]).toEqual([q, ["pq-yamada"]]);
    for (const q of ["unez", "trauss", "jose strauss", "田郎"])
      expect([q, await found(ann, q)]).toEqual([q, []]);
  });

  it("[R3 PEOPLE-5] a person whose words all begin alike is found once, and fills no page", async () => {
    const ann = await named("psone", "Kxa Kxb Kxc Kxd");
    await named("psthree", "Kxa-Kxb Kxc");
    await named("pstwo", "Kxz");
    expect((await found(ann, "kx", "&limit=3")).sort()).toEqual(["psone", "psthree", "pstwo"]);
    expect(await found(ann, "kxz", "&limit=1")).toEqual(["pstwo"]);
  });

  it("[R3 PEOPLE-6] a search of one letter is refused, unless that is a word", async () => {
    const [ann] = await people("ann");
    for (const q of ["a", "é", "%", "😀", "a\u200b"]) {
      expectError(await api(ann, "GET", `/users?q=${encodeURIComponent(q)}`), "VALIDATION_ERROR");
    }
    for (const q of ["李", "김", "あ", "ab"]) {
      expect((await api(ann, "GET", `/users?q=${encodeURIComponent(q)}`)).status).toBe(200);
    }
  });

  it("[R3 PEOPLE-7] what a search costs depends on the page, and not on how many have the name", async () => {
    const costs: number[] = [];
    for (const count of [300, 3_000]) {
      const prefix = `crowd${count}`;
      const rows = Array.from({ length: count }, (_, i) => ({
        id: crypto.randomUUID(),
        username: `${prefix}-${i}`,
        words: `${prefix} smith ${i}`,
      }));
      const json = JSON.stringify(rows);
      await env.DB.batch([
        env.DB.prepare(`INSERT INTO users (user_id, username, display_name, search_name, claims, version, is_indexed, presence, created_at)
          SELECT value->>'id', value->>'username', value->>'words', value->>'words', '[]', 1, 1, 'offline', 0 FROM json_each(?)`).bind(
          json,
        ),
        env.DB.prepare(
          `INSERT INTO user_names SELECT value->>'username', value->>'username', value->>'id' FROM json_each(?)`,
        ).bind(json),
        env.DB.prepare(
          `INSERT INTO user_names SELECT value->>'words', value->>'username', value->>'id' FROM json_each(?)`,
        ).bind(json),
      ]);
      let read = 0;
      const counting = new Proxy(env.DB, {
        get: (target, property) => {
          if (property !== "batch") return Reflect.get(target, property).bind(target);
          return async (statements: D1PreparedStatement[]) => {
            const results = await target.batch(statements);
            for (const { meta } of results) read += meta.rows_read;
            return results;
          };
        },
      });
      expect(await searchUsers(openDirectory(counting), crypto.randomUUID(), prefix, 20)).toHaveLength(20);
      costs.push(read);
    }
    const [few = 0, many = 0] = costs;
    expect(few).toBeGreaterThan(19);
    expect(many).toBeLessThanOrEqual(few + 5);
    expect(many).toBeLessThan(20 * 8);
  });
});

describe("presence", () => {
  it("[R22 SEEN-1] is shown to who shares a conversation, and to nobody else", async () => {
    const [ann, bob, eve, old] = await people("ann", "bob", "eve", "old");
    const socket = await connect(ann);
    await direct(ann, bob);
    const left = await group(ann, [old, eve]);
    await api(old, "DELETE", `/conversations/${left}`);
    await api(ann, "DELETE", `/conversations/${left}/participants/${eve.user_id}`);
    const seenBy = async (who: Person) => {
      const { metadata: _, ...one } = (await api(who, "GET", `/users/${ann.user_id}`)).body;
      const [listed] = (await api(who, "GET", `/users?q=${ann.username}`)).body.users;
      expect(listed).toEqual(one);
      return { is_online: one.is_online, isSeen: one.last_seen_at !== null };
    };
    await expect.poll(() => seenBy(bob)).toEqual({ is_online: true, isSeen: true });
    for (const stranger of [eve, old]) {
      expect(await seenBy(stranger)).toEqual({ is_online: false, isSeen: false });
    }
    expect(await seenBy(ann)).toEqual({ is_online: true, isSeen: true });
    expect((await api(ann, "GET", "/users/me")).body).toMatchObject({ is_online: true });
    // Hidden is not left: the chat is there for the other.
    const [item] = (await api(bob, "GET", "/conversations")).body.conversations;
    await api(bob, "DELETE", `/conversations/${item.conversation_id}`);
    expect(await seenBy(bob)).toEqual({ is_online: true, isSeen: true });
    socket.close();
  });

  it("[R22 SEEN-2] who appears offline is seen no later, whatever they do: connect, choose, close", async () => {
    const [ann, bob] = await people("ann", "bob");
    await direct(ann, bob);
    const watcher = await connect(bob);
    const now = Date.now();
    const row = async () => (await api(bob, "GET", `/users/${ann.user_id}`)).body;
    const first = await atTime(now - 3_600_000, async () => {
      const socket = await connect(ann);
      await expect.poll(async () => (await row()).is_online).toBe(true);
      return { socket, seen: (await row()).last_seen_at };
    });
    expect(Date.parse(first.seen)).toBeLessThan(now - 3_000_000);
    await first.socket.ask({ type: "presence.update", status: "offline" });
    await expect.poll(async () => (await row()).is_online).toBe(false);
    expect((await row()).last_seen_at).toBe(first.seen);
    const told = watcher.all("user.presence").filter(({ data }) => data.user_id === ann.user_id);
    expect(told.at(-1)?.data).toMatchObject({ status: "offline", last_seen_at: first.seen });
    first.socket.close();
    await first.socket.closed;
    await expect.poll(() => alarmOf(hubObject(ann.user_id) as DurableObjectStub)).not.toBeNull();
    await atTime(now + 60_000, () => runDurableObjectAlarm(hubObject(ann.user_id)));
    expect(await row()).toMatchObject({ is_online: false, last_seen_at: first.seen });
    // Seen again, once what they said holds no longer.
    await atTime(now + 60_000, () => connect(ann));
    await expect.poll(async () => (await row()).is_online).toBe(true);
    expect(Date.parse((await row()).last_seen_at)).toBeGreaterThan(now - 1_000_000);
  });
});
