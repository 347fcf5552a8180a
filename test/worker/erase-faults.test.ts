/** The erasure of a person while something fails, or while others go on (rule 28). */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import type { Command } from "../../src/domain/command.ts";
import { erasedProfile } from "../../src/domain/erased-person.ts";
import type { PushRequests } from "../../src/domain/push-requests.ts";
import { resumeJobs } from "../../src/jobs.ts";
import type { ConversationObject } from "../../src/realtime/objects.ts";
import { sample, sendFile, stored } from "./attachments-kit.ts";
import { expectError } from "./checks.ts";
import { erase, finished, found, letTimePass, storedAt, storedIn, storedInDirectory } from "./erase-kit.ts";
import { faults, withFaults } from "./faults.ts";
import {
  api,
  conversationObject,
  group,
  hubObject,
  type Person,
  people,
  request,
  say,
  sign,
  uniqueName,
} from "./kit.ts";
import { serverToken } from "./server-kit.ts";

afterEach(() => {
  Object.assign(faults, { d1Down: false, d1Fails: undefined, r2Down: false, storageLocked: undefined });
});

/** Somebody who has said something in two groups, with a file. */
async function somebody(word: string) {
  const [ada, bob] = await people(word, "bob");
  const ids = [await group(ada, [bob]), await group(ada, [bob])] as [string, string];
  for (const id of ids) {
    for (let i = 0; i < 60; i++) await say(ada, id, `${word} ${i}`);
    await sendFile(ada, id, sample("image/png", "image", { file_name: `${word}.png` }));
  }
  return { ada, bob, ids };
}

async function expectNothingOf(word: string, ada: Person, ids: readonly string[]): Promise<void> {
  const places = await Promise.all([...ids.map(storedIn), storedAt(ada), storedInDirectory()]);
  for (const place of places) expect(found(place, word)).toEqual([]);
  for (const id of ids) expect(await stored(id)).toEqual([]);
}

/** One step of a job, as the cron trigger takes it. */
const step = async () => await resumeJobs(withFaults(env), Date.now() + 120_000);

