/** A conversation that goes back to a point in time: the steps of its job (rule 21, docs/backup.md). */
import { env } from "cloudflare:workers";
import { CLOSE } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { startJob } from "../../src/directory/jobs.ts";
import { resumeJobs, runJob } from "../../src/jobs.ts";
import { resumeModeration } from "../../src/moderation.ts";
import { expectError } from "./checks.ts";
import { faults, withFaults } from "./faults.ts";
import { api, connect, connectTo, group, type Person, people, say } from "./kit.ts";
import { dyingEnv, keepState, playPlatform } from "./recall-kit.ts";
import { serverToken } from "./server-kit.ts";

const OPERATOR = await serverToken("operate");
const EVERYTHING = await serverToken("*");

afterEach(() => {
  faults.settings = {};
});

interface Shown {
  type: string;
  content: string;
  seq: number;
  message_id: string;
  client_message_id: string | null;
}

async function historyOf(who: Person, id: string): Promise<Shown[]> {
  const { body } = await api(who, "GET", `/conversations/${id}/messages?limit=100`);
  return [...body.messages].sort((a: Shown, b: Shown) => a.seq - b.seq);
}

/** What people have said, oldest first. */
async function textsOf(who: Person, id: string): Promise<string[]> {
  const said = (await historyOf(who, id)).filter(({ type, content }) => type === "text" && content !== "");
  return said.map(({ content }) => content);
}

const recover = (id: string, body: object) =>
  api(OPERATOR, "POST", `/server/conversations/${id}/recover`, body);

/** Lets the cron trigger go on with a job until it has ended. */
async function ended(job_id: string) {
  return await vi.waitFor(async () => {
    await resumeJobs(withFaults(env), Date.now() + 120_000);
    const { body } = await api(OPERATOR, "GET", `/server/jobs/${job_id}`);
    expect(body.status).not.toBe("running");
    return body;
  }, 20_000);
}

/** Takes a conversation back to a state. */
async function takeBack(id: string, bookmark: string, to = Date.now()) {
  await playPlatform(id, bookmark);
  const { status, body } = await recover(id, { to: new Date(to).toISOString() });
  expect([status, body]).toEqual([202, { job_id: expect.any(String) }]);
  return await ended(body.job_id);
}

/** The job of a recovery, as the route writes it. */
async function jobOf(id: string, bookmark: string) {
  const cursor = JSON.stringify({ to: Date.now(), bookmark });
  const about = { kind: "recover_conversation", subject: id } as const;
  return (await startJob(openDirectory(env.DB), about, Date.now(), cursor)).job;
}

