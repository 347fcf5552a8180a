// The client, the library for backends and the facts of the protocol, against the server in CHAT_URL.
import { ChatClient, openWith } from "@rocket-chat-api/client";
import { ERRORS } from "@rocket-chat-api/protocol/facts";
import { serverToken } from "@rocket-chat-api/server";
import { WebSocket as Ws } from "ws";

const { CHAT_URL = "", CHAT_TOKEN = "", CHAT_ID = "" } = process.env;
const [major] = process.versions.node.split(".");
console.log(`Node.js ${major}, WebSocket: ${typeof WebSocket !== "undefined"}`);

const options = { url: CHAT_URL, token: () => CHAT_TOKEN, auth: "token" };
const idle = new ChatClient(options);
console.log(`made without a socket: ${idle.status}`);

const client = new ChatClient({ ...options, openSocket: openWith(Ws) });
const content = `Hello from Node.js ${major}`;
const heard = new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("nothing was heard")), 20_000).unref();
  client.on("error", reject);
  client.on("state", ({ messages }) => {
    const said = messages.find((one) => one.content === content);
    if (said) resolve(said);
  });
});
client.start();
await client.send(CHAT_ID, { content });
console.log(`said over ws: ${(await heard).content}`);
client.stop();

const token = await serverToken({ secret: "x".repeat(32), scopes: ["users"] });
console.log(`the backend's token: ${JSON.parse(atob(token.split(".")[1])).scope}`);
console.log(`facts: ${ERRORS.NOT_FOUND.status}`);
process.exit();
