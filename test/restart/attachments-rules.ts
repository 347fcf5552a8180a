/** What a signed URL permits, and what it refuses: by our own requests and by an independent S3 client's. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { presignUpload, uploadHeaders } from "../../src/attachments/presign.ts";
import { newAttachmentId, UPLOAD_URL_TTL_SECONDS, type UploadPermission } from "../../src/protocol/index.ts";
import { bytes, HTML } from "../attachments/samples.ts";
import { get, put } from "./attachments-http.ts";
import { storageOf } from "./attachments-s3.ts";
import { PNG, type Stage } from "./attachments-stage.ts";

type Attempt = (permission: UploadPermission, stage: Stage) => Promise<[number, string]>;

/** Bytes whose number is not known beforehand. */
async function* inChunks(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  yield whole;
}

/** Uploads by a URL that was signed this many seconds ago. */
async function putLate({ attachment_id }: UploadPermission, { server }: Stage, seconds: number) {
  const upload = { attachment_id, mime_type: "image/png", file_size: PNG.length };
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
  ["no overwrite guard", MISMATCH, (p) => put(p.upload_url, PNG, { "Content-Type": "image/png" })],
  [
    "another object",
    MISMATCH,
    (p, { conversation }) =>
      put(p.upload_url.replace(p.attachment_id, newAttachmentId(conversation)), PNG, p.headers),
  ],
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
      assert.equal(await stage().stored(permission.attachment_id), undefined);
      await assert.rejects(stage().send(permission.attachment_id), { code: "INVALID_ATTACHMENT" });
    });
  }

  it("[R26] a URL that is nearly expired is still good", async () => {
    const permission = await stage().ask(PNG.length);
    assert.deepEqual(await putLate(permission, stage(), UPLOAD_URL_TTL_SECONDS - 30), [200, ""]);
  });

  it("[R26] a second PUT: 412, before the message and after it", async () => {
    const { server, bob } = stage();
    const { upload_url, headers, attachment_id } = await stage().ask(PNG.length);
    const other = PNG.map((byte, i) => (i === PNG.length - 1 ? byte ^ 1 : byte));
    assert.deepEqual(await put(upload_url, PNG, headers), [200, ""]);
    assert.deepEqual(await put(upload_url, other, headers), [412, "PreconditionFailed"]);
    const message = await stage().send(attachment_id);
    assert.deepEqual(await put(upload_url, other, headers), [412, "PreconditionFailed"]);
    const served = await fetch(server.url + message.attachments[0]?.url, { headers: bob.headers });
    assert.deepEqual(new Uint8Array(await served.arrayBuffer()), PNG);
  });

  it("[R26] HTML renamed to .png: 400 INVALID_ATTACHMENT on send, and the bytes are gone", async () => {
    const { upload_url, headers, attachment_id } = await stage().ask(HTML.length);
    assert.deepEqual(await put(upload_url, HTML, headers), [200, ""]);
    await assert.rejects(stage().send(attachment_id), { code: "INVALID_ATTACHMENT" });
    assert.equal(await stage().stored(attachment_id), undefined);
  });

  it("[R26] an independent S3 client signs the same, and is held to the same rules", async () => {
    const { bucket, conversation } = stage();
    const { upload_url, headers, attachment_id } = await stage().ask(PNG.length);
    const all = { ...headers, "Content-Length": String(PNG.length) };
    const signature = new URL(upload_url).searchParams.get("X-Amz-Signature");
    assert.equal(await bucket.signature(upload_url, all), signature);
    const upload = () => bucket.put(conversation, attachment_id, PNG, "image/png");
    await upload();
    assert.equal(await stage().stored(attachment_id), PNG.length);
    await assert.rejects(upload(), { name: "PreconditionFailed" });
    assert.deepEqual(await put(upload_url, PNG, headers), [412, "PreconditionFailed"]);
    assert.equal((await stage().send(attachment_id)).attachments[0]?.width, 3);
  });
}