describe("POST /server/conversations/{conversation_id}/recover", () => {
  it("[RECALL-10] takes a conversation back, and gives no number twice", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "before");
    const bookmark = await keepState(id);
    const forgotten = await say(ann, id, "forgotten");
    const job = await takeBack(id, bookmark);
    expect(job).toMatchObject({ status: "done", recovery: { bookmark, undo_bookmark: expect.any(String) } });
    expect(await textsOf(bob, id)).toEqual(["before"]);
    const next = await say(bob, id, "since");
    expect(next.seq).toBeGreaterThan(forgotten.seq + 1_000_000);
    // The same message, sent again, is a new one; the forgotten one is nowhere.
    await expectError(await api(bob, "GET", `/messages/${forgotten.message_id}`), "NOT_FOUND");
    expect((await api(bob, "GET", "/search/messages?q=forgotten")).body.total).toBe(0);
  });

  it("[RECALL-11] goes on where it was killed, at every step, and then all is as without that", async () => {
    const [ann, bob] = await people("ann", "bob");
    for (let calls = 0; calls <= 6; calls++) {
      const id = await group(ann, [bob]);
      await say(ann, id, "before");
      const bookmark = await keepState(id);
      await say(ann, id, "forgotten");
      const { seq: head } = (await api(ann, "GET", `/conversations/${id}`)).body;
      const play = await playPlatform(id, bookmark);
      const job = await jobOf(id, bookmark);
      await runJob(dyingEnv(withFaults(env), calls), job);
      // Where it has died with the object, the object is gone a moment later.
      if (play.ends > 0) await new Promise((resolve) => setTimeout(resolve, 100));
      // What is said while nobody goes on is kept, and its number is given to nothing else.
      const said = await say(bob, id, `said after ${calls}`);
      expect((await ended(job.job_id)).status, `${calls} calls`).toBe("done");
      const history = await historyOf(ann, id);
      const texts = history.filter(({ type }) => type === "text").map(({ content }) => content);
      const isKept = texts.length === 2;
      expect(texts, `${calls} calls`).toEqual(isKept ? ["before", `said after ${calls}`] : ["before"]);
      // Only what was said before the conversation went back is forgotten.
      if (calls >= 2) expect(isKept, `${calls} calls`).toBe(true);
      if (isKept) expect(history.at(-1)?.seq).toBeGreaterThan(head + 1_000_000);
      if (isKept) expect(history.at(-1)?.client_message_id).toBe(said.client_message_id);
      expect(new Set(history.map(({ seq }) => seq)).size).toBe(history.length);
    }
  }, 60_000);

  it("[RECALL-12] refuses what cannot be, and changes nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const now = Date.now();
    const at = (ms: number) => new Date(ms).toISOString();
    for (const to of [at(now + 60_000), at(now - 31 * 86_400_000), at(now - 60_000)])
      await expectError(await recover(id, { to }), "VALIDATION_ERROR");
    // The local runtime has no recovery, and says so.
    const missing = await recover(id, { to: at(Date.now()) });
    expect([missing.status, missing.body.message]).toEqual([503, expect.stringContaining("point-in-time")]);
    await expectError(await recover(id, { bookmark: "state-of-nothing" }), "SERVICE_UNAVAILABLE");
    const credential = await serverToken("conversations");
    const asked = await api(credential, "POST", `/server/conversations/${id}/recover`, { to: at(now) });
    await expectError(asked, "FORBIDDEN");
    const gone = await group(ann, [bob]);
    await api(EVERYTHING, "DELETE", `/server/conversations/${gone}`);
    expect((await recover(gone, { to: at(Date.now()) })).status).toBeGreaterThanOrEqual(404);
    const { job_id } = await jobOf(id, "state-0");
    await playPlatform(id, "state-0");
    const again = await recover(id, { to: at(Date.now()) });
    expect([again.body.code, again.body.details]).toEqual(["CONFLICT", { job_id }]);
    // The platform does not have that state: the job has failed for good, and the conversation is as it was.
    expect(await ended(job_id)).toMatchObject({ status: "failed", error: expect.any(String) });
    await say(ann, id, "as before");
    expect(await textsOf(bob, id)).toEqual(["as before"]);
  });

  it("[RECALL-13] can be undone, and forgets the numbers of both for good", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "before");
    const bookmark = await keepState(id);
    const taken = await say(ann, id, "taken back");
    const { recovery } = await takeBack(id, bookmark);
    const between = await say(ann, id, "in between");
    await playPlatform(id, bookmark);
    const { body } = await recover(id, { bookmark: recovery.undo_bookmark });
    expect((await ended(body.job_id)).status).toBe("done");
    expect(await textsOf(bob, id)).toEqual(["before", "taken back"]);
    expect((await say(bob, id, "since")).seq).toBeGreaterThan(between.seq);
    const socket = await connect(bob);
    for (const since of [taken.seq, between.seq, taken.seq + 1_000]) {
      await socket.ask({ type: "sync", conversations: { [id]: since } });
      const { data } = socket.all("conversation.sync").at(-1) ?? {};
      expect([data?.limited, data?.since], String(since)).toEqual([true, since]);
    }
  });

  it("[RECALL-14] a state from before the conversation: it is as it was, and the job says so", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "kept");
    const empty = await keepState(crypto.randomUUID());
    const job = await takeBack(id, empty);
    expect(job).toMatchObject({ status: "failed", error: expect.stringContaining("did not exist") });
    expect(await textsOf(bob, id)).toEqual(["kept"]);
  });

  it("[RECALL-15] sockets there hear why and close with 4010; those of hubs are asked to sync", async () => {
    const [ann, bob, fay] = await people("ann", "bob", "fay");
    const id = await group(ann, [bob]);
    await say(ann, id, "before");
    const bookmark = await keepState(id);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: fay.user_id });
    await say(ann, id, "forgotten");
    const [own, hub, stranger] = [await connectTo(bob, id), await connect(bob), await connect(fay)];
    await takeBack(id, bookmark);
    await own.heard("error");
    expect(own.all("error").at(-1)).toMatchObject({
      code: "SERVICE_UNAVAILABLE",
      details: { close_code: CLOSE.RESTARTED },
    });
    await expect.poll(() => hub.all("sync.required").map((event) => event.conversation_id)).toContain(id);
    await expect
      .poll(() => stranger.all("participant.removed").map(({ data }) => data.user_id))
      .toContain(fay.user_id);
    await expectError(await api(fay, "GET", `/conversations/${id}`), "FORBIDDEN");
  });

  it("[RECALL-16] blocks, names and decisions of moderators are those of today", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const id = await group(ann, [bob, cat]);
    const insult = await say(cat, id, "an insult");
    await say(cat, id, "by cat");
    await api(ann, "PUT", `/blocks/${bob.user_id}`);
    await say(bob, id, "by bob");
    await vi.waitFor(async () => expect(await textsOf(ann, id)).toEqual(["an insult", "by cat"]));
    const bookmark = await keepState(id);
    const to = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await api(ann, "DELETE", `/blocks/${bob.user_id}`);
    await api(ann, "PUT", `/blocks/${cat.user_id}`);
    await vi.waitFor(async () => expect(await textsOf(ann, id)).toEqual(["by bob"]));
    await api(bob, "PATCH", "/users/me", { display_name: "Bob of today" });
    await api(bob, "POST", "/reports", { message_id: insult.message_id, reason: "harassment" });
    const queue = (await api(EVERYTHING, "GET", "/server/moderation/queue?status=open&limit=100")).body.items;
    const item = queue.find((one: { target: { id: string } }) =>
      JSON.stringify(one).includes(insult.message_id),
    );
    await api(EVERYTHING, "POST", `/server/moderation/queue/${item.item_id}`, {
      action: "delete",
      note: "rule 4",
    });
    expect((await takeBack(id, bookmark, to)).status).toBe("done");
    expect(await textsOf(ann, id)).toEqual(["by bob"]);
    const { participants } = (await api(ann, "GET", `/conversations/${id}`)).body;
    expect(participants.map((one: Person & { display_name: string }) => one.display_name)).toContain(
      "Bob of today",
    );
    await resumeModeration(withFaults(env), Date.now() + 120_000);
    expect(await textsOf(bob, id)).toEqual(["by cat", "by bob"]);
  });
});
