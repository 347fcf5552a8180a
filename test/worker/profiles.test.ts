import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { forgetProfile } from "../../src/middleware/callers.ts";
import { atTime, expectError, sendCommand } from "./checks.ts";
import { faults } from "./faults.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  hubObject,
  type Person,
  people,
  say,
  sign,
  type TestSocket,
  uniqueName,
} from "./kit.ts";

/** What the answer to a change may take until every path shows it. */
const WITHIN = { timeout: 1_000, interval: 10 };

async function rename(who: Person, display_name: string): Promise<void> {
  expect((await api(who, "PATCH", "/users/me", { display_name })).status).toBe(200);
}

/** The same person with a token that says something else. */
async function withClaims(
  who: Person,
  claims: Record<string, unknown>,
  options: { expiresAt?: number } = {},
): Promise<Person> {
  return { ...who, token: await sign({ sub: who.user_id, username: who.username, ...claims }, options) };
}

/** The users whose rows are written during some work. A trigger notes them: D1 does not say what a query returning rows wrote. */
async function userWrites(work: () => Promise<void>): Promise<unknown[]> {
  await env.DB.batch([
    env.DB.prepare("CREATE TABLE test_writes (user_id TEXT)"),
    env.DB.prepare(
      "CREATE TRIGGER test_write AFTER UPDATE ON users BEGIN INSERT INTO test_writes VALUES (new.user_id); END",
    ),
  ]);
  try {
    await work();
    const { results } = await env.DB.prepare("SELECT user_id FROM test_writes").all();
    return results.map(({ user_id }) => user_id);
  } finally {
    await env.DB.batch([env.DB.prepare("DROP TRIGGER test_write"), env.DB.prepare("DROP TABLE test_writes")]);
  }
}

/** A newer version of a profile, as another isolate has written it: this one has not heard of it. */
async function changeBehind(who: Person, display_name: string): Promise<void> {
  await env.DB.prepare(
    "UPDATE users SET display_name = ?, version = version + 1, is_untold = 1, is_indexed = 0 WHERE user_id = ?",
  )
    .bind(display_name, who.user_id)
    .run();
}

const runCron = () => worker.scheduled({ scheduledTime: Date.now(), cron: "", noRetry() {} }, env);

/** The names that a conversation's own answers give somebody. */
async function namesIn(viewer: Person, who: Person, id: string): Promise<Set<string>> {
  const details = (await api(viewer, "GET", `/conversations/${id}`)).body;
  const history = (await api(viewer, "GET", `/conversations/${id}/messages`)).body;
  const people = [...details.participants, ...history.messages.map((m: { sender: unknown }) => m.sender)];
  const theirs = people.filter((person: { user_id: string }) => person.user_id === who.user_id);
  return new Set(theirs.map((person: { display_name: string }) => person.display_name));
}

const isRenamed = (name: string) => (event: TestSocket["events"][number]) =>
  event.type === "participant.updated" && event.data.participants.some((one) => one.display_name === name);

afterEach(() => {
  faults.d1Down = false;
});

