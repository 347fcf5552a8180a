// A page with hooks on a server. Node.js 24 has a WebSocket: it is taken away, and so is fetch.
import { ChatClient } from "@rocket-chat-api/client";
import { ChatProvider, useConnection, useConversations } from "@rocket-chat-api/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

let opened = 0;
globalThis.WebSocket = class {
  constructor() {
    opened += 1;
  }
};
globalThis.fetch = () => {
  opened += 1;
  return Promise.reject(new Error("nothing is to be asked"));
};

function Page() {
  return createElement("p", null, `${useConversations().total} conversations, ${useConnection().status}`);
}

const client = new ChatClient({ url: "https://chat.example.com", token: () => "" });
console.log(renderToString(createElement(ChatProvider, { client }, createElement(Page))));
await new Promise((resolve) => setTimeout(resolve, 50));
console.log(opened === 0 ? "nothing was opened" : `${opened} times something was opened`);
process.exit();
