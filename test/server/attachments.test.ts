/**
 * Attachments against a real server, whose local S3 endpoint checks signatures as R2 does
 * (`npm run test:attachments`): the guide's three steps with curl alone, what the signed URL refuses, an independent
 * S3 client, and a file of 100 MB.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, it, type TestContext } from "node:test";
import { Message, MessagePage, UploadPermission } from "@rocket-chat-api/protocol";
import { Person } from "../../scripts/person.ts";
import { phonePhoto } from "../attachments/samples.ts";
import { GuideClient } from "../contract/guide-client.ts";
import { curl, curlJson, put, watchMemory } from "./attachments-http.ts";
import { rules } from "./attachments-rules.ts";
import { PNG, Stage } from "./attachments-stage.ts";

const MIB = 1024 * 1024;
/** What the server's memory may grow by while a file of 100 MB passes. */
const MAX_GROWTH = 50 * MIB;

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(async () => {
  await stage?.close();
});

const bearer = (person: Person) => ["-H", `Authorization: ${person.headers.authorization}`];

/** The guide's three steps with curl. */
async function threeSteps(file: string): Promise<Message> {
  const { server, alice, conversation } = stage;
  const api = `${server.url}/api/v1`;
  const json = (body: object) => [...bearer(alice), "-d", JSON.stringify(body)];
  const jpeg = { file_name: "photo.jpg", mime_type: "image/jpeg" };
  const request = stage.request(readFileSync(file).length, jpeg);
  const answer = await curlJson(`${api}/messages/attachments/upload-url`, json(request));
  const { upload_url, attachment_id } = UploadPermission.parse(answer);
  await curl(upload_url, ["-T", file, "-H", "Content-Type: image/jpeg"]);
  const message = { type: "image", content: "Caption text", attachment_id };
  return Message.parse(await curlJson(`${api}/conversations/${conversation}/messages`, json(message)));
}

/** Uploads a file with curl and sends it. @returns where it is served. */
async function sendBig(file: string): Promise<string> {
  const type = { mime_type: "application/octet-stream", attachment_type: "file" } as const;
  const permission = await stage.ask(readFileSync(file).length, { file_name: "big.bin", ...type });
  const headers = Object.entries(permission.headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  await curl(permission.upload_url, ["-T", file, ...headers]);
  return stage.server.url + (await stage.send(permission.attachment_id, "file")).attachments[0]?.url;
}

describe("attachments on a real server", () => {
  it("[R26 GUIDE-1.6] the guide's three steps, with curl alone; what the camera noted is gone", async () => {
    const [file, copy] = [stage.path("photo.jpg"), stage.path("copy.jpg")];
    writeFileSync(file, phonePhoto());
    const [shown] = (await threeSteps(file)).attachments;
    assert.deepEqual([shown?.width, shown?.height, shown?.type], [32, 48, "image"]);
    await curl(stage.server.url + shown?.url, [...bearer(stage.bob), "-o", copy]);
    assert.equal(readFileSync(copy).length, shown?.file_size);
    assert.equal(readFileSync(copy).includes("RocketCam"), false);
  });

  it("[R26 GUIDE-1.6] a client of the guide takes its three steps, with `Content-Type` and the bytes alone", async () => {
    const { url } = stage.server;
    const transport = {
      fetch: (path: string, init: RequestInit) => fetch(url + path, init),
      open: () => Promise.reject(new Error("no socket is needed")),
    };
    const client = new GuideClient(transport, stage.alice.headers.authorization.replace("Bearer ", ""));
    const conversation = (await client.createGroup([stage.bob.user_id])).body.conversation_id;
    const photo = phonePhoto();
    const { attachment_id, upload_url } = (await client.getUploadUrl(conversation, photo.length)).body;
    assert.deepEqual(await put(upload_url, photo, { "Content-Type": "image/jpeg" }), [200, ""]);
    const sent = await client.sendImage(conversation, attachment_id);
    assert.deepEqual([sent.status, sent.body.type, sent.body.content], [201, "image", "Caption text"]);
    const [shown] = (await client.getMessages(conversation)).body.messages;
    assert.deepEqual([shown?.type, shown?.attachments.length], ["image", 1]);
  });

  it("[R26] the URL is at the address that the client has used", async () => {
    const elsewhere = stage.server.url.replace("127.0.0.1", "localhost");
    const alice = await Person.of("alice", elsewhere, stage.server.secret);
    const path = "/messages/attachments/upload-url";
    const { body } = await alice.api(UploadPermission, "POST", path, stage.request(PNG.length));
    assert.equal(new URL(body.upload_url).origin, elsewhere);
    assert.deepEqual(await put(body.upload_url, PNG, body.headers), [200, ""]);
  });

  rules(() => stage);

  it("[R17 R26] messages that are deleted for everyone leave nothing in the bucket", async () => {
    const { server, alice, conversation } = stage;
    const path = `/conversations/${conversation}/messages?limit=100`;
    const page = (await alice.api(MessagePage, "GET", path)).body;
    const mine = page.messages.filter((message) => message.attachments.length > 0);
    assert.equal(mine.length, 4);
    for (const { message_id } of mine) {
      const url = `${server.url}/api/v1/messages/${message_id}?delete_for_everyone=true`;
      assert.equal((await fetch(url, { method: "DELETE", headers: alice.headers })).status, 204);
    }
    const ids = mine.flatMap((message) => message.attachments.map((one) => one.attachment_id));
    const left = async () => (await Promise.all(ids.map((id) => stage.stored(id)))).filter(Boolean);
    for (let tries = 0; tries < 20 && (await left()).length > 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(await left(), []);
    // The cron trigger finds nothing wrong with that.
    assert.equal((await fetch(`${server.url}/cdn-cgi/local/scheduled`)).status, 200);
  });

  it("[R26] 100 MB up and down with the server's memory flat, and a range in the middle", async (t: TestContext) => {
    const { server, bob } = stage;
    const [file, copy] = [stage.path("big.bin"), stage.path("copy.bin")];
    const content = randomBytes(100 * MIB);
    // What the runtime takes for buffers at first, it keeps.
    writeFileSync(file, content.subarray(0, 25 * MIB));
    await sendBig(file);
    writeFileSync(file, content);
    const memory = watchMemory(() => server.memory());
    const url = await sendBig(file);
    await curl(url, [...bearer(bob), "-o", copy]);
    const { before: atRest, peak } = memory.stop();
    t.diagnostic(`memory at rest ${Math.round(atRest / MIB)} MiB, peak ${Math.round(peak / MIB)} MiB`);
    assert.ok(readFileSync(copy).equals(content));
    assert.ok(peak - atRest < MAX_GROWTH);
    const [from, to] = [50 * MIB - 5, 51 * MIB + 6];
    const part = await fetch(url, { headers: { ...bob.headers, range: `bytes=${from}-${to}` } });
    const range = `bytes ${from}-${to}/${content.length}`;
    assert.deepEqual([part.status, part.headers.get("content-range")], [206, range]);
    assert.ok(Buffer.from(await part.arrayBuffer()).equals(content.subarray(from, to + 1)));
  });
});
