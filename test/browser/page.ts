/**
 * The page of the test, an app in small: the built client with a socket whose server is the test. It is sent to the
 * browser without its types (site.ts).
 */
import { ChatClient, type SocketEvents } from "@rocket-chat-api/client";
import { type ClickTarget, linkPushWorker, Push, watchForeground } from "@rocket-chat-api/client/push";

const user_id = "00000000-0000-4000-8000-00000000000a";
const token = `e30.${btoa(JSON.stringify({ sub: user_id, exp: Math.floor(Date.now() / 1000) + 3600 }))}.e30`;
let events: SocketEvents | undefined;
const client = new ChatClient({
  url: location.origin,
  token: () => token,
  auth: "token",
  device_id: "browser-1",
  openSocket: (_url, its) => {
    events = its;
    const established = { user_id, connection_id: "c", features: [] };
    setTimeout(() => its.heard(JSON.stringify({ type: "connection.established", data: established })));
    // Every command is acknowledged, and has nothing to tell.
    const send = (frame: string): void => {
      const { request_id } = JSON.parse(frame) as { request_id?: string };
      const ack = { type: "ack", request_id, data: { failed: {} } };
      setTimeout(() => its.heard(JSON.stringify(ack)));
    };
    return { send, close: () => undefined };
  },
});
const push = new Push(client);
const opened: ClickTarget[] = [];

const chat = {
  push,
  client,
  /** What clicks on notifications have asked for. */
  opened,
  /** The server says something over the socket. */
  hear: (event: object): void => events?.heard(JSON.stringify(event)),
};
declare global {
  interface Window {
    chat: typeof chat;
  }
}

await navigator.serviceWorker.register("/service-worker.js?icon=/icon.png");
const registration = await navigator.serviceWorker.ready;
client.start();
watchForeground(push, document);
linkPushWorker(push, {
  registration,
  open: (target) => {
    opened.push(target);
    push.setConversation(target.conversation_id);
  },
});
window.chat = chat;
