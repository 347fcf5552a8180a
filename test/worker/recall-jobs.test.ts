/** A conversation that goes back to a point in time, and other jobs about it (rules 21 and 28, docs/backup.md). */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { startJob, updateJob } from "../../src/directory/jobs.ts";
import { resumeJobs, runJob } from "../../src/jobs.ts";
import { expectError } from "./checks.ts";
import { withFaults } from "./faults.ts";
import { api, group, type Person, people, say } from "./kit.ts";
import { dyingEnv, keepState, playPlatform } from "./recall-kit.ts";
import { serverToken } from "./server-kit.ts";

const SERVER = await serverToken("*");

const recover = (id: string, body: object) =>
  api(SERVER, "POST", `/server/conversations/${id}/recover`, body);
const remove = (id: string) => api(SERVER, "DELETE", `/server/conversations/${id}`);

/** What people have said, oldest first. */
async function textsOf(who: Person, id: string): Promise<string[]> {
  const { body } = await api(who, "GET", `/conversations/${id}/messages?limit=100`);
  const said = (body.messages as { type: string; content: string; seq: number }[]).filter(
    ({ type, content }) => type === "text" && content !== "",
  );
  return said.sort((a, b) => a.seq - b.seq).map(({ content }) => content);
}

/** Lets the cron trigger go on with a job until it has ended. */
async function ended(job_id: string) {
  return await vi.waitFor(async () => {
    await resumeJobs(withFaults(env), Date.now() + 120_000);
    const { body } = await api(SERVER, "GET", `/server/jobs/${job_id}`);
    expect(body.status).not.toBe("running");
    return body;
  }, 20_000);
}

/** The job of a recovery, as the route writes it. */
async function jobOf(id: string, bookmark: string) {
  const cursor = JSON.stringify({ to: Date.now(), bookmark });
  const about = { kind: "recover_conversation", subject: id } as const;
  return (await startJob(openDirectory(env.DB), about, Date.now(), cursor)).job;
}

describe("a recovery, and other jobs", () => {
  it("[RECALL-17] a conversation that is going back is not deleted meanwhile: it would come back with everybody", async () => {
    const [ann, bob] = await people("ann", "bob");
    for (let calls = 0; calls <= 3; calls++) {
      const id = await group(ann, [bob]);
      await say(ann, id, "before");
      const bookmark = await keepState(id);
      await playPlatform(id, bookmark);
      const job = await jobOf(id, bookmark);
      await runJob(dyingEnv(withFaults(env), calls), job);
      const refused = await remove(id);
      expect([refused.status, refused.body.details], `${calls} calls`).toEqual([409, { job_id: job.job_id }]);
      expect((await ended(job.job_id)).status).toBe("done");
      expect(await textsOf(bob, id)).toEqual(["before"]);
      const { status, body } = await remove(id);
      expect(status).toBe(202);
      expect((await ended(body.job_id)).status).toBe("done");
      await expectError(await api(bob, "GET", `/conversations/${id}`), "CONVERSATION_NOT_FOUND");
    }
  }, 60_000);

  it("[RECALL-18] of a deletion and a recovery at one moment one begins", async () => {
    const [ann, bob] = await people("ann", "bob");
    for (let round = 0; round < 5; round++) {
      const id = await group(ann, [bob]);
      const bookmark = await keepState(id);
      await playPlatform(id, bookmark);
      const to = new Date().toISOString();
      const answers = await Promise.all(
        round % 2 ? [remove(id), recover(id, { to })] : [recover(id, { to }), remove(id)],
      );
      const begun = answers.filter(({ status }) => status === 202);
      expect(begun.map(({ body }) => body)).toHaveLength(1);
      expect((await ended(begun[0]?.body.job_id)).status).toBe("done");
    }
  }, 60_000);

  it("[R28 RECALL-19] a job that ends while it is asked for again is the answer, and no failure", async () => {
    const db = openDirectory(env.DB);
    const about = { kind: "delete_messages", subject: `${crypto.randomUUID()} 0` } as const;
    const { job } = await startJob(db, about, Date.now());
    // Another run ends it right after the first time that the directory is asked.
    let asked = 0;
    const DB = new Proxy(env.DB, {
      get(target, property) {
        const value = Reflect.get(target, property);
        if (property !== "batch") return typeof value === "function" ? value.bind(target) : value;
        return async (statements: D1PreparedStatement[]) => {
          const answers = await target.batch(statements);
          asked += 1;
          if (asked === 1) await updateJob(db, job, { status: "done", progress: 1 }, Date.now());
          return answers;
        };
      },
    });
    const again = await startJob(openDirectory(DB), about, Date.now());
    expect([again.isNew, again.job.job_id]).toEqual([false, job.job_id]);
  });

  it("[RECALL-20] a directory that was put back to the moment of a recovery does not carry it out again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await say(ann, id, "before");
    const bookmark = await keepState(id);
    await playPlatform(id, bookmark);
    const job = await jobOf(id, bookmark);
    expect((await ended(job.job_id)).status).toBe("done");
    await say(ann, id, "since");
    await env.DB.prepare("UPDATE jobs SET status = 'running', cursor = ?, result = NULL WHERE job_id = ?")
      .bind(job.cursor, job.job_id)
      .run();
    expect(await ended(job.job_id)).toMatchObject({ status: "failed", error: expect.any(String) });
    expect(await textsOf(bob, id)).toEqual(["before", "since"]);
  });

  it("[RECALL-21] what was deleted with a ban from the app is deleted again; what was said after the ban stays", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const id = await group(ann, [bob, cat]);
    for (let i = 0; i < 120; i++) await say(cat, id, `spam ${i}`);
    await say(bob, id, "by bob");
    const bookmark = await keepState(id);
    const to = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const BAN = `/server/moderation/bans/${cat.user_id}`;
    const ban = await api(SERVER, "PUT", BAN, { reason: "spam", delete_messages: "all" });
    expect((await ended(ban.body.job_id)).status).toBe("done");
    await api(SERVER, "DELETE", BAN);
    expect(await textsOf(bob, id)).toEqual(["by bob"]);
    const play = await playPlatform(id, bookmark);
    const taken = (await recover(id, { to: new Date(to).toISOString() })).body;
    expect((await ended(taken.job_id)).status).toBe("done");
    await expect.poll(() => textsOf(bob, id)).toEqual(["by bob"]);
    await say(cat, id, "let in again");
    const later = await keepState(id);
    await say(bob, id, "forgotten");
    play.bookmark = later;
    const again = (await recover(id, { bookmark: later })).body;
    expect((await ended(again.job_id)).status).toBe("done");
    expect(await textsOf(bob, id)).toEqual(["by bob", "let in again"]);
  }, 60_000);
});
