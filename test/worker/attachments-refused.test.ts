import { env } from "cloudflare:workers";
import { attachmentUrl, type ErrorCode, newAttachmentId } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { confirm } from "../../src/attachments/confirm.ts";
import { openDirectory } from "../../src/directory/database.ts";
import { bytes, HTML, png, SAMPLES, SVG } from "../attachments/samples.ts";
import {
  askUpload,
  fetchBytes,
  keyOf,
  PNG,
  pair,
  rowOf,
  sample,
  sendAttached,
  stored,
  upload,
} from "./attachments-kit.ts";
import { expectError, workerWith } from "./checks.ts";
import { faults } from "./faults.ts";
import { type Answer, api, direct, group, type Person, people, person, say } from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
  faults.r2Down = false;
  faults.settings = {};
});

describe("refusals before any byte", () => {
  const refusals: [string, object, ErrorCode][] = [
    ["an SVG", { mime_type: "image/svg+xml" }, "INVALID_ATTACHMENT"],
    ["HTML as an image", { mime_type: "text/html" }, "INVALID_ATTACHMENT"],
    ["a video as an image", { mime_type: "video/mp4" }, "INVALID_ATTACHMENT"],
    ["an image as audio", { attachment_type: "audio" }, "INVALID_ATTACHMENT"],
    ["too large an image", { file_size: 20 * 1024 * 1024 + 1 }, "INVALID_ATTACHMENT"],
    ["no bytes", { file_size: 0 }, "VALIDATION_ERROR"],
    ["no size", { file_size: undefined }, "VALIDATION_ERROR"],
    ["a type with half a parameter", { mime_type: "image/png; x" }, "VALIDATION_ERROR"],
    ["a type with an open quote", { mime_type: 'image/png; x="y' }, "VALIDATION_ERROR"],
    ["a video as an image, by another name", { mime_type: "Video/X-M4V; codecs=avc1" }, "INVALID_ATTACHMENT"],
    ["an unknown attachment type", { attachment_type: "sticker" }, "VALIDATION_ERROR"],
    ["a name that is none", { file_name: "../.." }, "VALIDATION_ERROR"],
    ["a name with NUL", { file_name: "a\0.png" }, "VALIDATION_ERROR"],
    ["a name that is too long", { file_name: "x".repeat(256) }, "VALIDATION_ERROR"],
    ["a conversation that is none", { conversation_id: "x" }, "VALIDATION_ERROR"],
    ["a conversation that is not there", { conversation_id: crypto.randomUUID() }, "CONVERSATION_NOT_FOUND"],
  ];

  it.each(refusals)("[R26] %s", async (_, wrong, code) => {
    const { ann, id } = await pair();
    expectError(await askUpload(ann, id, PNG, wrong), code);
    expect(await stored(id)).toEqual([]);
    const row = await env.DB.prepare("SELECT 1 FROM attachments WHERE conversation_id = ?").bind(id).first();
    expect(row).toBeNull();
  });

  it("[R6 R10 R26] strangers, and members who may not send", async () => {
    const { ann, bob, id } = await pair();
    expectError(await askUpload(await person("eve"), id, PNG), "FORBIDDEN");
    await api(ann, "PUT", `/conversations/${id}`, { settings: { only_admins_can_send: true } });
    expectError(await askUpload(bob, id, PNG), "FORBIDDEN");
    expect((await askUpload(ann, id, PNG)).status).toBe(200);
  });

  it("[R26] a hundred uploads that are not sent are enough", async () => {
    const { ann, id } = await pair();
    for (let n = 0; n < 100; n++) expect((await askUpload(ann, id, PNG)).status).toBe(200);
    const refused = await askUpload(ann, id, PNG);
    expectError(refused, "RATE_LIMIT_EXCEEDED");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("[R24 R26 ATT-9] bytes of one day are counted, by the user; refusals count nothing", async () => {
    const { ann, bob, id } = await pair();
    faults.settings = { MAX_UPLOAD_BYTES_PER_DAY: "1000" };
    const ask = (who: Person, file_size: number, extra = {}) =>
      askUpload(who, id, PNG, { file_size, ...extra });
    expect((await ask(ann, 600)).status).toBe(200);
    expectError(await ask(ann, 100, { mime_type: "image/svg+xml" }), "INVALID_ATTACHMENT");
    const refused = await ask(ann, 401);
    expectError(refused, "RATE_LIMIT_EXCEEDED");
    const { retry_after } = refused.body.details;
    expect(refused.body.details).toEqual({ limit: 1000, used: 600, retry_after });
    expect(refused.headers.get("retry-after")).toBe(String(retry_after));
    const untilMidnight = (86_400_000 - (Date.now() % 86_400_000)) / 1000;
    expect(Math.abs(retry_after - untilMidnight)).toBeLessThan(3);
    // What fits still fits; another user's bytes are their own.
    expect((await ask(ann, 400)).status).toBe(200);
    expect((await ask(bob, 1000)).status).toBe(200);
    for (const who of [ann, bob]) expectError(await ask(who, 1), "RATE_LIMIT_EXCEEDED");
    // A new day begins from nothing; what a faster clock has counted for tomorrow counts today.
    const moveDay = (days: number) =>
      env.DB.prepare("UPDATE upload_quotas SET day = day + ? WHERE user_id = ?")
        .bind(days, ann.user_id)
        .run();
    await moveDay(-1);
    expect((await ask(ann, 900)).status).toBe(200);
    await moveDay(1);
    expectError(await ask(ann, 101), "RATE_LIMIT_EXCEEDED");
    expect((await ask(ann, 100)).status).toBe(200);
  });

  it("[R24 R26 ATT-9] requests at the same moment get no more than one after the other", async () => {
    const { ann, id } = await pair();
    faults.settings = { MAX_UPLOAD_BYTES_PER_DAY: "1000" };
    const asked = await Promise.all(
      Array.from({ length: 8 }, () => askUpload(ann, id, PNG, { file_size: 300 })),
    );
    expect(asked.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(asked.filter(({ status }) => status === 429)).toHaveLength(5);
  });

  it("[R26] without its settings the service says so, and signs nothing; nor while the directory is down", async () => {
    const { ann, id } = await pair();
    const fetchWithout = workerWith({ JWT_SECRET: env.JWT_SECRET ?? "", R2_SECRET_ACCESS_KEY: "" });
    const { bytes: _, ...described } = PNG;
    const response = await fetchWithout("/api/v1/messages/attachments/upload-url", {
      method: "POST",
      headers: { authorization: `Bearer ${ann.token}` },
      body: JSON.stringify({ conversation_id: id, file_size: 5, ...described }),
    });
    expect([response.status, (await response.json<{ code: string }>()).code]).toEqual([
      503,
      "SERVICE_UNAVAILABLE",
    ]);
    faults.d1Down = true;
    expectError(await askUpload(ann, id, PNG), "SERVICE_UNAVAILABLE");
  });

  it.each([
    ['my "best" photo.png', 'my "best" photo.png', '"my \\"best\\" photo.png"'],
    ["a\r\nb.png", "ab.png", "ab.png"],
    ["\u202egnp.exe", "gnp.exe", "gnp.exe"],
    ["../../../etc/photo.png", "photo.png", "photo.png"],
  ])("[R26] the name %j is shown as %j", async (file_name, shown, parameter) => {
    const { ann, bob, id } = await pair();
    const attachment_id = await upload(ann, id, { ...PNG, file_name });
    const sent = await sendAttached(ann, id, { attachment_id });
    expect(sent.body.attachments[0].file_name).toBe(shown);
    const header = (await fetchBytes(bob, attachmentUrl(attachment_id))).headers.get("content-disposition");
    expect(header).toBe(`inline; filename=${parameter}`);
  });
});

/** A bucket that tells when whole files are read and written. */
function watched(bucket: R2Bucket, onStep: (step: "read" | "write", key: string) => void): R2Bucket {
  return new Proxy(bucket, {
    get(target, property) {
      const method = Reflect.get(target, property);
      return (key: string, ...rest: unknown[]) => {
        const [options] = rest as [R2GetOptions | undefined];
        if (property === "get" && options?.onlyIf) onStep("read", key);
        if (property === "put") onStep("write", key);
        return Reflect.apply(method, target, [key, ...rest]);
      };
    },
  });
}

describe("refusals on send", () => {
  /** Sends, expects a refusal, and that no message came of it. */
  async function refuses(
    answer: Promise<Answer>,
    id: string,
    who: Parameters<typeof api>[0],
    code: ErrorCode = "INVALID_ATTACHMENT",
  ) {
    const before = await api(who, "GET", `/conversations/${id}/messages`);
    const refused = await answer;
    expectError(refused, code);
    const after = await api(who, "GET", `/conversations/${id}/messages`);
    expect(after.body).toEqual(before.body);
    return refused;
  }

  it.each([
    ["HTML renamed to .png", HTML],
    ["an SVG renamed to .png", SVG],
    ["another kind of image", SAMPLES["image/gif"] ?? HTML],
    ["a PNG that cannot be read", bytes(png().subarray(0, 20))],
    ["a PNG of a billion pixels", png(40_000, 40_000)],
    ["no pixels at all", png(0, 0)],
  ])("[R26] %s: refused, and the bytes are gone", async (_, wrong) => {
    const { ann, id } = await pair();
    const attachment_id = await upload(ann, id, { ...PNG, bytes: wrong });
    await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
    expect(await stored(id)).toEqual([]);
    expect(await rowOf(attachment_id)).toMatchObject({ state: "deleted" });
    await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
  });

  it("[R26] what is no JPEG inside: refused, and the bytes are gone", async () => {
    const { ann, id } = await pair();
    const file = { ...sample("image/jpeg", "image"), bytes: bytes(0xff, 0xd8, 0xff, 0xe0, 0, 4, "JF", HTML) };
    const attachment_id = await upload(ann, id, file);
    await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
    expect(await stored(id)).toEqual([]);
  });

  it("[R26 ATT-7] a JPEG of a quarter of a million segments: refused once and for all", async () => {
    const { ann, id } = await pair();
    const content = new Uint8Array(1024 * 1024);
    content.set([0xff, 0xd8, 0xff, 0xe1, 0, 2]);
    for (let at = 6; at + 4 <= content.length; at += 4) content.set([0xff, 0xdb, 0, 2], at);
    const attachment_id = await upload(ann, id, { ...sample("image/jpeg", "image"), bytes: content });
    const refused = await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
    expect(refused.body.message).toContain("too many parts");
    expect([await stored(id), (await rowOf(attachment_id))?.checks]).toEqual([[], 1]);
    await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
    expect(await rowOf(attachment_id)).toMatchObject({ state: "deleted", checks: 1 });
  });

  it("[R26 ATT-7] an upload whose check was begun again and again without an end is given up", async () => {
    const { ann, id } = await pair();
    const attachment_id = await upload(ann, id, PNG);
    await env.DB.prepare("UPDATE attachments SET checks = 8 WHERE attachment_id = ?")
      .bind(attachment_id)
      .run();
    await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
    expect([await stored(id), (await rowOf(attachment_id))?.state]).toEqual([[], "deleted"]);
  });

  it("[R26 ATT-7] the files of one message are read one after the other, and none after one that is refused", async () => {
    const { ann, id } = await pair();
    const ids: string[] = [];
    for (const content of [PNG.bytes, png(7, 7), HTML, png(9, 9)]) {
      ids.push(await upload(ann, id, { ...PNG, bytes: content }));
    }
    const steps: string[] = [];
    const bucket = watched(env.ATTACHMENTS, (step, key) => {
      const place = ids.findIndex((one) => key.includes(one));
      if (steps.at(-1) !== `${step} ${place}`) steps.push(`${step} ${place}`);
    });
    const claim = { conversation_id: id, user_id: ann.user_id, type: "image" as const, attachment_ids: ids };
    const outcome = await confirm({ db: openDirectory(env.DB), bucket }, claim);
    expect(outcome).toMatchObject({ ok: false, error: { details: { attachment_id: ids[2] } } });
    expect(steps).toEqual(["read 0", "write 0", "read 1", "write 1"]);
  });

  it("[R26] another length than was promised", async () => {
    const { ann, id } = await pair();
    const { body } = await askUpload(ann, id, PNG);
    await env.ATTACHMENTS.put(keyOf(body), bytes(PNG.bytes, 0));
    await refuses(sendAttached(ann, id, { attachment_id: body.attachment_id }), id, ann);
    expect(await stored(id)).toEqual([]);
  });

  it("[R26] nothing was uploaded; it may be uploaded still", async () => {
    const { ann, id } = await pair();
    const { body } = await askUpload(ann, id, PNG);
    const { attachment_id } = body;
    await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
    await env.ATTACHMENTS.put(keyOf(body), PNG.bytes);
    expect((await sendAttached(ann, id, { attachment_id })).status).toBe(201);
  });

  it("[R26] somebody else's, another conversation's, used, unknown, and no attachment's id: nothing is lost", async () => {
    const { ann, bob, id } = await pair();
    const elsewhere = await direct(ann, bob);
    const [mine, theirs, used] = [
      await upload(ann, id, PNG),
      await upload(bob, id, PNG),
      await upload(ann, id, PNG),
    ];
    const message = (await sendAttached(ann, id, { attachment_id: used })).body;
    for (const attachment_id of [
      theirs,
      used,
      newAttachmentId(id),
      message.message_id,
      id,
      crypto.randomUUID(),
    ]) {
      const refused = await refuses(sendAttached(ann, id, { attachment_id }), id, ann);
      expect(refused.body.details).toEqual({ attachment_id });
    }
    await refuses(sendAttached(ann, elsewhere, { attachment_id: mine }), elsewhere, ann);
    await refuses(sendAttached(ann, id, { attachment_ids: [mine, theirs] }), id, ann);
    expect(await stored(id)).toHaveLength(3);
    expect((await sendAttached(ann, id, { attachment_id: mine })).status).toBe(201);
    expect((await sendAttached(bob, id, { attachment_id: theirs })).status).toBe(201);
  });

  it("[R13 R26] the message's type and its attachments go together", async () => {
    const { ann, id } = await pair();
    const attachment_id = await upload(ann, id, PNG);
    for (const type of ["image", "video", "audio", "file"])
      await refuses(sendAttached(ann, id, { type }), id, ann);
    await refuses(sendAttached(ann, id, { attachment_ids: [] }), id, ann);
    await refuses(sendAttached(ann, id, { type: "text", content: "x", attachment_id }), id, ann);
    await refuses(sendAttached(ann, id, { type: "video", attachment_id }), id, ann);
    const malformed = [
      { attachment_ids: Array.from({ length: 11 }, () => newAttachmentId(id)) },
      { attachment_ids: [attachment_id, attachment_id] },
      { attachment_ids: [attachment_id], attachment_id },
      { attachment_ids: "x" },
      { attachment_id: "x" },
    ];
    for (const body of malformed) await refuses(sendAttached(ann, id, body), id, ann, "VALIDATION_ERROR");
    await refuses(
      sendAttached(ann, id, { attachment_id, content: "x".repeat(4097) }),
      id,
      ann,
      "MESSAGE_TOO_LONG",
    );
    expect((await sendAttached(ann, id, { type: "file", attachment_id })).status).toBe(201);
  });

  it("[R6 R10 R26] a right that was lost between upload and send", async () => {
    const { ann, bob, id } = await pair();
    const attachment_id = await upload(bob, id, PNG);
    await api(ann, "PUT", `/conversations/${id}`, { settings: { only_admins_can_send: true } });
    await refuses(sendAttached(bob, id, { attachment_id }), id, ann, "FORBIDDEN");
    await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
    expectError(await sendAttached(bob, id, { attachment_id }), "FORBIDDEN");
  });

  it("[D1DOWN R26] while the directory or the bucket is down: 503, and later it works; texts do not notice", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const attachment_id = await upload(ann, id, PNG);
    for (const fault of ["d1Down", "r2Down"] as const) {
      faults[fault] = true;
      expectError(await sendAttached(ann, id, { attachment_id }), "SERVICE_UNAVAILABLE");
      expect(await say(ann, id, "a text")).toMatchObject({ status: "sent" });
      faults[fault] = false;
    }
    expect((await sendAttached(ann, id, { attachment_id })).status).toBe(201);
  });
});
