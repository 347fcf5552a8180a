import { env } from "cloudflare:workers";
import { attachmentUrl, ERRORS, type ErrorCode } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { notedPictures, PICTURE_NOTES } from "../attachments/pictures.ts";
import { bytes, HTML, NOTES, phonePhoto, png, SAMPLES } from "../attachments/samples.ts";
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
import { faults } from "./faults.ts";
import { api, connect, connectTo } from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
  faults.r2Down = false;
});

describe("the guide's three steps", () => {
  it("[R26 GUIDE-1.6] upload URL, PUT, message: everybody hears the same attachment", async () => {
    const { ann, bob, id } = await pair();
    const sockets = [await connect(bob), await connectTo(bob, id), await connect(ann)];
    const asked = await askUpload(ann, id, PNG);
    expect(asked).toMatchObject({ status: 200, body: { expires_in: 900, max_size: 20 * 1024 * 1024 } });
    expect(asked.body.headers).toEqual({ "Content-Type": "image/png" });
    await env.ATTACHMENTS.put(keyOf(asked.body), PNG.bytes);
    const { attachment_id } = asked.body;
    const sent = await sendAttached(ann, id, { content: "Caption text", attachment_id });
    const attachment = {
      attachment_id,
      type: "image",
      file_name: "photo.png",
      mime_type: "image/png",
      file_size: PNG.bytes.length,
      width: 3,
      height: 2,
      url: attachmentUrl(attachment_id),
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
    };
    const linked = {
      ...attachment,
      signed_url: expect.any(String),
      signed_url_expires_at: expect.any(String),
    };
    expect(sent).toMatchObject({ status: 201, body: { type: "image", content: "Caption text" } });
    expect(sent.body.attachments).toEqual([linked]);
    for (const socket of sockets) {
      const event = await socket.heard("message.new");
      expect(event).toMatchObject({ data: { attachments: [attachment] } });
    }
    const { body } = await api(bob, "GET", `/messages/${sent.body.message_id}`);
    expect(body.attachments).toEqual([linked]);
    expect((await fetchBytes(bob, attachment.url)).bytes).toEqual(PNG.bytes);
  });

  it("[R26] the URL is signed for length and type, for a quarter of an hour", async () => {
    const { ann, id } = await pair();
    const { body } = await askUpload(ann, id, PNG);
    const url = new URL(body.upload_url);
    expect(url.origin).toBe("https://storage.test");
    expect(url.pathname).toMatch(
      new RegExp(`^/rocket-chat-attachments/uploads/[0-9T-]{13}/${body.attachment_id}/[0-9a-f]{32}$`),
    );
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Expires": "900",
      "X-Amz-SignedHeaders": "content-length;content-type;host",
      "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each(Object.keys(SAMPLES))("[R26] %s", async (mime) => {
    const { ann, id } = await pair();
    const own = mime.split("/")[0];
    const type = own === "image" || own === "video" || own === "audio" ? own : "file";
    const attachment_id = await upload(ann, id, sample(mime, type));
    const sent = await sendAttached(ann, id, { type, attachment_id });
    expect(sent).toMatchObject({ status: 201, body: { attachments: [{ type, mime_type: mime }] } });
  });

  it("[R26] several files in one message, in their order; a file message takes any type", async () => {
    const { ann, id } = await pair();
    const images = [];
    for (let n = 1; n <= 10; n++) images.push(await upload(ann, id, { ...PNG, bytes: png(n, n) }));
    images.reverse();
    const sent = await sendAttached(ann, id, { attachment_ids: images });
    expect(sent.body.attachments.map((one: { width: number }) => one.width)).toEqual([
      10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
    ]);
    const mixed = [await upload(ann, id, sample("application/pdf", "file")), await upload(ann, id, PNG)];
    const { body } = await sendAttached(ann, id, { type: "file", attachment_ids: mixed });
    expect(body.attachments.map((one: { attachment_id: string }) => one.attachment_id)).toEqual(mixed);
  });

  it("[R26] what the sender knows of a video is shown; what they say of an image is not believed", async () => {
    const { ann, id } = await pair();
    const told = { width: 1920, height: 1080, duration: 12.5, placeholder: "LEHV6nWB2yk8pyo0adR*.7kCMdnj" };
    const video = await upload(ann, id, sample("video/mp4", "video"), told);
    expect(
      (await sendAttached(ann, id, { type: "video", attachment_id: video })).body.attachments[0],
    ).toMatchObject(told);
    const image = await upload(ann, id, PNG, told);
    expect((await sendAttached(ann, id, { attachment_id: image })).body.attachments[0]).toMatchObject({
      width: 3,
      height: 2,
    });
  });

  it("[R26] over a socket too, with an ack", async () => {
    const { ann, bob, id } = await pair();
    const attachment_id = await upload(ann, id, PNG);
    const socket = await connect(ann);
    const data = { type: "image", content: "", attachment_id };
    const ack = await socket.ask({ type: "message.send", conversation_id: id, data });
    expect(ack).toMatchObject({ type: "ack", data: { attachments: [{ attachment_id }] } });
    const own = await connectTo(bob, id);
    const again = await own.ask({ type: "message.send", conversation_id: id, data });
    expect(again).toMatchObject({ type: "error", code: "INVALID_ATTACHMENT" });
  });

  it("[R12 R26] a retry gets the first message, whatever has become of the file; other files are a conflict", async () => {
    const { ann, id } = await pair();
    const [one, other] = [await upload(ann, id, PNG), await upload(ann, id, PNG)];
    const body = { attachment_id: one, client_message_id: "c1" };
    const first = await sendAttached(ann, id, body);
    await env.ATTACHMENTS.delete(await stored(id));
    faults.d1Down = true;
    expect(await sendAttached(ann, id, body)).toMatchObject({ status: 200, body: first.body });
    expect(
      await sendAttached(ann, id, { ...body, attachment_id: undefined, attachment_ids: [one] }),
    ).toMatchObject({ status: 200 });
    expectError(await sendAttached(ann, id, { ...body, attachment_id: other }), "CONFLICT");
    expectError(
      await sendAttached(ann, id, { ...body, type: "text", content: "x", attachment_id: undefined }),
      "CONFLICT",
    );
  });
});

