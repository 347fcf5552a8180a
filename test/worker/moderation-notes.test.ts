import {
  abortAllDurableObjects,
  createScheduledController,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { addNotes } from "../../src/directory/moderation/notes.ts";
import type { ModerationNote } from "../../src/domain/moderation-note.ts";
import worker from "../../src/index.ts";
import { atTime, loggedDuring } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, conversationObject, group, people, say } from "./kit.ts";
import { decide, moderator, reportIt } from "./moderation-kit.ts";
import { serverToken } from "./server-kit.ts";

afterEach(() => {
  faults.d1Down = false;
});

/** A group in which ann, who owns it, deletes what bob has said. */
async function scene() {
  const [ann, bob, eve] = await people("ann", "bob", "eve");
  const id = await group(ann, [bob, eve]);
  const deletes = async (content: string) => {
    const { message_id } = await say(bob, id, content);
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    return message_id;
  };
  const backend = await moderator();
  const logged = async () => {
    const { body } = await api(backend, "GET", `/server/moderation/log?target=${bob.user_id}`);
    return body.entries.map((one: { message_id: string }) => one.message_id);
  };
  const waiting = () =>
    runInDurableObject(conversationObject(id), (_, { storage }) => {
      return storage.sql.exec("SELECT count(*) AS n FROM moderation_notes").one().n;
    });
  return { ann, bob, eve, id, deletes, backend, logged, waiting };
}

describe("notes of moderation on their way to the log", () => {
  it("[REPORT-50] who deleted what another has said is in the log, once, and no longer in the conversation", async () => {
    const { ann, bob, id, deletes, backend, logged, waiting } = await scene();
    const first = await deletes("one");
    const second = await deletes("two");
    await expect.poll(logged).toEqual([second, first]);
    await expect.poll(waiting).toBe(0);
    const { body } = await api(backend, "GET", `/server/moderation/log?target=${bob.user_id}`);
    expect(body.entries[1]).toMatchObject({
      action: "room.delete_message",
      actor_id: ann.user_id,
      target_id: bob.user_id,
      conversation_id: id,
      message_id: first,
    });
  });

  it("[REPORT-51] while D1 is down chat goes on, the notes wait, and the alarm takes them later", async () => {
    const { ann, id, deletes, logged, waiting } = await scene();
    const { message_id } = await say(ann, id, "known before");
    expect(message_id).toBeDefined();
    const log = await loggedDuring(async () => {
      faults.d1Down = true;
      await deletes("while it is down");
      await deletes("still");
      await expect.poll(waiting).toBe(2);
      await runDurableObjectAlarm(conversationObject(id));
      expect(await waiting()).toBe(2);
    });
    expect(log).toContain("notes.failed");
    expect(log).not.toContain("while it is down");
    faults.d1Down = false;
    await atTime(Date.now() + 70_000, () => runDurableObjectAlarm(conversationObject(id)));
    await expect.poll(waiting).toBe(0);
    expect(await logged()).toHaveLength(2);
  });

  it("[REPORT-52] an object that is killed with notes in it sends them in its next life", async () => {
    const { id, deletes, logged, waiting } = await scene();
    faults.d1Down = true;
    await deletes("killed");
    await expect.poll(waiting).toBe(1);
    await abortAllDurableObjects();
    faults.d1Down = false;
    await atTime(Date.now() + 16_000, () => runDurableObjectAlarm(conversationObject(id)));
    await expect.poll(waiting).toBe(0);
    expect(await logged()).toHaveLength(1);
  });

  it("[REPORT-53] what a filter has flagged opens an item of the queue, and joins what was reported; again it is once", async () => {
    const { bob, eve, id, backend } = await scene();
    const db = openDirectory(env.DB);
    const reported = await say(bob, id, "darn it");
    const flagged = await say(bob, id, "darn");
    const note = (seq: number | null): ModerationNote => ({
      action: "filter.flag",
      at: Date.now(),
      actor_id: null,
      target_id: bob.user_id,
      seq,
      reason: null,
      details: { filter: "swearing", field: "content", original: "darn" },
    });
    const notes = [
      { id: 901, note: note(reported.seq) },
      { id: 902, note: note(flagged.seq) },
      { id: 903, note: note(null) },
    ];
    const report_id = await reportIt(eve, { message_id: reported.message_id });
    for (let i = 0; i < 2; i++) await addNotes(db, id, notes, Date.now());
    const items = async () => {
      const { results } = await env.DB.prepare(
        "SELECT item_id, target_type, target_id, status FROM moderation_items WHERE conversation_id = ? ORDER BY opened_at, target_id",
      )
        .bind(id)
        .all<{ item_id: string; target_type: string; target_id: string; status: string }>();
      return results;
    };
    const found = await items();
    expect(found.map(({ target_id }) => target_id).sort()).toEqual(
      [reported.message_id, flagged.message_id, id].sort(),
    );
    const of = (target: string) => found.find(({ target_id }) => target_id === target)?.item_id;
    const { body } = await api(backend, "GET", `/server/moderation/queue/${of(reported.message_id)}`);
    expect(body).toMatchObject({
      user_id: bob.user_id,
      reports: [{ report_id }],
      flags: [{ details: { filter: "swearing" } }],
    });
    for (const { item_id } of found) await decide(backend, { item_id }, { action: "dismiss" });
    // A note that comes once more, after its item was decided, opens none.
    await addNotes(db, id, notes, Date.now());
    expect((await items()).map(({ status }) => status)).toEqual(["done", "done", "done"]);
  });

  it("[REPORT-54] a conversation that is erased leaves no note behind", async () => {
    const { id, deletes, logged } = await scene();
    faults.d1Down = true;
    await deletes("before the end");
    faults.d1Down = false;
    const backend = await serverToken("conversations");
    const { body } = await api(backend, "DELETE", `/server/conversations/${id}`);
    // What was behind because of the outage catches up, and the cron trigger goes on with the job.
    await expect.poll(logged, { timeout: 10_000 }).toHaveLength(1);
    const cron = createScheduledController({ scheduledTime: Date.now() + 120_000 });
    await expect
      .poll(
        async () => {
          await atTime(Date.now() + 120_000, () => worker.scheduled(cron, env as never));
          return (await api(backend, "GET", `/server/jobs/${body.job_id}`)).body.status;
        },
        { timeout: 15_000, interval: 500 },
      )
      .toBe("done");
    expect(await logged()).toHaveLength(1);
  });
});
