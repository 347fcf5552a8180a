import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Me, UserList } from "../../src/protocol/index.ts";
import { atTime, expectError } from "./checks.ts";
import { api, connect, direct, hubObject, type Person, people, sign } from "./kit.ts";

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
});