describe("types as clients write them", () => {
  it.each([
    ["audio/webm;codecs=opus", "audio", "video/webm", "audio/webm"],
    ['Audio/WebM; codecs="opus"', "audio", "video/webm", "audio/webm"],
    ["audio/ogg; codecs=opus", "audio", "audio/ogg", "audio/ogg"],
    ["audio/x-wav", "audio", "audio/wav", "audio/wav"],
    ["audio/mp3", "audio", "audio/mpeg", "audio/mpeg"],
    ["audio/x-m4a", "audio", "audio/mp4", "audio/mp4"],
    ["video/x-m4v", "video", "video/mp4", "video/mp4"],
    ["video/webm;codecs=vp9,opus", "video", "video/webm", "video/webm"],
    ["image/jpg", "image", "image/jpeg", "image/jpeg"],
    ["IMAGE/PJPEG", "image", "image/jpeg", "image/jpeg"],
    ["image/apng", "image", "image/png", "image/png"],
    ["image/x-png ", "image", "image/png", "image/png"],
  ] as const)(
    "[R26 ATT-3] %j as %s: signed as it was written, shown and served by its one name",
    async (written, type, content, name) => {
      const { ann, bob, id } = await pair();
      const file = { ...sample(content, type), mime_type: written };
      const { body } = await askUpload(ann, id, file);
      expect(body.headers).toEqual({ "Content-Type": written.trim() });
      await env.ATTACHMENTS.put(keyOf(body), file.bytes, { httpMetadata: { contentType: written } });
      const { attachment_id } = body;
      const sent = await sendAttached(ann, id, { type, attachment_id });
      expect(sent.body.attachments).toMatchObject([{ type, mime_type: name }]);
      const { headers } = await fetchBytes(bob, attachmentUrl(attachment_id));
      expect(headers.get("content-type")).toBe(name);
      expect(headers.get("content-disposition")).toMatch(/^inline/);
    },
  );

  it("[R5 R26 ATT-6] what a client does not know of its media may be null", async () => {
    const { ann, id } = await pair();
    const unknown = { width: null, height: null, duration: null, placeholder: null };
    const attachment_id = await upload(ann, id, sample("video/mp4", "video"), unknown);
    const { body } = await sendAttached(ann, id, { type: "video", attachment_id });
    for (const field of Object.keys(unknown)) expect(body.attachments[0]).not.toHaveProperty(field);
  });
});

