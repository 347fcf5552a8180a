import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { faults } from "./faults.ts";
import { bearer, expectedId, inAnHour, me } from "./identity-kit.ts";
import { connect, direct, people, sign, uniqueName } from "./kit.ts";

describe("usernames", () => {
  it("[R28 NAME-4] who comes first keeps a name, in whatever case the others write it", async () => {
    const username = uniqueName("taken");
    const first = await me({ sub: crypto.randomUUID(), username });
    for (const wish of [username, username.toUpperCase(), username.replace("k", "\u212a")]) {
      const sub = crypto.randomUUID();
      const later = await me({ sub, username: wish, display_name: "Later" });
      expect(later).toMatchObject({ username: `${username}_${sub.slice(-4)}`, display_name: "Later" });
      // Nothing is named after another: without a display name it is the username that was given.
      const sub2 = crypto.randomUUID();
      expect((await me({ sub: sub2, username: wish })).display_name).toBe(`${username}_${sub2.slice(-4)}`);
      // The same token again, and a newer one that says the same, change nothing.
      expect(await me({ sub, username: wish, display_name: "Later" })).toEqual(later);
      expect(await me({ sub, username: wish, display_name: "Later", iat: inAnHour() - 3600 })).toEqual(later);
    }
    expect(first.username).toBe(username);
  });

  it("[R28 NAME-4] fifty at once get fifty names, and one of them the one they asked for", async () => {
    const username = uniqueName("rush");
    const all = await Promise.all(
      Array.from({ length: 50 }, () => me({ sub: crypto.randomUUID(), username })),
    );
    const names = all.map((user) => user.username);
    expect(new Set(names).size).toBe(50);
    expect(names.filter((name) => name === username)).toHaveLength(1);
    for (const name of names) expect(name).toMatch(/^[a-z0-9_.-]{3,32}$/);
  });

  it("[R28 NAME-4] fifty first requests of one person make one user with one name", async () => {
    const claims = { sub: `auth0|${crypto.randomUUID()}`, username: uniqueName("once") };
    const all = await Promise.all(Array.from({ length: 50 }, () => me(claims)));
    expect(new Set(all.map((user) => JSON.stringify(user))).size).toBe(1);
    expect(all[0]?.username).toBe(claims.username);
  });

  it("[R28 NAME-5] what stands in for a taken name may be taken too, and long names are cut", async () => {
    const [sub, username] = [crypto.randomUUID(), uniqueName("n".repeat(32)).slice(-32)];
    const end = sub.replaceAll("-", "");
    const taken = [username, ...[4, 8, 12].map((n) => `${username.slice(0, 31 - n)}_${end.slice(-n)}`)];
    for (const name of taken)
      expect((await me({ sub: crypto.randomUUID(), username: name })).username).toBe(name);
    const victim = await me({ sub, username });
    expect(victim.username).toMatch(/^user_[0-9a-f]{27}$/);
  });

  it("[R28 NAME-6] a name that its owner gives up is free; a new wish is granted where it can be", async () => {
    const [old, next] = [uniqueName("old"), uniqueName("next")];
    const [ann, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    await me({ sub: ann, username: old, iat: 100 });
    expect((await me({ sub: bob, username: old, iat: 100 })).username).toBe(`${old}_${bob.slice(-4)}`);
    expect((await me({ sub: ann, username: next, iat: 200 })).username).toBe(next);
    // Bob's name stays his until he wishes for another.
    expect((await me({ sub: bob, username: old, iat: 200 })).username).toBe(`${old}_${bob.slice(-4)}`);
    expect((await me({ sub: crypto.randomUUID(), username: old })).username).toBe(old);
    expect((await me({ sub: bob, username: next, iat: 300 })).username).toBe(`${next}_${bob.slice(-4)}`);
  });

  it("[R28 NAME-7] without one it comes from the other claims; the system's names are nobody's", async () => {
    const [sub, name] = [crypto.randomUUID(), uniqueName("Zoë ")];
    expect((await me({ sub, name })).username).toBe(name.toLowerCase().replace("ë ", "e_"));
    const nobody = crypto.randomUUID();
    expect((await me({ sub: nobody })).username).toBe(`user_${nobody.slice(-8)}`);
    for (const wish of ["all", "system", "Admin"]) {
      const id = crypto.randomUUID();
      expect((await me({ sub: id, username: wish })).username).toBe(`${wish.toLowerCase()}_${id.slice(-4)}`);
    }
  });

  afterEach(() => {
    faults.d1Down = false;
  });

  it("[R28 NAME-8] with the directory down a person who is seen for the first time has the name that they asked for", async () => {
    const [ann] = await people("ann");
    const claims = { sub: `auth0|${crypto.randomUUID()}`, nickname: uniqueName("nick") };
    faults.d1Down = true;
    const who = bearer(await sign(claims));
    const socket = await connect(who);
    expect(await socket.heard("connection.established")).toMatchObject({
      data: { user_id: await expectedId(env.IDENTITY_SECRET ?? "", "", claims.sub) },
    });
    faults.d1Down = false;
    const user = await me(claims);
    expect(user.username).toBe(claims.nickname);
    expect(await direct(ann, { ...who, ...user })).toBeDefined();
  });
});