describe("a changed profile", () => {
  it("[R3 PROF-2] every path shows it within a second, wherever its owner has not acted since", async () => {
    const [ben, ann, cid] = await people("ben", "ann", "cid");
    const pair = await direct(ann, ben);
    const busy = await group(ann, [ben, cid]);
    const silent = await group(cid, [ann, ben]);
    const message = await say(ben, busy, "mine");
    await say(ann, busy, "an answer", { reply_to_message_id: message.message_id });
    const [hub, own, bens] = [await connect(ann), await connectTo(cid, busy), await connect(ben)];
    await rename(ben, "Ben Two");
    for (const id of [pair, busy, silent]) {
      await expect.poll(() => namesIn(ann, ben, id), WITHIN).toEqual(new Set(["Ben Two"]));
      expect(
        await hub.heard((e) => isRenamed("Ben Two")(e) && "conversation_id" in e && e.conversation_id === id),
      ).toMatchObject({
        data: {
          participants: [{ user_id: ben.user_id, username: ben.username, role: "member" }],
          updated_by: ben.user_id,
        },
      });
    }
    await own.heard(isRenamed("Ben Two"));
    expect(await bens.heard("user.updated")).toMatchObject({
      data: { user_id: ben.user_id, display_name: "Ben Two" },
    });
    expect(hub.all("user.updated")).toEqual([]);
    const shown = { display_name: "Ben Two" };
    expect((await api(ann, "GET", `/messages/${message.message_id}`)).body.sender).toMatchObject(shown);
    const [newest] = (await api(ann, "GET", `/conversations/${busy}/messages`)).body.messages;
    expect(newest.reply_to.sender).toMatchObject(shown);
    expect((await api(ann, "GET", `/users/${ben.user_id}`)).body).toMatchObject(shown);
    const found = (await api(ann, "GET", `/users?q=${ben.username}`)).body.users;
    expect(found).toEqual([expect.objectContaining(shown)]);
    const list = (await api(ann, "GET", "/conversations")).body.conversations;
    const other = list.find((item: { conversation_id: string }) => item.conversation_id === pair).other_user;
    expect(other).toMatchObject(shown);
    // A socket from before speaks in the new name too.
    bens.raw(JSON.stringify(sendCommand(silent, "still here")));
    expect(await hub.heard((e) => e.type === "message.new" && e.data.content === "still here")).toMatchObject(
      { data: { sender: shown } },
    );
  });

  it("[R3 PROF-3] a new username: mentions, typing, receipts and reactions go by it", async () => {
    const [ben, ann] = await people("ben", "ann");
    const id = await group(ann, [ben]);
    const message = await say(ann, id, "hello");
    const [hub, bens] = [await connect(ann), await connectTo(ben, id)];
    const username = uniqueName("renamed");
    const renamed = await withClaims(ben, { username, display_name: "Ben", iat: 100 });
    await api(renamed, "GET", "/users/me");
    await hub.heard(isRenamed("Ben"));
    const mention = await say(ann, id, "you", { metadata: { mentions: [username, ben.username] } });
    expect(mention.mentions).toEqual([{ user_id: ben.user_id, username }]);
    await bens.ask({ type: "typing.start", conversation_id: id });
    expect(await hub.heard("typing.indicator")).toMatchObject({ data: { username } });
    await api(ben, "POST", `/messages/${message.message_id}/reactions`, { emoji: "👍" });
    expect(await hub.heard("message.reaction")).toMatchObject({ data: { username } });
    const { receipts } = (await api(ann, "GET", `/messages/${message.message_id}/receipts`)).body;
    expect(receipts[0]).toMatchObject({ username });
  });

  it("[R3 PROF-4] new claims in auth.refresh count as in a request, over either socket", async () => {
    const [ben, ann] = await people("ben", "ann");
    const id = await direct(ann, ben);
    const hub = await connect(ann);
    let iat = 100;
    for (const socket of [await connect(ben), await connectTo(ben, id)]) {
      const name = `Ben ${iat}`;
      const { token } = await withClaims(ben, { display_name: name, iat });
      expect(await socket.ask({ type: "auth.refresh", token })).toMatchObject({ type: "ack" });
      await hub.heard(isRenamed(name));
      await expect.poll(() => namesIn(ann, ben, id), WITHIN).toEqual(new Set([name]));
      iat += 100;
    }
  });

  it("[R3 PROF-5] what an isolate still remembers of an older one never wins, nor comes into a new conversation", async () => {
    const [ben, ann] = await people("ben", "ann");
    const id = await direct(ann, ben);
    await changeBehind(ben, "Ben Two");
    const row = await env.DB.prepare("SELECT * FROM users WHERE user_id = ?")
      .bind(ben.user_id)
      .first<{ version: number }>();
    const summary = { user_id: ben.user_id, username: ben.username, profile_photo_url: null };
    await conversationObject(id).profileChanged({
      ...summary,
      display_name: "Ben Two",
      profile_version: row?.version ?? 0,
    });
    for (const late of ["Ben One", "Ben Zero"]) {
      await conversationObject(id).profileChanged({
        ...summary,
        display_name: late,
        profile_version: late === "Ben One" ? 1 : 0,
      });
    }
    // The caller of this request is remembered from before the change.
    expect(await say(ben, id, "hello")).toMatchObject({ sender: { display_name: "Ben Two" } });
    const made = await group(ben, [ann]);
    expect(await namesIn(ann, ben, made)).toEqual(new Set(["Ben Two"]));
  });

  it("[R3 PROF-6] who has left goes by the new name in what they said, and a resume brings it", async () => {
    const [ben, ann] = await people("ben", "ann");
    const id = await group(ann, [ben]);
    await say(ben, id, "mine");
    await api(ben, "DELETE", `/conversations/${id}`);
    const { seq } = (await api(ann, "GET", `/conversations/${id}`)).body;
    const hub = await connect(ann);
    await rename(ben, "Ben Gone");
    await expect.poll(() => namesIn(ann, ben, id), WITHIN).toEqual(new Set(["Ben Gone"]));
    const socket = await connectTo(ann, id, `?since=${seq}`);
    const { data } = (await socket.heard("conversation.sync")) as {
      data: { former_members: unknown[]; seq: number };
    };
    expect(data.former_members).toEqual([expect.objectContaining({ display_name: "Ben Gone" })]);
    // It is no change of the roster: nobody hears of a member, and no number is taken.
    expect(data.seq).toBe(seq);
    expect(hub.all("participant.updated")).toEqual([]);
    // Who stayed connected hears of it by an event without a number.
    expect(
      hub.all("former_member.updated").map(({ conversation_id, data }) => [conversation_id, data]),
    ).toEqual([[id, expect.objectContaining({ user_id: ben.user_id, display_name: "Ben Gone" })]]);
  });

  it("[R3 PROF-7] a name and a photo that are changed at the same moment both hold", async () => {
    const [ben] = await people("ben");
    const photo = "https://cdn.example.com/ben.jpg";
    await Promise.all([rename(ben, "Ben Two"), api(ben, "PATCH", "/users/me", { profile_photo_url: photo })]);
    expect((await api(ben, "GET", "/users/me")).body).toMatchObject({
      display_name: "Ben Two",
      profile_photo_url: photo,
    });
  });

  it("[R3 PROF-8] a Worker that died before it told the hub, or the directory before it was indexed: cron does both", async () => {
    const [ben, ann] = await people("ben", "ann");
    const id = await direct(ann, ben);
    await changeBehind(ben, `Zaphod ${ben.username}`);
    await runCron();
    await expect.poll(() => namesIn(ann, ben, id)).toEqual(new Set([`Zaphod ${ben.username}`]));
    expect((await api(ann, "GET", `/users?q=zaphod ${ben.username}`)).body.users).toHaveLength(1);
    // The hub says so once it has looked for late memberships too.
    await atTime(Date.now() + 11_000, () => runDurableObjectAlarm(hubObject(ben.user_id)));
    const left = await env.DB.prepare("SELECT is_untold, is_indexed FROM users WHERE user_id = ?")
      .bind(ben.user_id)
      .first();
    expect(left).toEqual({ is_untold: 0, is_indexed: 1 });
  });

  it("[R3 PROF-9] with the directory down in between, the alarm tells it later", async () => {
    const [ben, ann] = await people("ben", "ann");
    const id = await direct(ann, ben);
    const profile = {
      user_id: ben.user_id,
      username: ben.username,
      display_name: "Ben Late",
      profile_photo_url: null,
      profile_version: 2,
    };
    faults.d1Down = true;
    await hubObject(ben.user_id).profileChanged(profile);
    expect(await namesIn(ann, ben, id)).toEqual(new Set(["ben"]));
    faults.d1Down = false;
    await atTime(Date.now() + 3_000, () => runDurableObjectAlarm(hubObject(ben.user_id)));
    expect(await namesIn(ann, ben, id)).toEqual(new Set(["Ben Late"]));
  });

  it("[R3 PROF-10] a name that cannot be shown in a line is refused, and changes nothing", async () => {
    const [ben] = await people("ben");
    for (const name of [
      "\u200b",
      "\u3164\u2800",
      "Ben\nTwo",
      "Ben\u2028",
      "\u202eBen",
      "Ben\u2069",
      "Ben\u0007",
      " ",
      "",
    ]) {
      const answer = await api(ben, "PATCH", "/users/me", { display_name: name });
      // A break at the end is trimmed away, like any space.
      if (name === "Ben\u2028") expect(answer.body.display_name).toBe("Ben");
      else expectError(answer, "VALIDATION_ERROR");
    }
    for (const name of ["\u2067בן\u2069", "Ben 👨‍👩‍👧", "می‌خواهم"]) {
      expect((await api(ben, "PATCH", "/users/me", { display_name: name })).body.display_name).toBe(name);
    }
  });
});