describe("a file", () => {
  const PDF = SAMPLES["application/pdf"] ?? HTML;

  it.each([
    ["a PDF whose header comes later", "application/pdf", bytes("\r\n".repeat(200), PDF)],
    ["a PDF behind a byte order mark", "application/pdf", bytes(0xef, 0xbb, 0xbf, PDF)],
    ["another type than it says", "image/png", HTML],
    ["a broken image", "image/jpeg", bytes(0xff, 0xd8, 0xff)],
    ["a photo, whose notes stay", "image/jpeg", phonePhoto()],
    ["a program", "audio/mpeg", bytes("MZ", 0, 0)],
    ["one byte", "application/zip", bytes(0)],
  ] as const)(
    "[R26 ATT-4] may be %s: it is only ever a download, to the byte",
    async (_, mime_type, content) => {
      const { ann, bob, id } = await pair();
      const file = { ...sample(mime_type, "file"), bytes: content };
      const { url } = await sendFile(ann, id, file);
      const served = await fetchBytes(bob, url);
      expect(served.bytes).toEqual(content);
      expect(served.headers.get("content-type")).toBe("application/octet-stream");
      expect(served.headers.get("content-disposition")).toMatch(/^attachment/);
    },
  );
});

describe("other pictures", () => {
  it.each(Object.entries(notedPictures()))(
    "[R26 ATT-5 ATT-8] %s: what was noted is not served; the size is as shown",
    async (mime, content) => {
      const { ann, bob, id } = await pair();
      const attachment_id = await upload(ann, id, { ...sample(mime, "image"), bytes: content });
      const { body } = await sendAttached(ann, id, { attachment_id });
      const { bytes: served, headers } = await fetchBytes(bob, attachmentUrl(attachment_id));
      const turned = mime === "image/gif" ? { width: 48, height: 32 } : { width: 32, height: 48 };
      expect(body.attachments[0]).toMatchObject({ ...turned, file_size: served.length });
      expect(headers.get("content-length")).toBe(String(served.length));
      const text = new TextDecoder("latin1").decode(served);
      for (const note of PICTURE_NOTES) expect(text).not.toContain(note);
    },
  );
});

describe("a photo", () => {
  it("[R26 EXIF] where it was taken is not in what is stored or served; which side is up still is", async () => {
    const { ann, bob, id } = await pair();
    const file = { ...sample("image/jpeg", "image"), bytes: phonePhoto(), file_name: "IMG_1.jpg" };
    const attachment_id = await upload(ann, id, file);
    const sent = await sendAttached(ann, id, { attachment_id });
    const { bytes: served, headers } = await fetchBytes(bob, attachmentUrl(attachment_id));
    expect(sent.body.attachments[0]).toMatchObject({ width: 32, height: 48, file_size: served.length });
    expect(headers.get("content-length")).toBe(String(served.length));
    expect(served.length).toBeLessThan(file.bytes.length);
    const text = new TextDecoder("latin1").decode(served);
    for (const note of NOTES) expect(text).not.toContain(note);
    expect(text).toContain("Exif\0\0MM");
    const object = await env.ATTACHMENTS.get((await stored(id))[0] ?? "");
    expect(new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(served);
  });

  it("[R26 EXIF] a send that failed after the cutting can be tried again", async () => {
    const { ann, bob, id } = await pair();
    const file = { ...sample("image/jpeg", "image"), bytes: phonePhoto() };
    const attachment_id = await upload(ann, id, file);
    const missing = `${id.slice(0, -12)}0000000000ff`;
    expectError(await sendAttached(ann, id, { attachment_id, reply_to_message_id: missing }), "NOT_FOUND");
    expect(await rowOf(attachment_id)).toMatchObject({ state: "pending", checks: 1 });
    const both = await Promise.all([1, 2].map(() => sendAttached(ann, id, { attachment_id })));
    expect(both.map((answer) => answer.status).sort()).toEqual([201, 400]);
    expect((await fetchBytes(bob, attachmentUrl(attachment_id))).status).toBe(200);
    // What was checked is not read again.
    expect(await rowOf(attachment_id)).toMatchObject({ checks: 1 });
  });

  it("[R26] two sends of one upload at the same moment: one message", async () => {
    const { ann, id } = await pair();
    const attachment_id = await upload(ann, id, { ...sample("image/jpeg", "image"), bytes: phonePhoto() });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => sendAttached(ann, id, { attachment_id })),
    );
    const refused = answers.filter((answer) => answer.status !== 201);
    expect(refused.map((answer) => answer.status)).toEqual(
      refused.map((answer) => ERRORS[answer.body.code as ErrorCode].status),
    );
    expect(answers.length - refused.length).toBe(1);
    expect(await stored(id)).toHaveLength(1);
    // They have waited for one check.
    expect(await rowOf(attachment_id)).toMatchObject({ checks: 1 });
  });
});
