/** The example of a backend, and the same in Python, against a real server (`npm run test:shop`). */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { ApiError, ChatServer, userToken } from "@rocket-chat-api/server";
import { DevServer } from "../../scripts/serve.ts";
import { ROOT } from "../../scripts/tools.ts";

let server: DevServer;
before(async () => {
  server = await DevServer.create();
});
after(async () => {
  await server?.stop();
  server?.dispose();
});

describe("the app's own backend", () => {
  it("[R28 SHOP-1] an order is placed, its conversation opened, both sides talk, the order closes", () => {
    const args = ["examples/shop-backend/demo.ts", "--url", server.url, "--secret", server.secret];
    const said = execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    assert.match(
      said,
      /^System: The group was created\nSystem: Order \d+ was placed\nCleo: When will it arrive\?\nSam's Shop: Tomorrow\nSystem: Order \d+ is closed\nSystem: The app changed the settings\nNobody writes any more\.\n$/,
    );
  });

  it("[R28 SHOP-2] the same with Python's standard library alone", (context) => {
    if (spawnSync("python3", ["--version"]).status !== 0) return context.skip("there is no python3");
    const env = { ...process.env, CHAT_URL: server.url, CHAT_SECRET: server.secret };
    const said = execFileSync("python3", ["examples/shop_backend.py"], { cwd: ROOT, encoding: "utf8", env });
    assert.match(said, /Cleo: When will it arrive\?\nSam's Shop: Tomorrow\nSystem: The order is closed\n/);
  });

  it("[R28 SHOP-3] the library: a user's token is that of the user that `ext:` names; deletion is a job; refusals are errors", async () => {
    const { url, secret } = server;
    const chat = new ChatServer({ url, secret });
    const made = await chat.putUser("ext:zoe@example.com", { display_name: "Zoe" });
    const token = await userToken({ secret, sub: "zoe@example.com" });
    const me = await fetch(`${url}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual((await me.json()).user_id, made.user_id);
    assert.equal((await chat.as("ext:zoe@example.com").me()).display_name, "Zoe");
    const { conversation_id } = await chat.createConversation({
      type: "group",
      participants: [made.user_id],
    });
    const { job_id } = await chat.deleteConversation(conversation_id);
    assert.equal((await chat.waitForJob(job_id)).status, "done");
    const narrow = new ChatServer({ url, secret, scopes: ["stats"] });
    await assert.rejects(narrow.putUser(made.user_id), (error) => {
      return error instanceof ApiError && error.code === "FORBIDDEN" && error.details?.scope === "users";
    });
  });
});
