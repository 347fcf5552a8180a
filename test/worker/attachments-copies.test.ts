import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { attachmentUrl } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { collect } from "../../src/attachments/collect.ts";
import { bytes, HTML, NOTES, phonePhoto, png } from "../attachments/samples.ts";
import {
  askUpload,
  fetchBytes,
  keyOf,
  PNG,
  pair,
  rowOf,
  sample,
  sendAttached,
  sendFile,
  stored,
  upload,
} from "./attachments-kit.ts";
import { expectError } from "./checks.ts";
import { faults, withFaults } from "./faults.ts";
import { api, conversationObject, type Person } from "./kit.ts";

const HOUR = 3_600_000;
const JPEG = { ...sample("image/jpeg", "image"), bytes: phonePhoto() };
const collectAfter = (ms: number) => collect(withFaults(env), Date.now() + ms);

afterEach(() => {
  faults.r2Down = false;
});

/** PUTs by an upload's URL, as often as one likes. */
async function asked(who: Person, id: string, file = PNG) {
  const { body } = await askUpload(who, id, file);
  const key = keyOf(body);
  const put = async (content: Uint8Array) => await env.ATTACHMENTS.put(key, content);
  return { attachment_id: body.attachment_id as string, put, key };
}

describe("a URL that is used again", () => {
  it.each([
    ["a PNG", PNG, png(9, 9)],
    ["a JPEG, which is cleaned", JPEG, HTML],
    ["a video", sample("video/mp4", "video"), HTML],
    ["a file", sample("application/pdf", "file"), HTML],
  ] as const)(
    "[R26 ATT-1] %s: what was confirmed is served for ever, whatever comes later",
    async (_, file, other) => {
      const { ann, bob, id } = await pair();
      const { attachment_id, put } = await asked(ann, id, file);
      await put(file.bytes);
      const sent = await sendAttached(ann, id, { type: file.attachment_type, attachment_id });
      expect(sent.status).toBe(201);
      const before = await fetchBytes(bob, attachmentUrl(attachment_id));
      expect(before.status).toBe(200);
      expect(await stored(id)).toHaveLength(1);
      for (const content of [other, file.bytes]) {
        await put(content);
        const after = await fetchBytes(bob, attachmentUrl(attachment_id));
        expect([after.status, after.bytes]).toEqual([200, before.bytes]);
        expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
      }
      // What lies there now is nobody's; it goes once nothing of that hour can be sent any more.
      expect(await stored(id)).toHaveLength(2);
      await collectAfter(24 * HOUR);
      expect(await stored(id)).toHaveLength(2);
      await collectAfter(27 * HOUR);
      expect(await stored(id)).toHaveLength(1);
      expect((await fetchBytes(bob, attachmentUrl(attachment_id))).bytes).toEqual(before.bytes);
    },
  );

  it("[R26 ATT-1] between confirmation and message: the bytes that were confirmed are the ones that are sent", async () => {
    const { ann, id } = await pair();
    const { attachment_id, put } = await asked(ann, id);
    await put(PNG.bytes);
    const missing = `${id.slice(0, -12)}0000000000ff`;
    expectError(await sendAttached(ann, id, { attachment_id, reply_to_message_id: missing }), "NOT_FOUND");
    await put(HTML);
    expect((await sendAttached(ann, id, { attachment_id })).status).toBe(201);
    expect((await fetchBytes(ann, attachmentUrl(attachment_id))).bytes).toEqual(PNG.bytes);
    // They were read once.
    expect(await rowOf(attachment_id)).toMatchObject({ checks: 1 });
  });

  it("[R26 ATT-1] before confirmation: the last bytes count, if they are what was promised", async () => {
    const { ann, id } = await pair();
    const { attachment_id, put } = await asked(ann, id);
    await put(PNG.bytes);
    await put(png(5, 7));
    const { body } = await sendAttached(ann, id, { attachment_id });
    expect(body.attachments[0]).toMatchObject({ width: 5, height: 7 });
  });

  it("[R26 ATT-1] during many sends at once: one message, and it shows what one of them has checked", async () => {
    const { ann, bob, id } = await pair();
    const { attachment_id, put } = await asked(ann, id);
    await put(png(1, 1));
    const sends = Array.from({ length: 4 }, (_, i) => {
      const type = i % 2 ? "file" : "image";
      return sendAttached(ann, id, { attachment_id, type });
    });
    await Promise.all([put(png(2, 2)), put(HTML)]);
    const answers = await Promise.all(sends);
    const sent = answers.filter(({ status }) => status === 201);
    expect(sent.length).toBeLessThanOrEqual(1);
    const refused = answers.filter((answer) => !sent.includes(answer));
    for (const { status } of refused) expect([400, 503]).toContain(status);
    if (!sent[0]) return;
    await collectAfter(2 * HOUR);
    const [{ width }] = sent[0].body.attachments;
    expect((await fetchBytes(bob, attachmentUrl(attachment_id))).bytes).toEqual(png(width, width));
  });

  it("[R26 ATT-1] a refusal of later bytes takes nothing from a message", async () => {
    const { ann, bob, id } = await pair();
    const { attachment_id, url } = await sendFile(ann, id);
    // A send at the same moment found other bytes and gave the upload up, before the directory heard of the message.
    await env.DB.prepare("UPDATE attachments SET state = 'deleted', due_at = 1 WHERE attachment_id = ?")
      .bind(attachment_id)
      .run();
    await collectAfter(0);
    expect((await fetchBytes(bob, url)).status).toBe(200);
    expect(await rowOf(attachment_id)).toMatchObject({ state: "bound", due_at: null });
  });
});

