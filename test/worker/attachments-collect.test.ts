import { createScheduledController, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { attachmentUrl, newAttachmentId } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { collect } from "../../src/attachments/collect.ts";
import worker from "../../src/index.ts";
import {
  askUpload,
  fetchBytes,
  PNG,
  pair,
  rowOf,
  sendAttached,
  sendFile,
  stored,
  upload,
} from "./attachments-kit.ts";
import { atTime, expectError } from "./checks.ts";
import { faults, withFaults } from "./faults.ts";
import { api, conversationObject, say } from "./kit.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

afterEach(() => {
  faults.d1Down = false;
  faults.r2Down = false;
});

describe("deleting", () => {
  it("[R17 R26] for everyone: the tombstone has no attachments, and the bytes go", async () => {
    const { ann, bob, id } = await pair();
    const { url, message_id, attachment_id } = await sendFile(ann, id);
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    expect((await api(bob, "GET", `/messages/${message_id}`)).body).toMatchObject({
      is_deleted: true,
      attachments: [],
    });
    expect((await fetchBytes(ann, url)).status).toBe(404);
    await vi.waitFor(async () => expect(await stored(id)).toEqual([]));
    expect(await rowOf(attachment_id)).toMatchObject({ state: "deleted" });
    expectError(await sendAttached(ann, id, { attachment_id }), "INVALID_ATTACHMENT");
  });

  it("[R10 R26] by expiry too", async () => {
    const { ann, id } = await pair();
    await api(ann, "PUT", `/conversations/${id}`, {
      settings: { disappearing_messages_enabled: true, disappearing_ttl_seconds: 5 },
    });
    await sendFile(ann, id);
    expect(await stored(id)).toHaveLength(1);
    await atTime(Date.now() + 6000, () => runDurableObjectAlarm(conversationObject(id)));
    await vi.waitFor(async () => expect(await stored(id)).toEqual([]));
  });

  it("[R17 R26] for oneself deletes no bytes", async () => {
    const { ann, bob, id } = await pair();
    const { url, message_id } = await sendFile(ann, id);
    await api(ann, "DELETE", `/messages/${message_id}`);
    expect((await fetchBytes(bob, url)).status).toBe(200);
  });

  it("[R26] a projection from zero leaves the directory knowing the same", async () => {
    const { ann, id } = await pair();
    const kept = await sendFile(ann, id);
    const gone = await sendFile(ann, id);
    await api(ann, "DELETE", `/messages/${gone.message_id}?delete_for_everyone=true`);
    const rows = async () => [await rowOf(kept.attachment_id), await rowOf(gone.attachment_id)];
    const before = await rows();
    expect(before).toMatchObject([{ state: "bound", due_at: null }, { state: "deleted" }]);
    await conversationObject(id).rebuildProjection();
    expect(await rows()).toEqual(before);
  });
});

describe("the collector", () => {
  const run = (after: number) => collect(withFaults(env), Date.now() + after);

  it("[R26] uploads that were not sent within a day go, with their bytes; others stay", async () => {
    const { ann, id } = await pair();
    const sent = await sendFile(ann, id);
    const unsent = await upload(ann, id, PNG);
    const never = (await askUpload(ann, id, PNG)).body.attachment_id;
    await run(DAY - MINUTE);
    expect(await stored(id)).toHaveLength(2);
    await run(DAY + MINUTE);
    expect(await rowOf(unsent)).toMatchObject({ state: "expired" });
    expect(await stored(id)).toHaveLength(2);
    expectError(await sendAttached(ann, id, { attachment_id: unsent }), "INVALID_ATTACHMENT");
    await run(DAY + 20 * MINUTE);
    expect(await stored(id)).toEqual([expect.stringMatching(`^${id}/${sent.attachment_id}/[0-9a-f]{32}$`)]);
    expect([await rowOf(unsent), await rowOf(never)]).toEqual([null, null]);
    expect(await rowOf(sent.attachment_id)).toMatchObject({ state: "bound" });
    expect(await run(2 * DAY)).toEqual({ deleted: 0, failed: 0 });
  });

  it("[R26] what a message shows is never collected, however far the directory lags", async () => {
    const { ann, id } = await pair();
    const { attachment_id, url } = await sendFile(ann, id);
    await env.DB.prepare("UPDATE attachments SET state = 'expired', due_at = 1 WHERE attachment_id = ?")
      .bind(attachment_id)
      .run();
    await run(0);
    expect((await fetchBytes(ann, url)).status).toBe(200);
    expect(await rowOf(attachment_id)).toMatchObject({ state: "bound", due_at: null });
  });

  it("[R26] bytes whose deletion failed are collected later, and so is what was uploaded into their place", async () => {
    const { ann, id } = await pair();
    const { message_id, attachment_id } = await sendFile(ann, id);
    faults.r2Down = true;
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    await say(ann, id, "time passes");
    expect(await stored(id)).toHaveLength(1);
    expect(await run(2 * 60 * MINUTE)).toMatchObject({ deleted: 0, failed: expect.any(Number) });
    expect(await rowOf(attachment_id)).toMatchObject({ state: "deleted" });
    faults.r2Down = false;
    await run(4 * 60 * MINUTE);
    expect(await stored(id)).toEqual([]);
    expect(await rowOf(attachment_id)).toBeNull();
  });

  it("[R26] the cron trigger runs it; a run is bounded, the next goes on", async () => {
    const { ann, id } = await pair();
    const now = Date.now();
    const rows = Array.from({ length: 1_050 }, () => newAttachmentId(id));
    await env.DB.prepare(
      `INSERT INTO attachments (attachment_id, conversation_id, uploader_id, type, file_name, mime_type, file_size,
        created_at, state, due_at)
       SELECT value, ?, ?, 'file', 'x', 'a/b', 1, 1, 'deleted', 1 FROM json_each(?)`,
    )
      .bind(id, ann.user_id, JSON.stringify(rows))
      .run();
    const left = async () =>
      await env.DB.prepare("SELECT count(*) AS n FROM attachments WHERE conversation_id = ?")
        .bind(id)
        .first("n");
    await worker.scheduled(
      createScheduledController({ scheduledTime: new Date(now), cron: "*/15 * * * *" }),
      env,
    );
    expect(await left()).toBe(50);
    await worker.scheduled(
      createScheduledController({ scheduledTime: new Date(now), cron: "*/15 * * * *" }),
      env,
    );
    expect(await left()).toBe(0);
  });

  it("[D1DOWN R26] without the directory a run fails as a whole, and nothing is deleted", async () => {
    const { ann, id } = await pair();
    await upload(ann, id, PNG);
    faults.d1Down = true;
    await expect(run(3 * DAY)).rejects.toThrow();
    expect(await stored(id)).toHaveLength(1);
  });
});

describe("an attachment's path", () => {
  it("[R26] is the same in every message, and on every host", () => {
    const id = "9f1c2ab4-77de-8a01-b3c4-80000000002a";
    expect(attachmentUrl(id)).toBe(`/api/v1/attachments/${id}`);
  });
});
