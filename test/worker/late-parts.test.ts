/** Jobs over many conversations, or people, where one of them always fails: no other waits for it, and it is not lost (rule 28). */
import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Conversation } from "../../src/conversation/conversation.ts";
import { openDirectory } from "../../src/directory/database.ts";
import { findJob, startJob } from "../../src/directory/jobs.ts";
import type { JobRow } from "../../src/directory/server-schema.ts";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { runJob } from "../../src/jobs.ts";
import { UserHub } from "../../src/user-hub/user-hub.ts";
import { atTime, loggedDuring } from "./checks.ts";
import { erase, finished, found, letTimePass, storedAt, storedIn } from "./erase-kit.ts";
import { faults, withFaults } from "./faults.ts";
import { api, group, type Person, people, request, say, uniqueName } from "./kit.ts";
import { type Backend, serverToken } from "./server-kit.ts";

const MINUTE = 60_000;
/** The class of an object, as a spy needs it. */
type Spied = Record<string, (...args: unknown[]) => unknown>;

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  faults.settings = {};
});

/**
 * Makes calls of an object fail. @param its which calls, by the object's name and what it was asked.
 * @returns the objects that were asked, and a way to end it.
 */
function failing(of: object, method: string, its: (name: string, args: unknown[]) => boolean) {
  const spied = of as Spied;
  const real = spied[method] as (...args: unknown[]) => unknown;
  const asked: string[] = [];
  const state = { isOver: false };
  vi.spyOn(spied, method).mockImplementation(async function (this: unknown, ...args: unknown[]) {
    const name = (this as { ctx: DurableObjectState }).ctx.id.name ?? "";
    asked.push(name);
    if (!state.isOver && its(name, args)) throw new Error("this one is broken");
    return await real.apply(this, args);
  });
  return { asked, state };
}

/** Calls of a conversation for the app's backend. */
const failingRequest = (request: string, id: string) =>
  failing(Conversation.prototype, "executeForServer", (name, [what]) => name === id && what === request);

async function jobOf(job_id: string): Promise<JobRow> {
  const row = await findJob(openDirectory(env.DB), job_id);
  if (!row) throw new Error("no such job");
  return row;
}

/** One run of a job, as the cron trigger does it. */
async function run(job_id: string): Promise<void> {
  await runJob(withFaults(env as Env), await jobOf(job_id));
}

async function status(backend: Backend, job_id: string) {
  return (await api(backend, "GET", `/server/jobs/${job_id}`)).body;
}

/** Three groups of two people, in the order of their ids, with something said by the first in each. */
async function threeGroups(ann: Person, bob: Person, text: string): Promise<[string, string, string]> {
  const ids = [await group(ann, [bob]), await group(ann, [bob]), await group(ann, [bob])].sort();
  for (const id of ids) await say(ann, id, text);
  return ids as [string, string, string];
}

async function textsOf(who: Person, id: string): Promise<string[]> {
  const { messages } = (await api(who, "GET", `/conversations/${id}/messages?limit=100`)).body;
  return messages.flatMap((one: { type: string; is_deleted: boolean; content: string }) =>
    one.type === "system" || one.is_deleted ? [] : [one.content],
  );
}

/** What the directory has of the groups is there: jobs find them by it. */
async function listed(who: Person, count: number): Promise<void> {
  const rows = () => env.DB.prepare("SELECT 1 FROM members WHERE user_id = ?").bind(who.user_id).all();
  await expect.poll(async () => (await rows()).results.length).toBe(count);
}

describe("a job that tells all conversations how long messages are kept", () => {
  it("[R10 KEEP-40] goes on past one that fails, comes back after growing pauses, and says so", async () => {
    const backend = await serverToken("conversations");
    const [ann, bob] = await people("ann", "bob");
    const [first, broken, last] = await threeGroups(ann, bob, "hello");
    await listed(ann, 3);
    const { asked, state } = failing(Conversation.prototype, "checkRetention", (name) => name === broken);
    const about = { kind: "apply_retention", subject: crypto.randomUUID() } as const;
    // Those before it belong to other tests.
    const before = `${first.slice(0, -1)}/`;
    expect(before < first).toBe(true);
    const { job } = await startJob(openDirectory(env.DB), about, Date.now(), before);
    const { job_id } = job;
    const lines = await loggedDuring(async () => {
      for (let runs = 0; runs < 20 && !asked.includes(last); runs++) await run(job_id);
    });
    expect(new Set(asked)).toEqual(new Set([...asked, first, broken, last]));
    const failed = lines.split("\n").filter((line) => line.includes("job.part_failed"));
    expect(JSON.parse(failed[0] ?? "{}")).toMatchObject({ job_id, conversation_id: broken, failures: 1 });
    const running = await status(backend, job_id);
    expect(running).toMatchObject({ status: "running", late: { count: 1, ids: [broken] } });
    // Each run tries it once where it is due. The pauses grow.
    const tries = async (ms: number) => {
      asked.length = 0;
      await atTime(Date.now() + ms, () => run(job_id));
      return asked;
    };
    expect(await tries(1)).toEqual([broken]);
    expect(await tries(2)).toEqual([]);
    expect(await tries(MINUTE + 1_000)).toEqual([broken]);
    expect(await tries(MINUTE + 3_000)).toEqual([]);
    expect(await tries(4 * MINUTE)).toEqual([broken]);
    // It is not given up, however long it takes: nobody would ask again.
    expect(await tries(3 * 24 * 60 * MINUTE)).toEqual([broken]);
    expect(await status(backend, job_id)).toMatchObject({ status: "running", late: { count: 1 } });
    state.isOver = true;
    expect(await tries(5 * 24 * 60 * MINUTE)).toEqual([broken]);
    expect(await status(backend, job_id)).toEqual({ job_id, status: "done", progress: 1 });
  });

  it("[R10 KEEP-41] a job that an older release has begun goes on where it was", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [first, second] = await threeGroups(ann, bob, "hello");
    await listed(ann, 3);
    const { asked } = failing(Conversation.prototype, "checkRetention", () => false);
    const about = { kind: "apply_retention", subject: crypto.randomUUID() } as const;
    const { job } = await startJob(openDirectory(env.DB), about, Date.now(), first);
    for (let runs = 0; runs < 20 && (await jobOf(job.job_id)).status === "running"; runs++)
      await run(job.job_id);
    expect(asked).toContain(second);
    expect(asked).not.toContain(first);
  });
});

