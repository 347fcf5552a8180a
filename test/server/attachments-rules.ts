/** What a signed URL permits, and what it refuses: by our own requests and by an independent S3 client's. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { newAttachmentId, UPLOAD_URL_TTL_SECONDS, type UploadPermission } from "@rocket-chat-api/protocol";
import { presignUpload, uploadHeaders } from "../../src/attachments/presign.ts";
import { bytes, HTML } from "../attachments/samples.ts";
import { get, put } from "./attachments-http.ts";
import { keyOf, storageOf } from "./attachments-s3.ts";
import { PNG, type Stage } from "./attachments-stage.ts";

type Attempt = (permission: UploadPermission, stage: Stage) => Promise<[number, string]>;

/** Bytes whose number is not known beforehand. */
async function* inChunks(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  yield whole;
}

/** Uploads by a URL that was signed this many seconds ago. */
async function putLate({ upload_url, attachment_id }: UploadPermission, { server }: Stage, seconds: number) {
  const [hour = "", , token = ""] = keyOf(upload_url).split("/").slice(1);
  const named = { attachment_id, created_at: Date.parse(`${hour}:00Z`), key_token: token };
  const upload = { ...named, content_type: "image/png", file_size: PNG.length };
  const url = await presignUpload(storageOf(), upload, server.url, Date.now() - seconds * 1000);
  return await put(url, PNG, uploadHeaders(upload));
}

const MISMATCH = "SignatureDoesNotMatch";

/** Each is answered with 403 and this code. */
const REFUSALS: [string, string, Attempt][] = [
  ["a longer body", MISMATCH, (p) => put(p.upload_url, bytes(PNG, 0), p.headers)],
  ["a shorter body", MISMATCH, (p) => put(p.upload_url, PNG.subarray(1), p.headers)],
  ["no length", MISMATCH, (p) => put(p.upload_url, inChunks(PNG), p.headers)],
  ["another type", MISMATCH, (p) => put(p.upload_url, PNG, { ...p.headers, "Content-Type": "text/html" })],
  ["no type", MISMATCH, (p) => put(p.upload_url, PNG, {})],
  [
    "another object",
    MISMATCH,
    (p, { conversation }) =>
      put(p.upload_url.replace(p.attachment_id, newAttachmentId(conversation)), PNG, p.headers),
  ],
  ["a further parameter", MISMATCH, (p) => put(`${p.upload_url}&x-amz-copy-source=/x/y`, PNG, p.headers)],
  [
    "a longer life",
    MISMATCH,
    (p) => put(p.upload_url.replace("Expires=900", "Expires=9000"), PNG, p.headers),
  ],
  ["reading by the URL", MISMATCH, (p) => get(p.upload_url)],
  ["an expired URL", "ExpiredRequest", (p, stage) => putLate(p, stage, UPLOAD_URL_TTL_SECONDS + 1)],
];

/** The tests. @param stage as it is once the tests run. */
export function rules(stage: () => Stage): void {
  for (const [name, code, attempt] of REFUSALS) {
    it(`[R26] ${name}: 403 ${code}, nothing is stored, and nothing can be sent`, async () => {
      const permission = await stage().ask(PNG.length);
      assert.deepEqual(await attempt(permission, stage()), [403, code]);
      assert.equal(await stage().bucket.size(keyOf(permission.upload_url)), undefined);
      await assert.rejects(stage().send(permission.attachment_id), { code: "INVALID_ATTACHMENT" });
    });
  }

  it("[R26] a URL that is nearly expired is still good", async () => {
    const permission = await stage().ask(PNG.length);
    assert.deepEqual(await putLate(permission, stage(), UPLOAD_URL_TTL_SECONDS - 30), [200, ""]);
  });

  it("[R26 ATT-1] a PUT with the type and the bytes alone is all it takes; a second one changes nothing", async () => {
    const { server, bob } = stage();
    const { upload_url, attachment_id } = await stage().ask(PNG.length);
    const guide = { "Content-Type": "image/png" };
    const other = PNG.map((byte, i) => (i === PNG.length - 1 ? byte ^ 1 : byte));
    assert.deepEqual(await put(upload_url, PNG, guide), [200, ""]);
    const message = await stage().send(attachment_id);
    const url = server.url + message.attachments[0]?.url;
    for (const later of [other, PNG, HTML.slice(0, PNG.length)]) {
      if (later.length === PNG.length) assert.deepEqual(await put(upload_url, later, guide), [200, ""]);
      const served = await fetch(url, { headers: bob.headers });
      assert.deepEqual([served.status, new Uint8Array(await served.arrayBuffer())], [200, PNG]);
    }
  });

  for (const mime_type of [
    "image/jpg",
    "IMAGE/JPEG",
    "audio/webm;codecs=opus",
    'Audio/WebM; codecs="opus"; rate=48000',
    "audio/webm;  codecs=opus",
    "video/mp4; codecs=avc1,mp4a",
  ]) {
    it(`[R26 ATT-3] ${mime_type} is PUT as it was asked for`, async () => {
      const attachment_type = mime_type.toLowerCase().split("/")[0] as "image" | "audio" | "video";
      const { upload_url } = await stage().ask(PNG.length, { mime_type, attachment_type });
      assert.deepEqual(await put(upload_url, PNG, { "Content-Type": mime_type }), [200, ""]);
    });
  }

  it("[R26 ATT-10] no other file can be named as the source of a copy", async () => {
    const { server, bob, conversation, bucket } = stage();
    const first = await stage().ask(PNG.length);
    await put(first.upload_url, PNG, first.headers);
    const { attachment_id } = first;
    const url = server.url + (await stage().send(attachment_id)).attachments[0]?.url;
    const guesses = [
      `${conversation}/${attachment_id}`,
      `${conversation}/${attachment_id}/checked`,
      `${conversation}/${attachment_id}/${"0".repeat(32)}`,
      // Where it was uploaded, which its uploader knows: it was moved away.
      keyOf(first.upload_url),
    ];
    for (const guess of guesses) {
      const { upload_url, headers } = await stage().ask(PNG.length);
      const source = { ...headers, "x-amz-copy-source": `/rocket-chat-attachments/${guess}` };
      const [status] = await put(upload_url, PNG, source);
      assert.ok(status >= 400, `${guess}: ${status}`);
      assert.equal(await bucket.size(keyOf(upload_url)), undefined);
    }
    assert.equal((await fetch(url, { headers: bob.headers })).status, 200);
  });

  it("[R26] HTML renamed to .png: 400 INVALID_ATTACHMENT on send, and the bytes are gone", async () => {
    const { upload_url, headers, attachment_id } = await stage().ask(HTML.length);
    assert.deepEqual(await put(upload_url, HTML, headers), [200, ""]);
    await assert.rejects(stage().send(attachment_id), { code: "INVALID_ATTACHMENT" });
    assert.equal(await stage().bucket.size(keyOf(upload_url)), undefined);
  });

  it("[R26] an independent S3 client signs the same, and is held to the same rules", async () => {
    const { bucket } = stage();
    const { upload_url, headers, attachment_id } = await stage().ask(PNG.length);
    const all = { ...headers, "Content-Length": String(PNG.length) };
    const signature = new URL(upload_url).searchParams.get("X-Amz-Signature");
    assert.equal(await bucket.signature(upload_url, all), signature);
    await bucket.put(keyOf(upload_url), PNG, "image/png");
    assert.equal(await bucket.size(keyOf(upload_url)), PNG.length);
    assert.equal((await stage().send(attachment_id)).attachments[0]?.width, 3);
    assert.equal(await bucket.size(keyOf(upload_url)), undefined);
  });
}