describe("what is left behind", () => {
  it("[R26 ATT-1] a copy whose message was never sent is collected with its upload", async () => {
    const { ann, id } = await pair();
    const { attachment_id, put } = await asked(ann, id, JPEG);
    await put(JPEG.bytes);
    const missing = `${id.slice(0, -12)}0000000000ff`;
    await sendAttached(ann, id, { attachment_id, reply_to_message_id: missing });
    await put(HTML);
    expect(await stored(id)).toHaveLength(2);
    await collectAfter(24 * HOUR + 1);
    await collectAfter(25 * HOUR);
    expect([await stored(id), await rowOf(attachment_id)]).toEqual([[], null]);
  });

  it("[R26 ATT-1] what is uploaded after its message was deleted is collected", async () => {
    const { ann, id } = await pair();
    const { attachment_id, put } = await asked(ann, id);
    await put(PNG.bytes);
    const { body } = await sendAttached(ann, id, { attachment_id });
    await api(ann, "DELETE", `/messages/${body.message_id}?delete_for_everyone=true`);
    await vi.waitFor(async () => expect(await stored(id)).toEqual([]));
    await put(HTML);
    await collectAfter(2 * HOUR);
    expect(await stored(id)).toEqual([]);
  });

  it("[R26 ATT-1] sweeping takes every old hour, and spares what may still be sent", async () => {
    const { ann, id } = await pair();
    const fresh = await upload(ann, id, PNG);
    const old = Array.from({ length: 20 }, (_, n) => `uploads/2020-01-01T0${n % 10}/${id}/${n}`);
    await Promise.all(old.map((key) => env.ATTACHMENTS.put(key, "x")));
    expect(await stored(id)).toHaveLength(21);
    await collectAfter(0);
    expect(await stored(id)).toHaveLength(1);
    expect((await sendAttached(ann, id, { attachment_id: fresh })).status).toBe(201);
  });
});

describe("names in the bucket", () => {
  it("[R26 ATT-10] have 128 random bits that no answer and no URL shows", async () => {
    const { ann, bob, id } = await pair();
    const { body } = await askUpload(ann, id, PNG);
    await env.ATTACHMENTS.put(keyOf(body), PNG.bytes);
    const sent = await sendAttached(ann, id, { attachment_id: body.attachment_id });
    const [key = ""] = await stored(id);
    const secret = key.split("/").at(-1) ?? "";
    expect(secret).toMatch(/^[0-9a-f]{32}$/);
    const history = await api(bob, "GET", `/conversations/${id}/messages`);
    for (const shown of [body, sent.body, history.body]) expect(JSON.stringify(shown)).not.toContain(secret);
    const served = await fetchBytes(bob, attachmentUrl(body.attachment_id));
    expect(JSON.stringify([...served.headers])).not.toContain(secret);
  });
});