describe("a job that deletes what a banned person has said", () => {
  it("[R29 KEEP-42] deletes it everywhere else while one conversation fails, and there when it is back", async () => {
    const backend = await serverToken("moderation conversations");
    const [ann, bob] = await people("ann", "bob");
    const ids = await threeGroups(ann, bob, "said by ann");
    await listed(ann, 3);
    const { state } = failingRequest("purge", ids[0]);
    const path = `/server/moderation/bans/${ann.user_id}`;
    const { body } = await api(backend, "PUT", path, { reason: "spam", delete_messages: "all" });
    const { job_id } = body;
    await expect.poll(async () => await textsOf(bob, ids[2])).toEqual([]);
    expect([await textsOf(bob, ids[0]), await textsOf(bob, ids[1])]).toEqual([["said by ann"], []]);
    await expect
      .poll(async () => (await status(backend, job_id)).late)
      .toMatchObject({ count: 1, ids: [ids[0]] });
    state.isOver = true;
    expect(await finished(backend, job_id)).toMatchObject({ status: "done", progress: 1 });
    expect(await textsOf(bob, ids[0])).toEqual([]);
  });
});

describe("an export", () => {
  it("[R28 KEEP-43] reads all others while a conversation and the hub fail, is not done without them, and has each record once", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const ids = await threeGroups(ann, bob, "said by ann");
    await listed(ann, 3);
    const conversation = failingRequest("exportSome", ids[0]);
    const hub = failing(UserHub.prototype, "askPush", (name) => name === ann.user_id);
    const { job_id } = (await api(backend, "POST", `/server/users/${ann.user_id}/export`)).body;
    const late = { count: 2, ids: expect.arrayContaining([ids[0], ann.user_id]) };
    await expect.poll(async () => (await status(backend, job_id)).late).toMatchObject(late);
    expect(conversation.asked).toEqual(expect.arrayContaining([...ids]));
    for (const { state } of [conversation, hub]) state.isOver = true;
    const job = await finished(backend, job_id);
    expect(job.status).toBe("done");
    const lines: string[] = [];
    for (const { url } of job.export.files) {
      const { pathname, search } = new URL(url);
      lines.push(...(await (await request(pathname + search)).text()).trimEnd().split("\n"));
    }
    const records = lines.map((line) => JSON.parse(line));
    const said = records.filter(({ record }) => record === "message").map((one) => one.conversation_id);
    expect(said.toSorted()).toEqual(ids);
    expect(records.filter(({ record }) => record === "push_preferences").length).toBe(1);
    expect(records.length).toBe(Object.values<number>(job.export.counts).reduce((sum, one) => sum + one, 0));
  });

  it("[R28 KEEP-44] is given up after a day with a word of what is missing, and may be asked for again", async () => {
    const backend = await serverToken("export");
    const [ann, bob] = await people("ann", "bob");
    const ids = await threeGroups(ann, bob, "said by ann");
    await listed(ann, 3);
    failingRequest("exportSome", ids[1]);
    const { job_id } = (await api(backend, "POST", `/server/users/${ann.user_id}/export`)).body;
    await expect.poll(async () => (await status(backend, job_id)).late).toMatchObject({ count: 1 });
    await atTime(Date.now() + 25 * 60 * MINUTE, () => run(job_id));
    const failed = await status(backend, job_id);
    expect(failed).toMatchObject({
      status: "failed",
      error: expect.stringContaining("all is done but for 1"),
    });
    expect(failed.late).toBeUndefined();
    vi.restoreAllMocks();
    const again = (await api(backend, "POST", `/server/users/${ann.user_id}/export`)).body;
    expect(again.job_id).not.toBe(job_id);
    expect((await finished(backend, again.job_id)).export.counts.message).toBe(3);
  });
});