describe("two tokens of one person", () => {
  it("[R1 IAT-3] the newest one decides, in whatever order they are used, also over a socket", async () => {
    const [ben, ann] = await people("ben", "ann");
    const id = await direct(ann, ben);
    const [old, fresh, same] = await Promise.all([
      withClaims(ben, { display_name: "Old", iat: 100 }),
      withClaims(ben, { display_name: "Fresh", iat: 300 }),
      withClaims(ben, { display_name: "Same time", iat: 300 }),
    ]);
    const between = await withClaims(ben, { display_name: "Between", iat: 200 });
    const name = async (who: Person) => (await api(who, "GET", "/users/me")).body.display_name;
    expect(await name(old)).toBe("Old");
    for (const who of [fresh, old, fresh, between, same, ben, old]) expect(await name(who)).toBe("Fresh");
    const socket = await connect(fresh);
    expect(await socket.ask({ type: "auth.refresh", token: old.token })).toMatchObject({ type: "ack" });
    await say(old, id, "hello");
    expect(await namesIn(ann, ben, id)).toEqual(new Set(["Fresh"]));
  });

  it("[R1 IAT-4] a newer one that says the same counts: what lies in between comes too late", async () => {
    const [ben] = await people("ben");
    const name = async (claims: Record<string, unknown>) =>
      (await api(await withClaims(ben, claims), "GET", "/users/me")).body.display_name;
    expect(await name({ display_name: "A", iat: 100 })).toBe("A");
    expect(await name({ display_name: "A", iat: 300 })).toBe("A");
    expect(await name({ display_name: "B", iat: 200 })).toBe("A");
    expect(await name({ display_name: "B", iat: 400 })).toBe("B");
  });

  it("[R1 IAT-5] one's own change holds until a newer token says something else; a time ahead does not freeze it", async () => {
    const [ben] = await people("ben");
    const now = Math.floor(Date.now() / 1000);
    const first = await withClaims(ben, { display_name: "A", iat: now - 100 });
    await api(first, "GET", "/users/me");
    await rename(first, "Mine");
    const name = async (claims: Record<string, unknown>) =>
      (await api(await withClaims(ben, claims), "GET", "/users/me")).body.display_name;
    expect(await name({ display_name: "B", iat: now - 200 })).toBe("Mine");
    expect(await name({ display_name: "A", iat: now - 50 })).toBe("Mine");
    // In seconds, and in milliseconds.
    for (const iat of [now + 1_000_000, 1000 * (now + 1_000_000)]) {
      expect(await name({ display_name: "C", iat })).toBe("Mine");
    }
    await atTime(Date.now() + 5_000, async () =>
      expect(await name({ display_name: "D", iat: now + 4 })).toBe("D"),
    );
  });

  it("[R1 IAT-8] claims are written once, whatever time they name, and however often the profile is read again", async () => {
    const now = Math.floor(Date.now() / 1000);
    const cases = {
      "no time": {},
      "a time ahead": { iat: now + 1_000_000 },
      "a clock that is ahead": { iat: now + 30 },
      milliseconds: { iat: Date.now() - 60_000 },
      "milliseconds ahead": { iat: Date.now() + 1_000_000_000 },
    };
    for (const [what, claims] of Object.entries(cases)) {
      const user_id = crypto.randomUUID();
      const ben = { user_id, username: uniqueName("ben"), token: "" };
      const who = await withClaims(ben, { display_name: "New", ...claims });
      const use = async () =>
        expect([what, (await api(who, "GET", "/users/me")).body.display_name]).toEqual([what, "New"]);
      await use();
      const written = await userWrites(async () => {
        await use();
        await atTime(Date.now() + 120_000, use);
        forgetProfile(user_id);
        await use();
      });
      expect([what, written.filter((id) => id === user_id)]).toEqual([what, []]);
    }
  });

  it("[R1 IAT-9] two tokens without a time do not change a profile back and forth, nor undo one's own change", async () => {
    const [ben] = await people("ben");
    const tokens = [
      await withClaims(ben, { display_name: "A" }),
      await withClaims(ben, { display_name: "B" }),
    ];
    const names = async () => {
      const seen: string[] = [];
      for (const who of tokens) seen.push((await api(who, "GET", "/users/me")).body.display_name);
      return seen;
    };
    expect(await names()).toEqual(["A", "B"]);
    await atTime(Date.now() + 120_000, async () => expect(await names()).toEqual(["B", "B"]));
    await rename(ben, "Mine");
    expect(await names()).toEqual(["Mine", "Mine"]);
    // Made later, it says the first thing again.
    const expiresAt = Math.floor(Date.now() / 1000) + 7200;
    const later = await withClaims(ben, { display_name: "A" }, { expiresAt });
    expect((await api(later, "GET", "/users/me")).body.display_name).toBe("A");
  });
});