describe("attachments from before checked bytes had a place of their own", () => {
  const oldKey = (id: string, attachmentId: string) => `${id}/${attachmentId}`;

  /** Makes an attachment look as it was stored then. */
  async function makeOld(id: string, attachmentId: string) {
    const [key = ""] = await stored(id);
    const object = await env.ATTACHMENTS.get(key);
    await env.ATTACHMENTS.put(oldKey(id, attachmentId), await (object ?? new Response()).arrayBuffer());
    await env.ATTACHMENTS.delete(key);
    await env.DB.prepare("UPDATE attachments SET key_token = NULL WHERE attachment_id = ?")
      .bind(attachmentId)
      .run();
    await runInDurableObject(conversationObject(id), (_, state) => {
      state.storage.sql.exec(
        "UPDATE messages SET attachments = json_remove(attachments, '$[0].key') WHERE attachments IS NOT NULL",
      );
    });
  }

  it("[R26 ATT-2] are served, ranges too, never swept, and deleted with their message", async () => {
    const { ann, bob, id } = await pair();
    const { attachment_id, message_id, url } = await sendFile(ann, id);
    await makeOld(id, attachment_id);
    expect(await stored(id)).toEqual([oldKey(id, attachment_id)]);
    await collectAfter(48 * HOUR);
    expect((await fetchBytes(bob, url)).bytes).toEqual(PNG.bytes);
    expect((await fetchBytes(bob, url, { range: "bytes=1-3" })).bytes).toEqual(PNG.bytes.slice(1, 4));
    expect((await fetchBytes(bob, url, {}, "HEAD")).status).toBe(200);
    await api(ann, "DELETE", `/messages/${message_id}?delete_for_everyone=true`);
    await vi.waitFor(async () => expect(await stored(id)).toEqual([]));
  });

  it("[R26 ATT-2] uploads that were permitted then can be sent: plain, cleaned, and cleaned in their place", async () => {
    const { ann, bob, id } = await pair();
    for (const file of [PNG, JPEG, { ...JPEG, half: true }]) {
      const { body } = await askUpload(ann, id, file);
      const { attachment_id } = body;
      await env.DB.prepare("UPDATE attachments SET key_token = NULL WHERE attachment_id = ?")
        .bind(attachment_id)
        .run();
      let content = file.bytes;
      if ("half" in file) {
        const cleaned = await fetchBytes(bob, attachmentUrl((await sendFile(ann, id, JPEG)).attachment_id));
        content = cleaned.bytes;
        await env.DB.prepare("UPDATE attachments SET clean_size = ? WHERE attachment_id = ?")
          .bind(content.length, attachment_id)
          .run();
      }
      await env.ATTACHMENTS.put(oldKey(id, attachment_id), content);
      expect((await sendAttached(ann, id, { attachment_id })).status).toBe(201);
      const { status, bytes: served } = await fetchBytes(bob, attachmentUrl(attachment_id));
      expect(status).toBe(200);
      for (const note of NOTES) expect(new TextDecoder("latin1").decode(served)).not.toContain(note);
      expect(await env.ATTACHMENTS.head(oldKey(id, attachment_id))).toBeNull();
    }
  });

  it("[R26 ATT-2] uploads that were never sent are collected", async () => {
    const { ann, id } = await pair();
    const { body } = await askUpload(ann, id, PNG);
    await env.DB.prepare("UPDATE attachments SET key_token = NULL WHERE attachment_id = ?")
      .bind(body.attachment_id)
      .run();
    await env.ATTACHMENTS.put(oldKey(id, body.attachment_id), bytes("x"));
    await collectAfter(24 * HOUR + 1);
    await collectAfter(25 * HOUR);
    expect(await stored(id)).toEqual([]);
  });
});