describe("an erasure", () => {
  /** Runs a job until it has nothing left to do but to wait for what is late. */
  async function stuck(backend: Backend, job_id: string, ann: Person): Promise<void> {
    await expect
      .poll(async () => {
        await letTimePass(ann);
        await run(job_id);
        const { round, step } = JSON.parse((await jobOf(job_id)).cursor ?? "{}");
        return `${round} ${step}`;
      })
      .toBe("2 late");
    expect((await status(backend, job_id)).status).toBe("running");
  }

  it("[R28 KEEP-45] erases all others while one conversation fails, is not done without it, and then looks once more at what it told others", async () => {
    const backend = await serverToken("export");
    const word = uniqueName("canary");
    const [ann, bob, cid] = await people(word, "bob", "cid");
    const ids = await threeGroups(ann, bob, `${word} said`);
    const withCid = await group(ann, [cid]);
    await listed(ann, 4);
    const { state } = failingRequest("eraseSome", ids[0]);
    const hubs = failing(UserHub.prototype, "forgetPerson", () => false);
    const job_id = await erase(backend, ann);
    await stuck(backend, job_id, ann);
    for (const id of [ids[1], ids[2], withCid]) expect(found(await storedIn(id), word)).toEqual([]);
    expect(found(await storedIn(ids[0]), word)).not.toEqual([]);
    expect(await status(backend, job_id)).toMatchObject({ late: { count: 1, ids: [ids[0]] } });
    expect(hubs.asked).toEqual(expect.arrayContaining([bob.user_id, cid.user_id]));
    hubs.asked.length = 0;
    state.isOver = true;
    const job = await finished(backend, job_id, ann);
    expect(job.certificate.totals).toMatchObject({ conversations: 4, messages: 3 });
    expect(hubs.asked).toEqual(expect.arrayContaining([bob.user_id, cid.user_id]));
    expect(found(await storedIn(ids[0]), word)).toEqual([]);
  });

  it("[R28 KEEP-46] asks all other hubs while one of them, and the person's own, fail; after a day it has failed and may be begun again", async () => {
    const backend = await serverToken("export");
    const word = uniqueName("canary");
    const [ann, bob, cid, dan] = await people(word, "bob", "cid", "dan");
    const id = await group(ann, [bob, cid, dan]);
    await say(ann, id, `${word} said`);
    await listed(ann, 1);
    const [first] = [bob, cid, dan].map(({ user_id }) => user_id).sort();
    const others = failing(UserHub.prototype, "forgetPerson", (name) => name === first);
    const own = failing(UserHub.prototype, "erase", (name) => name === ann.user_id);
    const job_id = await erase(backend, ann);
    await stuck(backend, job_id, ann);
    expect(new Set(others.asked)).toEqual(new Set([bob.user_id, cid.user_id, dan.user_id]));
    expect(found(await storedIn(id), word)).toEqual([]);
    const late = { count: 2, ids: expect.arrayContaining([first, ann.user_id]) };
    expect(await status(backend, job_id)).toMatchObject({ late });
    await atTime(Date.now() + 25 * 60 * MINUTE, () => run(job_id));
    const error = expect.stringContaining("all is done but for 2");
    expect(await status(backend, job_id)).toMatchObject({ status: "failed", error });
    for (const { state } of [others, own]) state.isOver = true;
    const again = await erase(backend, ann);
    expect(again).not.toBe(job_id);
    expect(await finished(backend, again, ann)).toMatchObject({ status: "done" });
    expect(found(await storedAt(ann), word)).toEqual([]);
  });
});

describe("the cron trigger", () => {
  it("[R28 KEEP-48] a step that fails keeps nothing back that comes after it, and is logged", async () => {
    const backend = await serverToken("export");
    const [ann] = await people("ann");
    const about = { kind: "export_user", subject: ann.user_id } as const;
    const { job } = await startJob(openDirectory(env.DB), about, Date.now() - 50 * MINUTE);
    const DB = new Proxy(env.DB, {
      get(target, property) {
        const value = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          // What the collector of attachments begins with.
          if (/^update "attachments"/i.test(String(args[0]))) throw new Error("broken");
          return value.apply(target, args);
        };
      },
    });
    const broken = new Proxy(withFaults(env as Env), {
      get: (target, property) => (property === "DB" ? DB : Reflect.get(target, property)),
    });
    const cron = createScheduledController({ scheduledTime: Date.now() + 2 * MINUTE });
    const lines = await loggedDuring(async () => {
      await expect(Promise.resolve(worker.scheduled(cron, broken))).rejects.toThrow();
    });
    expect(lines).toContain('"event":"cron.failed","step":"attachments"');
    expect((await finished(backend, job.job_id)).status).toBe("done");
  });
});