describe("an erasure that is interrupted", () => {
  it("[R28 ERASE-6] while the bucket fails nothing is forgotten of files, and it goes on after", async () => {
    const backend = await serverToken("export");
    const word = uniqueName("canary");
    const { ada, ids } = await somebody(word);
    faults.r2Down = true;
    const job_id = await erase(backend, ada);
    await step();
    expect((await api(backend, "GET", `/server/jobs/${job_id}`)).body.status).toBe("running");
    const { results } = await env.DB.prepare("SELECT 1 FROM attachments WHERE uploader_id = ?")
      .bind(ada.user_id)
      .all();
    expect(results.length).toBe(2);
    faults.r2Down = false;
    const job = await finished(backend, job_id, ada);
    expect(job.certificate.totals).toMatchObject({ conversations: 2, messages: 122, files: 2 });
    await expectNothingOf(word, ada, ids);
  });

  it("[R28 ERASE-7] while D1 is down nothing begins, and in the middle it waits; what was counted stays right", async () => {
    const backend = await serverToken("export");
    const word = uniqueName("canary");
    const { ada, ids } = await somebody(word);
    faults.d1Down = true;
    const path = `/server/users/${ada.user_id}/erase`;
    expectError(await api(backend, "POST", path, { messages: "erase" }), "SERVICE_UNAVAILABLE");
    faults.d1Down = false;
    const job_id = await erase(backend, ada);
    for (let i = 0; i < 8; i++) {
      const running = step().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 40 * i));
      faults.d1Fails = "D1_ERROR: internal error";
      await running;
      faults.d1Fails = undefined;
    }
    const job = await finished(backend, job_id, ada);
    expect(job.certificate.totals).toMatchObject({ conversations: 2, messages: 122, files: 2 });
    await expectNothingOf(word, ada, ids);
  });

  it("[R28 ERASE-19] a rewrite of the storage that was interrupted again and again is done in the end, and is no larger", async () => {
    const backend = await serverToken("export");
    const [ada, bob] = await people("ada", "bob");
    const id = await group(ada, [bob]);
    await say(ada, id, "hello");
    const object = conversationObject(id) as unknown as DurableObjectStub;
    const before = await runInDurableObject(object, (_, { storage }) => {
      const { databaseSize } = storage.sql;
      // What a rewrite leaves that dies before its end.
      storage.sql.exec("CREATE TABLE zeros (bytes BLOB)");
      for (let i = 0; i < 10; i++) storage.sql.exec("INSERT INTO zeros VALUES (zeroblob(1048576))");
      return databaseSize;
    });
    const job = await finished(backend, await erase(backend, ada), ada);
    expect(job.certificate.conversations).toMatchObject([{ conversation_id: id, is_rewritten: true }]);
    await runInDurableObject(object, (_, { storage }) => {
      expect(storage.sql.databaseSize).toBeLessThan(2 * before);
      expect(storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'zeros'").toArray()).toEqual([]);
    });
  });

  it("[R28 ERASE-20] ids that begin or end alike do not stand in each other's way, nor does one who is called so already", async () => {
    const backend = await serverToken("export");
    const alike = crypto.randomUUID().slice(0, 24);
    const ids = ["000000000001", "000000000002"].map((end) => alike + end);
    ids.push(`${crypto.randomUUID().slice(0, 8)}${ids[0]?.slice(8)}`);
    const taker = erasedProfile(ids[0] ?? "").username;
    const known = [
      ...ids.map((sub) => ({ sub, username: uniqueName("ada") })),
      { sub: crypto.randomUUID(), username: taker },
    ];
    for (const claims of known) {
      const who = { user_id: claims.sub, username: claims.username, token: await sign(claims) };
      expect((await api(who, "GET", "/users/me")).status).toBe(200);
    }
    for (const user_id of ids) {
      const job = await finished(backend, await erase(backend, { user_id }), { user_id });
      expect(job).toMatchObject({ status: "done" });
    }
    const { results } = await env.DB.prepare(
      "SELECT username FROM users WHERE display_name = 'Deleted user' AND user_id IN (SELECT value FROM json_each(?))",
    )
      .bind(JSON.stringify(ids))
      .all();
    expect(new Set(results.map(({ username }) => username)).size).toBe(3);
  });

  it("[R28 ERASE-8] what others answer, and what the person still sends, in the middle of it stays or is refused", async () => {
    const backend = await serverToken("export");
    const word = uniqueName("canary");
    const { ada, bob, ids } = await somebody(word);
    const [id] = ids;
    const said = await say(ada, id, `${word} last`);
    const job = erase(backend, ada);
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        api(bob, "POST", `/conversations/${id}/messages`, {
          type: "text",
          content: `reply ${i}`,
          reply_to_message_id: said.message_id,
        }),
      ),
    );
    const own = await Promise.all(
      Array.from({ length: 10 }, () =>
        api(ada, "POST", `/conversations/${id}/messages`, { type: "text", content: `${word} more` }),
      ),
    );
    for (const { status } of own) expect([201, 403]).toContain(status);
    for (const { status } of replies) expect([201, 400, 404, 409]).toContain(status);
    // A caller whom an isolate still takes for an active one is refused by the conversation itself.
    const caller = { ...ada, display_name: word, profile_photo_url: null, profile_version: 1 };
    await finished(backend, await job, ada);
    const conversation = conversationObject(id) as unknown as ConversationObject;
    const late: { ok: boolean } = await conversation.execute(caller, {
      operation: "sendMessage",
      conversation_id: id,
      input: { type: "text", content: word },
    } as Command<"sendMessage">);
    expect(late.ok).toBe(false);
    await hubObject(ada.user_id).profileChanged(caller);
    await conversationObject(id).profileChanged({ ...caller, profile_version: 1e9 });
    await expectNothingOf(word, ada, ids);
    const { body } = await api(bob, "GET", `/conversations/${id}/messages?limit=100`);
    const texts = body.messages.map((one: { content: string }) => one.content);
    for (const [i, { status }] of replies.entries())
      if (status === 201) expect(texts).toContain(`reply ${i}`);
  });

  it("[R28 ERASE-9] what comes after it is refused everywhere: profile, devices, blocks, tickets, reports, uploads", async () => {
    const backend = await serverToken("export");
    const [ada, bob] = await people("ada", "bob");
    const id = await group(ada, [bob]);
    await finished(backend, await erase(backend, ada), ada);
    const word = uniqueName("canary");
    const token = await sign({ sub: ada.user_id, username: word, display_name: word });
    const back = { ...ada, token };
    for (const [method, path, body] of [
      ["GET", "/users/me", undefined],
      ["PATCH", "/users/me", { display_name: word }],
      ["POST", "/ws/ticket", undefined],
      ["PUT", "/devices/phone", { platform: "android", provider: "fcm", token: word }],
      ["PUT", `/blocks/${bob.user_id}`, undefined],
      ["POST", "/reports", { user_id: bob.user_id, reason: "spam", comment: word }],
      ["POST", `/conversations/${id}/messages`, { content: word }],
    ] as const) {
      expectError(await api(back, method, path, body), "USER_DEACTIVATED");
    }
    const hub = hubObject(ada.user_id);
    const device = {
      device_id: "phone",
      token_hash: word,
      device: { platform: "android", provider: "fcm", token: word },
    };
    const wanted = { ...device, token_version: 1 } as PushRequests["register"]["input"];
    const asked = await hub.askPush(ada.user_id, "register", wanted);
    expect(asked).toMatchObject({ ok: false });
    expect((await hub.askBlocks(ada.user_id, "block", { user_id: bob.user_id })).ok).toBe(false);
    const ticket = await hub.issueTicket({
      caller: { ...ada, display_name: word, profile_photo_url: null, profile_version: 1 },
      expires_at: Date.now() + 60_000,
      issued_at: Date.now(),
    });
    expect((await request(`/ws?ticket=${ticket}`, { headers: { upgrade: "websocket" } })).status).toBe(401);
    await letTimePass(ada);
    await expectNothingOf(word, ada, [id]);
  });
});
